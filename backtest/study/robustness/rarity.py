"""How rare the condition is: how often its neighbours occurred in the same sample window. It does not use returns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from backtest.detect.episodes import find_episodes
from backtest.detect.tree import Single
from backtest.errors import BacktestError, StrategyInvalid
from backtest.format import plural, threshold, times
from backtest.model import Condition, Detection
from backtest.plan import Plan
from backtest.untyped import Parameters

AROUND = (-2, -1, 0, 1, 2)
"""How many sessions, and how many steps of the threshold, the neighbours are away: at most 25 conditions."""

Key = tuple[int | None, float | None]


@dataclass(frozen=True)
class Cell:
    """One condition of the neighbourhood; sessions or threshold are None if the detector has none.

    Attributes
    ----------
    episodes : int or None
        Runs whose trigger lies in the sample window; None if the detector gave no answer.
    met : int or None
        Sessions of the sample window on which it is met.
    """

    sessions: int | None
    threshold: float | None
    episodes: int | None
    met: int | None
    own: bool


@dataclass(frozen=True)
class Rarity:
    """The neighbourhood of a condition.

    Attributes
    ----------
    sessions_key, threshold_key : str or None
        The varied parameters, as the strategy names them; None if the detector has none.
    unit : str
        Unit of the threshold, as the detector declares it; may be empty.
    cells : tuple of Cell
        Ordered by sessions, then by threshold.
    failed : str
        Why a neighbour has no numbers; empty if all have.
    """

    sessions_key: str | None
    threshold_key: str | None
    unit: str
    cells: tuple[Cell, ...]
    failed: str = ""

    @property
    def text(self) -> str:
        """The condition and its nearest neighbours in one sentence."""
        told = [f"{self._named(cell)}: {times(cell.episodes)}" for cell in self._nearest() if cell.episodes is not None]
        return f"{'; '.join(told)}."

    def _nearest(self) -> Iterator[Cell]:
        own = next(cell for cell in self.cells if cell.own)
        yield own
        same_threshold = [cell for cell in self.cells if cell.threshold == own.threshold]
        same_sessions = [cell for cell in self.cells if cell.sessions == own.sessions]
        for line in (same_threshold, same_sessions):
            at = line.index(own)
            yield from (line[place] for place in (at - 1, at + 1) if 0 <= place < len(line))

    def _named(self, cell: Cell) -> str:
        length = "" if cell.sessions is None else f"{plural(cell.sessions, 'session')}"
        far = "" if cell.threshold is None else f"at {threshold(cell.threshold, self.unit)}"
        return f"{length} {far}".strip()


def rarity_of(plan: Plan, detection: Detection) -> Rarity | None:
    """Run the detector on the conditions around the strategy's own.

    Parameters
    ----------
    plan : Plan
        The study. Conditions that combine others are not varied, nor is a detector in Python that declares no
        ``THRESHOLD``.
    detection : Detection
        The study's detection; its sample window is used for all neighbours.

    Returns
    -------
    Rarity or None
        None if there is nothing to vary, or the detector accepts no neighbour.
    """
    one = plan.recipe
    if not isinstance(one, Single) or (one.use.endswith(".py") and one.detector.threshold_parameter is None):
        return None
    sessions, thresholds = _lengths(one), _thresholds(one, plan.strategy.tune)
    prices, cells, failed = plan.dataset.prices.published(), [], ""
    for key in ((a, b) for a in sessions for b in thresholds):
        values = _values(one, key)
        if values is None:
            continue
        own = values == one.values
        try:
            condition = detection.condition if own else one.detector.condition(prices, values)
        except BacktestError as error:  # if a neighbour cannot run, the study still can
            cells.append(Cell(*key, None, None, own))
            failed = failed or error.message
            continue
        cells.append(Cell(*key, *_counts(condition, one.detector.pattern(values), detection.window), own))
    keys = [name and f"{one.key}.{name}" for name in (one.detector.pattern_parameter, one.detector.threshold_parameter)]
    return Rarity(keys[0], keys[1], one.detector.threshold_unit, tuple(cells), failed) if len(cells) > 1 else None


def _counts(condition: Condition, pattern: int, window: tuple[int, int]) -> tuple[int, int]:
    first, last = window
    trigger = find_episodes(condition, pattern).trigger
    inside = int(((trigger >= first) & (trigger <= last)).sum())
    return inside, int(np.count_nonzero(condition.met[first : last + 1]))


def _values(one: Single, key: Key) -> Parameters | None:
    """Return the parameters of a neighbour; None if the detector does not accept them."""
    names = (one.detector.pattern_parameter, one.detector.threshold_parameter)
    changed = {name: value for name, value in zip(names, key, strict=True) if name is not None and value is not None}
    try:
        return one.detector.check({**one.values, **changed}, "")
    except StrategyInvalid:
        return None


def _lengths(one: Single) -> list[int | None]:
    name = one.detector.pattern_parameter
    if name is None:
        return [None]
    return [one.values[name] + away for away in AROUND if one.values[name] + away >= 1]


def _thresholds(one: Single, tune: Mapping[str, Any]) -> list[float | None]:
    name = one.detector.threshold_parameter
    own = None if name is None else one.values[name]
    if isinstance(own, bool) or not isinstance(own, int | float):
        return [None]
    step = _step(own, tune.get(f"{one.key}.{name}"))
    if step == 0:
        return [own]
    # In decimals, so that 0.01 + 0.0025 is 0.0125.
    around = [Decimal(str(own)) + step * away for away in AROUND]
    return [int(value) if isinstance(own, int) else float(value) for value in around]


def _step(own: float, entry: object) -> Decimal:
    """Return the step of the strategy's own grid; otherwise a quarter of the threshold, as 1, 2 or 5 by tens."""
    given = entry.get("step") if isinstance(entry, Mapping) else None
    step = float(given) if isinstance(given, int | float) and not isinstance(given, bool) else math.nan
    whole = isinstance(own, int)
    if math.isfinite(step) and step > 0 and (step.is_integer() or not whole):
        return Decimal(str(given))
    if own == 0:
        return Decimal(0)
    rough = Decimal(str(abs(own))) / 4
    ten = Decimal(10) ** rough.adjusted()
    nearest = min((ten * times for times in (1, 2, 5, 10)), key=lambda value: abs(value - rough))
    return max(nearest, Decimal(1)) if whole else nearest
