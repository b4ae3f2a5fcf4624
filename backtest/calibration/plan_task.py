"""Histories like those of a strategy's own data, in which nothing predicts what the strategy measures.

If the detector reads only closes, rows of all levels are drawn together in blocks and the detector runs again, so the
events follow the new history. If it reads anything else, such as futures, rates or a list of dates, drawing would
destroy its meaning: the path and the dates stay real. In both cases the signs of the daily spread are redrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from backtest.calibration.drawn_history import History
from backtest.calibration.history_worlds import BLOCK
from backtest.calibration.one_history import tally_history
from backtest.calibration.sign_redraw import block_rows, draw_signs, level_of, redrawn_legs, steps_of
from backtest.calibration.tally import Tally
from backtest.detect.tree import condition_of
from backtest.errors import StudyRefused
from backtest.lookahead.guard import Passed, guard
from backtest.measure.forward import Leg
from backtest.measure.legs import legs_of
from backtest.model import Bools, Condition, Floats, Horizon, Ints, Prices, horizons_of
from backtest.model.views import Changed, Value
from backtest.plan import Plan, refuse_panel
from backtest.study.base_rate import eligible_sessions, measure_legs
from backtest.study.detect_events import detect_events

Method = Literal["blocks", "real path"]
CHUNK = 5
REQUESTED = "you requested it"


@dataclass(frozen=True, eq=False)
class PlanTask:
    """What is counted in the histories of a plan.

    Attributes
    ----------
    plan : Plan
        The study.
    passed : Passed
        The look-ahead guard's results.
    method : {"blocks", "real path"}
        How its histories are made.
    reason : str
        Why the path stays real; empty if it does not.
    span : (int, int)
        First and last session position of the rows that are drawn.
    seed : int
        Together with the number of a history, it determines everything random in it.
    """

    plan: Plan
    passed: Passed
    method: Method
    reason: str
    span: tuple[int, int]
    seed: int

    @property
    def chunk(self) -> int:
        """Histories that are counted and stored together."""
        return CHUNK

    def tally(self, number: int) -> Tally:
        """Count one history; the effect is planted in each."""
        rng = np.random.default_rng([self.seed, number])
        made = self._drawn(rng) if self.method == "blocks" else self._real(rng)
        return tally_history(made, self.horizons, (0,), rng)

    @property
    def horizons(self) -> tuple[Horizon, ...]:
        """Those of the strategy."""
        return horizons_of(self.plan.strategy.measure.horizons, self.plan.dataset.prices.sessions_a_year)

    def _drawn(self, rng: np.random.Generator) -> History:
        plan, (first, last) = self.plan, self.span
        # The first session has no change to draw.
        rows = first + 1 + block_rows(rng, last - first, last - first, BLOCK)
        prices = resampled(plan.dataset.prices, first, rows)
        legs, lag = legs_of(plan.dataset.prices, plan.strategy.measure)
        legs = redrawn_legs(legs, np.concatenate(([first], rows)), draw_signs(rng, len(rows) + 1))
        return self._history(plan.on(plan.dataset.with_prices(prices)), legs, lag)

    def _real(self, rng: np.random.Generator) -> History:
        real = self._as_it_was
        return replace(real, legs=redrawn_legs(real.legs, slice(None), draw_signs(rng, len(real.eligible))))

    @cached_property
    def _as_it_was(self) -> History:
        plan = self.plan
        legs, lag = legs_of(plan.dataset.prices, plan.strategy.measure)
        return self._history(plan, legs, lag)

    def _history(self, plan: Plan, legs: list[Leg], lag: int) -> History:
        detection = detect_events(plan, passed=self.passed)
        days = plan.dataset.prices.sessions
        every = measure_legs(legs, self.horizons, lag, days)
        eligible = eligible_sessions(detection, plan.strategy.episodes.day0, every)
        return History(legs, lag, eligible, [detection.events.day0], days)


def plan_task(plan: Plan, seed: int, *, real_path: bool = False, allow_lookahead: bool = False) -> PlanTask:
    """Choose how the histories of a plan are made.

    Parameters
    ----------
    plan : Plan
        The study.
    seed : int
        The seed of everything random.
    real_path : bool
        Whether the path and the dates stay real in any case.
    allow_lookahead : bool
        Whether a detector that looks ahead may run anyway.

    Raises
    ------
    LooksAhead
        A detector looks ahead, and this is not allowed.
    StudyRefused
        There are several assets, or the series have almost no common sessions.
    """
    if len(plan.strategy.measure.assets) > 1:
        raise StudyRefused(
            f"measure.asset names {len(plan.strategy.measure.assets)} assets; one is calibrated at a time.",
            f"--set measure.asset={plan.strategy.measure.assets[0]} takes the first.",
        ).at(plan.strategy.place)
    refuse_panel(plan)
    passed = guard(plan, allow=allow_lookahead)
    prices = plan.dataset.prices
    with plan.errors_located():
        condition, read = asked_for(plan)
        legs, _ = legs_of(prices, plan.strategy.measure)
        known = [np.flatnonzero(np.isfinite(prices.columns[key])) for key in sorted(read) if key in prices.columns]
        known += [np.flatnonzero(np.isfinite(leg.entry)) for leg in legs]
        first, last = (int(end(has[at] for has in known if len(has))) for end, at in ((max, 0), (min, -1)))
        reason = REQUESTED if real_path else why_real(prices, condition, read)
        if not reason and last - first < BLOCK:
            raise StudyRefused(
                f"the series of the study share {max(last - first, 0)} daily returns; blocks need {BLOCK}.",
                "Choose another dataset.",
            )
    return PlanTask(plan, passed, "real path" if reason else "blocks", reason, (first, last), seed)


def asked_for(plan: Plan) -> tuple[Condition, set[str]]:
    """Return a plan's condition, and the columns and tables that its detectors read, such as ``"RUT.open"``."""
    prices, seen = plan.dataset.prices, set[str]()
    watched = prices.on(Watched(prices.columns, seen), Watched(prices.tables, seen))
    return condition_of(plan.recipe, watched.published()), seen


