"""One figure of a claim, measured on one basis."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from backtest.claims.extreme import measure_record
from backtest.claims.found import Found, NotMeasured, Spell, Spells, Value
from backtest.claims.outcome import measure_outcome
from backtest.claims.readings import Reading
from backtest.errors import NotFound, StrategyInvalid, StudyRefused, did_you_mean
from backtest.format import plural
from backtest.lookahead.guard import Passed
from backtest.model import Bools, Condition, Detection, Indicator, Ints, Sessions
from backtest.plan import Plan
from backtest.spec.figure import FigureTable
from backtest.study.detect_events import Cache, detect_events

OWN = Reading("as the strategy says")


def measure(
    figure: FigureTable, plan: Plan, on: dt.date, cache: Cache, passed: Passed, reading: Reading = OWN
) -> Found:
    """Measure a figure.

    Parameters
    ----------
    figure : FigureTable
        What to measure.
    plan : Plan
        The strategy on the basis to use.
    on : date
        When it was said: the session of a value, and the last session of episodes, unless the figure names another.
    cache : dict
        The cache of `backtest.study.detect_events.detect_events`.
    passed : Passed
        What the look-ahead guard found.
    reading : Reading
        How outcomes count.

    Raises
    ------
    NotMeasured
        The data lack a series, a date or an input.
    StrategyInvalid
        The figure names a condition that the strategy does not have, or one without an indicator.
    """
    detection = _detection(plan, cache, passed)
    conditions = {"detector": detection.condition, **detection.parts}
    sessions = plan.dataset.prices.sessions
    if figure.find == "outcome":
        outcome = measure_outcome(figure, plan, on, detection, reading)
        return replace(outcome, cautions=detection.condition.cautions)
    if figure.find == "record":
        watched = _named(conditions, figure.of, plan)
        record = measure_record(figure, _indicator(watched, figure.of, plan), sessions, on, reading)
        return replace(record, cautions=watched.cautions)
    if figure.find == "value":
        at = _position(sessions, figure.on or on)
        value = _value(conditions, figure.of, at, sessions, plan)
        if figure.over is None:
            return value
        other = _value(conditions, figure.over, at, sessions, plan)
        if other.number == 0:
            raise NotMeasured(f"{figure.over} is zero on {sessions[at]}, so there is no ratio.")
        return Value(value.number / other.number, "ratio", (*value.cautions, *other.cautions))
    condition = _named(conditions, figure.of, plan)
    return replace(_spells(figure, condition, sessions, figure.until or on), cautions=condition.cautions)


def _detection(plan: Plan, cache: Cache, passed: Passed) -> Detection:
    try:
        return detect_events(plan, cache, passed=passed)
    except (NotFound, StudyRefused) as error:
        raise NotMeasured(error.statement) from error


def _named(conditions: dict[str, Condition], name: str, plan: Plan) -> Condition:
    if name not in conditions:
        raise StrategyInvalid(
            f"{plan.strategy.place}: claim: there is no condition '{name}' to measure.", did_you_mean(name, conditions)
        )
    return conditions[name]


def _value(conditions: dict[str, Condition], name: str, at: int, sessions: Sessions, plan: Plan) -> Value:
    condition = _named(conditions, name, plan)
    indicator = _indicator(condition, name, plan)
    number = float(indicator.values[at])
    if not np.isfinite(number):
        raise NotMeasured(f"{indicator.name} is not known on {sessions[at]}: an input is missing.")
    return Value(number, indicator.unit, condition.cautions)


def _indicator(condition: Condition, name: str, plan: Plan) -> Indicator:
    if condition.indicator is None:
        raise StrategyInvalid(
            f"{plan.strategy.place}: claim: condition '{name}' watches no single quantity.",
            "Set 'of' to a condition whose detector has an indicator.",
        )
    return condition.indicator


def _position(sessions: Sessions, day: dt.date) -> int:
    if not len(sessions) or day > sessions[-1].item() or day < sessions[0].item():
        span = f"run from {sessions[0]} to {sessions[-1]}" if len(sessions) else "are empty"
        raise NotMeasured(f"{day} is outside the data, which {span}.")
    at = int(np.searchsorted(sessions, np.datetime64(day, "D")))
    if sessions[at].item() != day:
        raise NotMeasured(f"{day} is not a session of the dataset.")
    return at


def _spells(figure: FigureTable, condition: Condition, sessions: Sessions, until: dt.date) -> Spells:
    last = int(np.searchsorted(sessions, np.datetime64(until, "D"), side="right")) - 1
    if not len(sessions) or until > sessions[-1].item():
        end = f"end on {sessions[-1]}" if len(sessions) else "are empty"
        raise NotMeasured(f"the data {end}, before {until}.")
    since = figure.since or sessions[0].item()
    first = int(np.searchsorted(sessions, np.datetime64(since, "D")))
    if figure.since is not None and since < sessions[0].item():
        raise NotMeasured(f"the data begin on {sessions[0]}, after {since}.")
    if figure.said is not None:
        _refuse_unknown(condition.known, sessions, first, last)
    starts, ends = _runs(condition, last, figure.joined or 0)
    reach = ends if figure.find == "periods" else starts
    inside = reach >= first
    return Spells(_dated(sessions, starts[inside], ends[inside]), _dated(sessions, starts[~inside], ends[~inside]))


def _refuse_unknown(known: Bools, sessions: Sessions, first: int, last: int) -> None:
    unknown = np.flatnonzero(~known[first : last + 1]) + first
    if len(unknown):
        n, begin, end = len(unknown), sessions[unknown[0]], sessions[unknown[-1]]
        raise NotMeasured(f"{plural(n, 'session')} between {begin} and {end} cannot be judged.")


def _runs(condition: Condition, last: int, joined: int) -> tuple[Ints, Ints]:
    """Return the first and last session of each spell as seen on session `last`; spells close together are joined."""
    starts, ends = condition.runs(stop=last + 1)
    apart = starts[1:] - ends[:-1] > joined
    whole = np.ones(1 if len(starts) else 0, dtype=np.bool_)
    return starts[np.concatenate((whole, apart))], ends[np.concatenate((apart, whole))]


def _dated(sessions: Sessions, starts: Ints, ends: Ints) -> tuple[Spell, ...]:
    return tuple(Spell(str(sessions[a]), str(sessions[b])) for a, b in zip(starts, ends, strict=True))
