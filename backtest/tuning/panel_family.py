"""The p of every look at a panel: each distinct set of events is one piece of work, moved as a study moves its own."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from backtest.execution.executor import Executor
from backtest.files import write_file
from backtest.inference.circular_shift import shift_p_values
from backtest.inference.effect import ENOUGH
from backtest.inference.multiple import in_units
from backtest.model import Floats, Ints
from backtest.model.panel_source import PanelSource
from backtest.panel.event_sums import EventsPart, sums_of_parts
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import ends_of, kept_of, look_of
from backtest.spec.strategy import Strategy
from backtest.tuning.panel_base import PanelBase
from backtest.tuning.panel_trials import PanelTrial


@dataclass(frozen=True, eq=False)
class Moved:
    """What one set of events gave under every shift; arrays of shape (n_horizons,), NaN where nothing was tried.

    Attributes
    ----------
    p_value, low, high : ndarray
        Its own p, and the 95% interval of its effect.
    unit : ndarray
        Root mean square of S_k over all shifts.
    statistics : tuple of ndarray of shape (M,), single precision
        S_k in that unit; entry 0 is observed. Empty where nothing was tried.
    """

    p_value: Floats
    low: Floats
    high: Floats
    unit: Floats
    statistics: tuple[np.ndarray, ...]

    def to_bytes(self) -> bytes:
        """Return it as a file holds it."""
        file, names = io.BytesIO(), [f"at{column}" for column in range(len(self.statistics))]
        figures = np.array([self.p_value, self.low, self.high, self.unit])
        np.savez(file, allow_pickle=False, figures=figures, **dict(zip(names, self.statistics, strict=True)))
        return file.getvalue()

    @classmethod
    def read(cls, path: Path) -> Moved | None:
        """Read a file; None if there is none, or none that is whole."""
        try:
            with path.open("rb") as file, np.load(file) as held:
                p, low, high, unit = held["figures"]
                return cls(p, low, high, unit, tuple(held[f"at{column}"] for column in range(len(p))))
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None


@dataclass(frozen=True, eq=False)
class SetOfEvents:
    """A piece of work: the number of a distinct set of events, that of its base, and the events as they were measured.

    `path` is where the result is stored; None keeps it in memory.
    """

    number: int
    base: int
    asset: Ints
    day0: Ints
    forward: PanelForward
    path: Path | None


class PanelWork:
    """What all pieces share: where the panel is read, and the bases; a worker makes them anew.

    Parameters
    ----------
    source : PanelSource
        Where a worker reads the panel.
    bases : sequence of PanelBase
        What the sets are compared with.
    """

    def __init__(self, source: PanelSource, bases: Sequence[PanelBase]) -> None:
        self._source, self.bases = source, list(bases)

    def __reduce__(self) -> tuple[Any, ...]:
        of = [(base.strategy, base.horizons, np.packbits(base.eligible), base.eligible.shape) for base in self.bases]
        return _Unread, (self._source, of)


class _Unread:
    """A `PanelWork` in a worker: the panel is read when the first piece asks for it."""

    def __init__(self, source: PanelSource, of: list[tuple[Strategy, Any, np.ndarray, tuple[int, int]]]) -> None:
        self._source, self._of = source, of

    @cached_property
    def bases(self) -> list[PanelBase]:
        panel = self._source.read()
        made = []
        for strategy, horizons, packed, shape in self._of:
            eligible = np.unpackbits(packed, count=shape[0] * shape[1]).astype(np.bool_).reshape(shape)
            made.append(PanelBase(panel, strategy, horizons, np.asfortranarray(eligible)))
        return made


def move_sets(
    trials: Sequence[PanelTrial], work: PanelWork, executor: Executor, folder: Path | None, tell: Callable[[int], None]
) -> list[Moved]:
    """Move the events of each distinct set along the calendar.

    Parameters
    ----------
    trials : sequence of PanelTrial
        One of each distinct set.
    work : PanelWork
        The panel and the bases.
    executor : Executor
        Who computes.
    folder : Path or None
        Where what is done is stored, and found again.
    tell : callable
        Called with the number of sets done.
    """
    numbers = {id(base): at for at, base in enumerate(work.bases)}
    paths = [None if folder is None else folder / f"{number:06d}.npz" for number in range(len(trials))]
    stored = {number: Moved.read(path) for number, path in enumerate(paths) if path is not None}
    results = {number: one for number, one in stored.items() if one is not None}
    tell(len(results))
    pieces = [
        SetOfEvents(number, numbers[id(one.base)], one.asset, one.day0, one.forward, paths[number])
        for number, one in enumerate(trials)
        if number not in results
    ]
    for piece, moved in executor.run(_moved, work, pieces):
        if piece.path is not None:
            write_file(piece.path, moved.to_bytes())
        results[piece.number] = moved
        tell(len(results))
    return [results[number] for number in range(len(trials))]


def _moved(work: PanelWork, piece: SetOfEvents) -> Moved:
    """Move one set of events, with the numbers that `infer_on_panel` has."""
    base, forward = work.bases[piece.base], piece.forward
    events = PanelEvents(piece.asset, piece.day0, piece.day0, base.eligible)
    kept = kept_of(events, forward)
    whole = EventsPart(np.ones(len(events), dtype=np.bool_), base.circle)
    [sums] = sums_of_parts(base.panel, events, forward, base.benchmark, [whole])
    p, low, high, unit = np.full((4, len(base.horizons)), np.nan)
    statistics = []
    for column, rate in enumerate(forward.base):
        look = look_of(sums, column, float(rate), forward.weight)
        cell = np.zeros(0) if look is None else np.nan_to_num(look.statistic)
        statistics.append(in_units(cell) if len(cell) else np.zeros(0, dtype=np.float32))
        if look is None:
            continue
        p[column], unit[column] = float(shift_p_values(cell[None])[0]), float(np.sqrt(np.mean(cell**2)))
        ends = ends_of(look, float(kept[column])) if kept[column] >= ENOUGH else None
        if ends is not None:
            low[column], high[column] = ends
    return Moved(p, low, high, unit, tuple(statistics))


class PanelLooks:
    """The looks of distinct sets, as `backtest.tuning.family.adjust_looks` asks for them."""

    def __init__(self, moved: Sequence[Moved]) -> None:
        self._moved = moved

    def p_value(self, number: int, column: int) -> float:
        """Return its own p; NaN where nothing was tried."""
        return float(self._moved[number].p_value[column])

    def observed(self, number: int, column: int) -> float:
        """Return the size observed; NaN where nothing was tried."""
        statistic = self._moved[number].statistics[column]
        return abs(float(statistic[0])) if len(statistic) else float("nan")

    def length(self, number: int, column: int) -> int:
        """Return the number of shifts."""
        return len(self._moved[number].statistics[column])

    def sizes(self, number: int, column: int) -> np.ndarray:
        """Return the sizes under every shift, the observed one first."""
        return np.asarray(np.abs(self._moved[number].statistics[column]))
