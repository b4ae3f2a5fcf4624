"""The state of one study at the last session that all its series have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.lookahead.guard import Passed
from backtest.model import Condition, Detection, Note
from backtest.plan import Plan
from backtest.study.detect_events import detect_events
from backtest.watch.distance import Proximity, proximity_of
from backtest.watch.missing import missing_inputs
from backtest.watch.pending import Pending, pending_of

EPISODE, CLOSE, PENDING, QUIET, UNKNOWN, REFUSED = "in an episode", "close", "pending", "quiet", "unknown", "refused"
ORDER = (EPISODE, CLOSE, PENDING, QUIET, UNKNOWN, REFUSED)
"""The order in which they are listed."""


@dataclass(frozen=True)
class Episode:
    """The episode that a study is in.

    Attributes
    ----------
    start : int or None
        Session position of the first session of its pattern; None if it began before the sample window.
    trigger : int
        Session position on which the condition first held.
    sessions : int
        How long it has held, including the trigger and the last session.
    day0 : int or None
        Session position of its event; None if there is none: the cooldown of an earlier event is not over, it began
        before the sample window, or day 0 is its end and it has none yet.
    """

    start: int | None
    trigger: int
    sessions: int
    day0: int | None


@dataclass(frozen=True, eq=False)
class StudyState:
    """The state of one study.

    Attributes
    ----------
    state : str
        The first of `ORDER` that applies.
    at : int
        Session position at which it is judged: the last of the sample window.
    ended : tuple of str
        Why `at` is before the dataset's last session: series without a later value, or ``episodes.until``.
    missing : tuple of str
        The inputs missing if the condition cannot be judged at `at`; empty if it can.
    episode : Episode or None
        The episode it is in.
    proximity : Proximity
        How far the condition is from holding.
    pending : list of Pending
        Past events with horizons that are not over.
    n_events : int
        Number of events so far.
    cautions : tuple of Note
        Cautions of its condition, such as that a series it reads is a proxy.
    """

    state: str
    at: int
    ended: tuple[str, ...]
    missing: tuple[str, ...]
    episode: Episode | None
    proximity: Proximity
    pending: list[Pending]
    n_events: int
    cautions: tuple[Note, ...]


def state_of(plan: Plan, passed: Passed | None = None) -> StudyState:
    """Return the state of one study at the end of its data.

    Raises
    ------
    BacktestError
        It cannot run on these data; one line says why.
    """
    prices = plan.dataset.prices
    detection = detect_events(plan, passed=passed)
    at = detection.window[1]
    with plan.errors_located():
        pending = pending_of(prices, plan.strategy.measure, detection.events.day0)
    known, met = bool(detection.condition.known[at]), bool(detection.condition.met[at])
    conditions: dict[str, Condition] = {f"conditions.{name}": part for name, part in detection.parts.items()}
    conditions["detector"] = detection.condition
    proximity = proximity_of(plan.recipe, conditions, at)
    return StudyState(
        _state(met, bool(proximity.close), bool(pending), known),
        at,
        _ended(plan, detection),
        () if known else missing_inputs(plan, detection, at),
        _episode(detection, at) if met else None,
        proximity,
        pending,
        len(detection.events),
        detection.condition.notes,
    )


def _state(met: bool, close: bool, pending: bool, known: bool) -> str:
    if met:
        return EPISODE
    if close:
        return CLOSE
    if pending:
        return PENDING
    return QUIET if known else UNKNOWN


def _episode(detection: Detection, at: int) -> Episode:
    trigger = int(detection.found.trigger[detection.found.trigger <= at][-1])
    one = np.flatnonzero(detection.episodes.trigger == trigger)
    start = int(detection.episodes.start[one[0]]) if len(one) else None
    event = np.flatnonzero(detection.events.episodes.trigger == trigger)
    day0 = int(detection.events.day0[event[0]]) if len(event) else None
    return Episode(start, trigger, at - trigger + 1, day0)


def _ended(plan: Plan, detection: Detection) -> tuple[str, ...]:
    """Return what ends before the dataset and so ends the sample window."""
    prices, at, until = plan.dataset.prices, detection.window[1], plan.strategy.episodes.until
    if at == len(prices) - 1:
        return ()
    ended = []
    for name in detection.reads:
        has = (
            prices.contracts(name).session if name in prices.tables else np.flatnonzero(np.isfinite(prices.close(name)))
        )
        if int(has[-1]) == at:
            ended.append(name)
    return tuple(ended) if ended or until is None else ("episodes.until",)
