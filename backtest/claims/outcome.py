"""What came after the events of a strategy: the outcomes that a claim tells of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from backtest.claims.found import NotMeasured, Outcome
from backtest.claims.readings import Reading
from backtest.detect.episodes import outside_cooldown, take_events
from backtest.errors import NotFound, StudyRefused
from backtest.format import joined, plural
from backtest.measure.forward import Leg, measure_forward
from backtest.measure.legs import legs_of
from backtest.model import Bools, Detection, Floats, Ints, Sessions, horizons_of
from backtest.plan import Plan
from backtest.spec.figure import FigureTable
from backtest.spec.strategy import EpisodesTable


@dataclass(frozen=True, eq=False)
class _Period:
    """Where day 0 of an event may lie, and until when outcomes are known, as session positions."""

    first: int
    last: int
    known: int
    covers: str | None


def measure_outcome(figure: FigureTable, plan: Plan, on: dt.date, detection: Detection, reading: Reading) -> Outcome:
    """Measure what came after the events.

    Parameters
    ----------
    figure : FigureTable
        Which outcome: ``n`` counts the events whose window is complete, or all events if it names no horizon.
    plan : Plan
        The strategy on the basis to use: its asset, benchmark, entry, day 0 and cooldown.
    on : date
        When it was said. Unless the reading says otherwise, day 0 and the end of each window lie at or before that day,
        and the event could be known then.
    detection : Detection
        What was detected.
    reading : Reading
        The counting rule, and the span.

    Returns
    -------
    Outcome
        Returns are simple returns as fractions from entry; an outcome with a missing level is left out.

    Raises
    ------
    NotMeasured
        The strategy has several assets, the data lack a leg or end before `on`, or no event has an outcome.
    """
    sessions, asked = plan.dataset.prices.sessions, plan.strategy.measure
    if len(asked.assets) > 1:
        raise NotMeasured(
            f"the outcome of which asset: {joined(asked.assets)}? Set measure.asset of the figure to one."
        )
    try:
        legs, lag = legs_of(plan.dataset.prices, asked)
    except (NotFound, StudyRefused) as error:
        raise NotMeasured(error.statement) from error
    period = _period(figure, on, sessions, detection, reading, legs)
    day0 = _day0(detection, plan.strategy.episodes, reading, period)
    if figure.horizon is None:
        return Outcome(len(day0), "count", len(day0), len(day0), *_span(day0, sessions), covers=period.covers)
    if figure.what == "base_rate":
        everywhere = np.arange(period.first, period.last + 1)
        return _outcome(figure, everywhere, _returns(figure, plan, legs, lag, period, reading), period, sessions)
    return _outcome(figure, day0, _returns(figure, plan, legs, lag, period, reading), period, sessions)


def _period(
    figure: FigureTable, on: dt.date, sessions: Sessions, detection: Detection, reading: Reading, legs: list[Leg]
) -> _Period:
    if not len(sessions) or on > sessions[-1].item():
        end = f"end on {sessions[-1]}" if len(sessions) else "are empty"
        raise NotMeasured(f"the data {end}, before {on}.")
    begins = max(_first_seen(detection, reading), *(leg.span()[0] for leg in legs))
    since = figure.since
    covers = covered_from(sessions, begins, since)
    first = begins if since is None else max(begins, int(np.searchsorted(sessions, np.datetime64(since, "D"))))
    at_end, then = len(sessions) - 1, at_or_before(sessions, on)
    until = at_or_before(sessions, figure.until or on)
    last = at_end if reading.span == "all" and figure.until is None else until
    known = then if reading.span == "then" else at_end
    return _Period(first, min(last, detection.window[1]), known, covers)


def _first_seen(detection: Detection, reading: Reading) -> int:
    """Return the first session on which an event can be seen: an episode begins after a session that was judged."""
    known = np.flatnonzero(detection.condition.known)
    if not len(known):
        raise NotMeasured("no session can be judged.")
    first = int(known[0])
    beginning = reading.counting == "first" and not detection.condition.by_session
    return max(detection.window[0], first + beginning)


def _day0(detection: Detection, rules: EpisodesTable, reading: Reading, period: _Period) -> Ints:
    """Return day 0 of each event in the period that was known in time."""
    window = (period.first, period.last)
    if reading.counting == "every":
        met = np.flatnonzero(detection.condition.met)
        met = met[(met >= window[0]) & (met <= window[1])]
        return met[outside_cooldown(met, rules.cooldown)]
    events = take_events(detection.found, rules.day0, rules.cooldown, window)
    return events.day0[events.knowable <= period.known]


def _returns(
    figure: FigureTable, plan: Plan, legs: list[Leg], lag: int, period: _Period, reading: Reading
) -> dict[str, Floats]:
    """Return what each leg made from every session that was known; NaN where the end of the window was not."""
    prices = plan.dataset.prices
    horizons = horizons_of([reading.horizon(figure.horizon or 1, prices.sessions_a_year)])
    n = period.known + 1
    seen = [Leg(leg.close[:n], leg.entry[:n]) for leg in legs]
    return {leg: values[:, 0] for leg, values in measure_forward(seen, horizons, lag, prices.sessions[:n]).legs.items()}


def _outcome(
    figure: FigureTable, day0: Ints, returns: dict[str, Floats], period: _Period, sessions: Sessions
) -> Outcome:
    known: Bools = np.isfinite(np.array([values[day0] for values in returns.values()])).all(axis=0)
    at = day0[known]
    if figure.what == "n":
        return Outcome(len(at), "count", len(at), len(day0), *_span(at, sessions), covers=period.covers)
    if not len(at):
        until = sessions[max(period.last, 0)]
        raise NotMeasured(f"none of {plural(len(day0), 'event')} until {until} has an outcome that was known.")
    if figure.what == "ahead" and "benchmark" not in returns:
        raise NotMeasured("the strategy has no benchmark to be ahead of.")
    leg = "spread" if figure.what == "ahead" else figure.leg or "asset"
    if leg not in returns:
        raise NotMeasured(f"the strategy has no benchmark, so there is no {leg}.")
    number, unit = _number(figure, returns[leg][at])
    return Outcome(number, unit, len(at), len(day0), *_span(at, sessions), covers=period.covers)


def _number(figure: FigureTable, values: Floats) -> tuple[float, str]:
    if figure.what in ("positive", "ahead"):
        return float((values > 0).mean()), "share"
    return float(np.median(values) if figure.what == "median" else values.mean()), "fraction"


def _span(day0: Ints, sessions: Sessions) -> tuple[str | None, str | None]:
    return (str(sessions[day0[0]]), str(sessions[day0[-1]])) if len(day0) else (None, None)


def covered_from(sessions: Sessions, begins: int, since: dt.date | None) -> str | None:
    """Return the first session that the data cover, if that is later than `since`; None if they cover it all."""
    if since is None or begins >= len(sessions) or since >= sessions[begins].item():
        return None
    return str(sessions[begins])


def at_or_before(sessions: Sessions, day: dt.date) -> int:
    """Return the last session at or before a day; -1 if there is none."""
    return int(np.searchsorted(sessions, np.datetime64(day, "D"), side="right")) - 1
