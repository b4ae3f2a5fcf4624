"""A study on a panel that need not fit into memory: its blocks are read and scanned by workers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from backtest.errors import NoEvents, StudyRefused
from backtest.execution.choose import executor_of
from backtest.execution.executor import Executor, in_order
from backtest.inference.panel_sums import PanelSums
from backtest.model import Dataset, Ints, Sessions, horizons_of
from backtest.model.panel import Panel
from backtest.model.panel_source import PanelBlock, PanelSource
from backtest.panel.base_rates import BaseRates
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_detection import sample_window_of
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_frames import events_frame, horizons_frame
from backtest.panel.panel_inference import PanelInference, circle_of, inference_of, kept_of, span_of, weights_of
from backtest.panel.panel_study import plan_on_panel
from backtest.panel.scan_blocks import (
    BlockScan,
    BlockTask,
    ShiftPiece,
    pieces_of,
    refuse_whole_panel,
    scan_blocks,
    shift_blocks,
)
from backtest.plan import Plan
from backtest.spec.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

SCAN_ROWS, SHIFT_ROWS = 16_000_000, 4_000_000
"""Closes of a piece of work: about a second each, with detectors that run on many assets at once."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class PanelScan:
    """What a detector found on the assets of a panel that is read in blocks, and what came next.

    Attributes
    ----------
    strategy : Strategy
        What was asked.
    assets : tuple of str
        Their names, in the order of the columns.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        Of the panel.
    simulated : bool
        Whether any of it is simulated.
    found : PanelEvents
        The events; `eligible` has one column, how many assets are eligible on each session.
    forward : PanelForward
        What came next, and the base rate.
    inference : PanelInference or None
        By horizon; None where the scan was asked for no verdict.
    """

    strategy: Strategy
    assets: tuple[str, ...]
    sessions: Sessions
    simulated: bool
    found: PanelEvents
    forward: PanelForward
    inference: PanelInference | None

    @property
    def events(self) -> pd.DataFrame:
        """One row per event: asset, day 0, and its spread at every horizon as a fraction; missing if not complete."""
        return events_frame(self.assets, self.sessions, self.found, self.forward)

    @property
    def horizons(self) -> pd.DataFrame:
        """One row per horizon, as of `PanelStudy`; without a verdict, no intervals, no detectable effects and no p."""
        return horizons_frame(self.forward, self.inference)

    def __repr__(self) -> str:
        label = "SIMULATED DATA, " if self.simulated else ""
        return (
            f"PanelScan({label}{self.strategy.name}: {len(self.found):,} events on "
            f"{len(np.unique(self.found.asset)):,} of {len(self.assets):,} assets, "
            f"{len(np.unique(self.found.day0)):,} dates)"
        )


def scan_panel(
    strategy: Strategy,
    source: PanelSource | None,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    verdict: bool = True,
    allow_lookahead: bool = False,
    progress: Progress | None = None,
) -> PanelScan:
    """Run a strategy on every asset of a panel, reading one block of assets after another.

    The numbers are those of `study_panel` on the whole panel, but for rounding, and the same bytes whatever the number
    of workers and whoever they are.

    Parameters
    ----------
    strategy : Strategy
        As of `study_panel`; its benchmark, if there is one, is a common series.
    source : PanelSource
        ``load_dataset(folder).panel``; a dataset without a panel has none, which is refused.
    workers : int, optional
        Processes of this machine; by default one per core.
    cluster : str, optional
        The address of a Dask scheduler instead, as ``tcp://10.0.0.1:8786``: its workers read the blocks themselves, so
        the dataset's folder must have the same path there. Needs the extra ``scale``.
    verdict : bool
        Move the events by every shift, too, which reads all blocks once more.
    allow_lookahead : bool
        Run your own detector even if it looks ahead.
    progress : callable, optional
        Called with the number of finished pieces of work and of all pieces.

    Raises
    ------
    StudyRefused
        The strategy measures something else than the asset itself, or needs all assets at the same time; or there is no
        panel.
    LooksAhead
        A detector looks ahead, as sampled on the asset of the first block with most closes, and this is not allowed.
    NoEvents
        The detector found nothing.
    ExecutionRefused
        Workers were lost again and again, or the cluster cannot be used.
    """
    if source is None or not source.blocks:
        raise StudyRefused(
            f"{strategy.place}: the dataset has no panel to scan.", "Name one that has, as sample-panel."
        )
    refuse_whole_panel(strategy)
    sample = source.read_block(source.blocks[0], source.fields)
    plan = Plan(strategy, Dataset("panel", "panel", sample.simulated, "", sample.prices(0)))
    plan, _ = plan_on_panel(plan, sample, allow_lookahead=allow_lookahead)
    weight = plan.strategy.study.weight if plan.strategy.study is not None else "event"
    horizons = horizons_of(plan.strategy.measure.horizons, sample.common.sessions_a_year)
    task = BlockTask(plan.strategy, source, sample_window_of(sample, plan.strategy), horizons, weight)
    with executor_of(workers, cluster) as executor, plan.errors_located():
        return _Scanner(executor, task, sample, progress, verdict).scan()