def why_real(prices: Prices, condition: Condition, read: set[str]) -> str:
    """Say why rows cannot be drawn for a detector; empty if they can."""
    if condition.accounts:
        return "its dates are listed"
    if not read:
        return "its detector reads no series"
    names = sorted(key for key in read if prices.info(key.partition(".")[0]).basis is None)
    if names:
        return f"its detector reads more than levels: {', '.join(names)}"
    others = sorted(key for key in read if "." in key)
    return f"its detector reads more than closes: {', '.join(others)}" if others else ""


class Watched(Changed[Value]):
    """Columns or tables as they are, with a log of every read."""

    def __init__(self, raw: Mapping[str, Value], seen: set[str]) -> None:
        super().__init__(raw, lambda _name, value: value)
        self._seen = seen

    def __getitem__(self, key: str) -> Value:
        self._seen.add(key)
        return super().__getitem__(key)


def resampled(prices: Prices, first: int, rows: Ints) -> Prices:
    """Return a history whose daily changes are those of given rows, the same rows for all levels.

    Parameters
    ----------
    prices : Prices
        The history.
    first : int
        The first session of the new history; its sessions continue from there.
    rows : ndarray of shape (n,)
        The rows whose changes follow, in their new order.

    Returns
    -------
    Prices
        It has n + 1 sessions and starts from the same levels; a level is missing on a row where it was missing. Only
        the levels are meaningful.
    """

    def change(_name: str, values: Floats) -> Floats:
        missing: Bools = ~np.isfinite(values[np.concatenate(([first], rows))])
        known = values[first:][np.isfinite(values[first:])]
        start = known[0] if len(known) else np.nan  # a detector may compare with a level such as 30
        level = start * level_of(np.concatenate(([0.0], steps_of(values)[rows])))
        return np.where(missing, np.nan, level)

    sessions = prices.sessions[first : first + len(rows) + 1]
    return replace(prices, sessions=sessions, columns=Changed(prices.columns, change), tables={}, read=set())
