"""The same condition counted by other rules: the number of events and the returns after them, under each rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backtest.detect.episodes import Day0, take_events
from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.result import NullTest
from backtest.model import Asked, Detection, Floats, Horizon, Ints, Measured
from backtest.model.rounding import are_hits
from backtest.spec.strategy import EpisodesTable
from backtest.study.base_rate import BaseRate, eligible_sessions


@dataclass(frozen=True)
class Rule:
    """One way to make events from a condition.

    Attributes
    ----------
    key : str
        ``"own"`` is the strategy's rule; the others are the usual ones.
    day0 : str
        The place of day 0; ``"every"``: every session on which the condition is met.
    cooldown : int or None
        In sessions; None means as long as the horizon, or, by the calendar, as each event's own window.
    """

    key: str
    day0: Day0 | Literal["every"]
    cooldown: int | None

    @property
    def investable(self) -> bool:
        """Whether the event is known at the close of day 0."""
        return self.day0 in ("trigger", "every")

    def at(self, horizon: Horizon) -> Asked:
        """Return the cooldown at a horizon, as it is written."""
        return horizon.label if self.cooldown is None else self.cooldown


COOLDOWNS = (21, 63, 252)
"""Sessions that must pass after an event, by the usual rules: a month, a quarter, a year."""
USUAL = (
    Rule("first", "trigger", 0),
    Rule("apart", "trigger", None),
    *(Rule(f"cooldown_{sessions}", "trigger", sessions) for sessions in COOLDOWNS),
    Rule("every", "every", 0),
    Rule("start", "start", 0),
    Rule("end", "end", 0),
)


def rules_for(own: EpisodesTable, horizons: Sequence[Horizon], pattern: int, *, by_session: bool = False) -> list[Rule]:
    """Return the strategy's own rule and the usual ones, without duplicates.

    Parameters
    ----------
    own : EpisodesTable
        What the strategy sets.
    horizons : sequence of Horizon
        Those of the study: if there is only one, a cooldown of that length may be the strategy's own.
    pattern : int
        Length of the longest pattern: for a pattern of one session, the start is the trigger.
    by_session : bool
        Whether each session is an episode of its own, as for listed dates: then every session and the end of a run
        coincide with the trigger.
    """
    alike = {"start"} if pattern == 1 else set()
    alike |= {"every", "end"} if by_session else set()

    def same(rule: Rule) -> tuple[str, tuple[Asked, ...]]:
        day0 = "trigger" if rule.day0 in alike else rule.day0
        return day0, tuple(rule.at(horizon) for horizon in horizons)

    rules: dict[tuple[str, tuple[Asked, ...]], Rule] = {}
    for rule in (Rule("own", own.day0, own.cooldown), *USUAL):
        rules.setdefault(same(rule), rule)
    return list(rules.values())


def events_under(rule: Rule, detection: Detection, lengths: Ints) -> Ints:
    """Return the session positions that a rule takes as day 0, in the sample window.

    Parameters
    ----------
    rule : Rule
        The rule.
    detection : Detection
        What the detector found.
    lengths : ndarray of shape (n_sessions,)
        Sessions in each window at one horizon, for a cooldown of that length.
    """
    first, last = detection.window
    if rule.day0 == "every":
        return first + np.flatnonzero(detection.condition.met[first : last + 1])
    cooldown = lengths if rule.cooldown is None else rule.cooldown
    return take_events(detection.found, rule.day0, cooldown, detection.window).day0


@dataclass(frozen=True, eq=False)
class RuleCounts:
    """The result of each counting rule; arrays of shape (n_rules, n_horizons).

    Attributes
    ----------
    rules : tuple of Rule
        The strategy's own first.
    horizons : tuple of Horizon
        In order of their length.
    events, n : ndarray of int
        The events, and those of them with a complete window.
    measured : Measured
        What is judged: the spread, or the asset alone.
    mean : ndarray
        Their mean as a fraction; NaN where n is 0.
    hit_rate : ndarray
        Share of them above zero, rounded before; NaN where n is 0.
    base_mean : ndarray
        The base rate over the sessions that the rule could have taken, as fractions.
    p_value : ndarray
        Each cell's own two-sided p from the circular shift; NaN where there is no test.
    """

    rules: tuple[Rule, ...]
    horizons: tuple[Horizon, ...]
    events: Ints
    n: Ints
    measured: Measured
    mean: Floats
    hit_rate: Floats
    base_mean: Floats
    p_value: Floats


def count_by_rules(
    detection: Detection, base_rate: BaseRate, tests: Sequence[NullTest], rules: Sequence[Rule]
) -> RuleCounts:
    """Count and measure under each rule at each horizon.

    Parameters
    ----------
    detection : Detection
        What the detector found.
    base_rate : BaseRate
        The strategy's own base rate.
    tests : sequence of NullTest
        The study's own tests, one per horizon: its events are not shifted again.
    rules : sequence of Rule
        As `rules_for` gives them.
    """
    rates = _base_rates(detection, base_rate, rules)
    horizons = base_rate.forward.horizons
    shape = (len(rules), len(horizons))
    events, n = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    mean, hit_rate, p_value = (np.full(shape, np.nan) for _ in range(3))
    taken: dict[tuple[str, Asked], Ints] = {}
    lengths = base_rate.forward.lengths
    for column, (horizon, test) in enumerate(zip(horizons, tests, strict=True)):
        days = [_taken(rule, detection, horizon, lengths[:, column], taken) for rule in rules]
        own = (id(base_rate), detection.events.day0.tobytes())
        p_value[:, column] = _p_values(rates, days, column, {own: np.nan if test.p_value is None else test.p_value})
        for row, day0 in enumerate(days):
            returns = _complete(base_rate.forward.judged[day0, column])
            events[row, column], n[row, column] = len(day0), len(returns)
            if len(returns):
                mean[row, column] = returns.mean()
                hit_rate[row, column] = np.count_nonzero(are_hits(returns)) / len(returns)
    base = np.array([rate.mean for rate in rates])
    return RuleCounts(tuple(rules), horizons, events, n, base_rate.measured, mean, hit_rate, base, p_value)


def _taken(
    rule: Rule, detection: Detection, horizon: Horizon, lengths: Ints, known: dict[tuple[str, Asked], Ints]
) -> Ints:
    """Return the events of a rule; most rules take the same at every horizon."""
    key = (rule.day0, rule.at(horizon))
    if key not in known:
        known[key] = events_under(rule, detection, lengths)
    return known[key]


def _base_rates(detection: Detection, own: BaseRate, rules: Sequence[Rule]) -> list[BaseRate]:
    """Return each rule's base rate, over the sessions that it could have taken; equal ones are shared."""
    found = {own.eligible.tobytes(): own}
    by_day0: dict[str, BaseRate] = {}
    for day0 in dict.fromkeys(_dated(rule) for rule in rules):
        eligible = eligible_sessions(detection, day0, own.every)
        if eligible.tobytes() not in found:
            found[eligible.tobytes()] = BaseRate(own.every, eligible)
        by_day0[day0] = found[eligible.tobytes()]
    return [by_day0[_dated(rule)] for rule in rules]


def _dated(rule: Rule) -> Day0:
    return "trigger" if rule.day0 == "every" else rule.day0


def _p_values(
    rates: Sequence[BaseRate], days: Sequence[Ints], column: int, known: dict[tuple[int, bytes], float]
) -> list[float]:
    """Return each event set's p; a set that is known, or occurs twice on one circle, is shifted only once."""
    keys = [(id(rate), day0.tobytes()) for rate, day0 in zip(rates, days, strict=True)]
    for rate in {id(rate): rate for rate in rates}.values():
        circle = rate.circles[column]
        new = {k: d for k, d in zip(keys, days, strict=True) if k[0] == id(rate) and k not in known}
        if new:
            statistics = shift_statistics(circle, [circle.ranks(day0) for day0 in new.values()])
            known = known | dict(zip(new, shift_p_values(statistics).tolist(), strict=True))
    return [known[key] for key in keys]


def _complete(values: Floats) -> Floats:
    return values[np.isfinite(values)]