class _Scanner:
    """Runs the two passes over the blocks."""

    def __init__(
        self, executor: Executor, task: BlockTask, sample: Panel, progress: Progress | None, verdict: bool
    ) -> None:
        self._executor, self._task, self._sample, self._verdict = executor, task, sample, verdict
        self._scans = pieces_of(task.source.blocks, SCAN_ROWS)
        self._shifts = pieces_of(task.source.blocks, SHIFT_ROWS) if verdict else []
        self._progress, self._done = progress, 0

    def scan(self) -> PanelScan:
        """Return the result of all blocks."""
        task, common = self._task, self._sample.common
        base = BaseRates(len(common), len(task.horizons), task.weight)
        eligible = np.zeros(len(common), dtype=np.int64)
        parts: list[BlockScan] = []
        for part in in_order(self._executor, scan_blocks, task, self._scans, self._tell):
            base.include(part.base)
            eligible += part.eligible
            parts.append(part)
        asset, day0, knowable = (_joined(parts, name) for name in ("asset", "day0", "knowable"))
        found = PanelEvents(asset, day0, knowable, eligible[:, None])
        if not len(found):
            raise NoEvents(f"no event on {len(task.source.assets):,} assets.", "Loosen the detector's threshold.")
        mean, rate = base.rates()
        legs = _joined(parts, "returns"), _joined(parts, "benchmark")
        forward = PanelForward(task.horizons, *legs, mean, base.complete, rate, found.day0, task.weight)
        return PanelScan(
            task.strategy,
            task.source.assets,
            common.sessions,
            self._sample.simulated,
            found,
            forward,
            self._inference(found, forward) if self._verdict else None,
        )

    def _inference(self, found: PanelEvents, forward: PanelForward) -> PanelInference:
        circle, weights = circle_of(self._sample, forward.horizons, span_of(found)), weights_of(forward)
        sums = PanelSums(circle)
        pieces = [ShiftPiece(blocks, weights[_of(found.asset, blocks)]) for blocks in self._shifts]
        for part in in_order(self._executor, shift_blocks, (self._task, circle), pieces, self._tell):
            sums.add(part)
        return inference_of(sums, forward, found, kept_of(found, forward), weights)

    def _tell(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, len(self._scans) + len(self._shifts))


def _joined(parts: list[BlockScan], name: str) -> Any:  # noqa: ANN401  an array
    return np.concatenate([getattr(part, name) for part in parts])


def _of(asset: Ints, blocks: tuple[PanelBlock, ...]) -> slice:
    """Return the events of some blocks: they are in the order of the assets."""
    first, stop = blocks[0].first, blocks[-1].first + len(blocks[-1])
    begin, end = np.searchsorted(asset, [first, stop])
    return slice(int(begin), int(end))
