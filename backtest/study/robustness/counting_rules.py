"""The same condition counted by other rules: how many events there are, and what came next, under each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from backtest.detect.episodes import Day0, take_events
from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.verdict import alone
from backtest.model import Detection, Floats, Ints
from backtest.spec.strategy import EpisodesTable
from backtest.study.base_rate import Baseline


@dataclass(frozen=True)
class Rule:
    """One way to make events of a condition.

    Attributes
    ----------
    key : str
        ``"own"`` is the strategy's; the others are the usual ones.
    day0 : str
        Where day 0 lies; ``"every"``: on every session on which the condition is met.
    cooldown : int or None
        In sessions; None is as long as the horizon.
    """

    key: str
    day0: Day0 | Literal["every"]
    cooldown: int | None

    @property
    def investable(self) -> bool:
        """Whether the event is known at the close of day 0."""
        return self.day0 in ("trigger", "every")

    def at(self, horizon: int) -> int:
        """Return the cooldown at a horizon."""
        return horizon if self.cooldown is None else self.cooldown


USUAL = (
    Rule("first", "trigger", 0),
    Rule("apart", "trigger", None),
    Rule("every", "every", 0),
    Rule("start", "start", 0),
    Rule("end", "end", 0),
)


def rules_for(own: EpisodesTable, horizons: Sequence[int], pattern: int) -> list[Rule]:
    """Return the strategy's own rule and the usual ones, each once.

    Parameters
    ----------
    own : EpisodesTable
        What the strategy sets.
    horizons : sequence of int
        In sessions: a cooldown as long as the only horizon may be the strategy's own.
    pattern : int
        Length of the longest pattern: of one session, its start is its trigger.
    """

    def same(rule: Rule) -> tuple[str, tuple[int, ...]]:
        day0 = "trigger" if rule.day0 == "start" and pattern == 1 else rule.day0
        return day0, tuple(rule.at(horizon) for horizon in horizons)

    rules: dict[tuple[str, tuple[int, ...]], Rule] = {}
    for rule in (Rule("own", own.day0, own.cooldown), *USUAL):
        rules.setdefault(same(rule), rule)
    return list(rules.values())


def events_under(rule: Rule, seen: Detection, horizon: int) -> Ints:
    """Return the session positions that a rule takes for day 0, in the sample window."""
    first, last = seen.window
    if rule.day0 == "every":
        return first + np.flatnonzero(seen.condition.met[first : last + 1])
    return take_events(seen.found, rule.day0, rule.at(horizon), seen.window).day0


def measure_rules(seen: Detection, baseline: Baseline, rules: Sequence[Rule]) -> dict[str, Any]:
    """Count and measure under each rule at each horizon.

    Parameters
    ----------
    seen : Detection
        What the detector saw.
    baseline : Baseline
        What an ordinary session gives, and the circles.
    rules : sequence of Rule
        As `rules_for` gives them.

    Returns
    -------
    dict of str to array
        The columns of the table ``rules``, rule by rule: ``events`` taken, ``n`` of them with a complete window, means
        as fractions, and each rule's own two-sided p by the circular shift; NaN where n is 0.
    """
    horizons = baseline.forward.horizons
    shape = (len(rules), len(horizons))
    events, n = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    mean, p_value = np.full(shape, np.nan), np.full(shape, np.nan)
    for column, horizon in enumerate(horizons):
        days = [events_under(rule, seen, horizon) for rule in rules]
        circle = baseline.outcomes[column]
        p_value[:, column] = shift_p_values(shift_statistics(circle, [circle.ranks(day0) for day0 in days]))
        for row, day0 in enumerate(days):
            spread = _complete(baseline.forward.spread[day0, column])
            events[row, column], n[row, column] = len(day0), len(spread)
            mean[row, column] = spread.mean() if len(spread) else np.nan
    return {
        "rule": np.repeat([rule.key for rule in rules], len(horizons)).tolist(),
        "horizon": np.tile(np.array(horizons), len(rules)),
        "events": events.ravel(),
        "n": n.ravel(),
        "spread_mean": mean.ravel(),
        "base_spread_mean": np.tile(baseline.base.spread.mean, len(rules)),
        "p_value": p_value.ravel(),
    }


def rules_json(rules: Sequence[Rule], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """List the rules for ``run.json``, each with its rows and a verdict in a few words."""
    return [
        {
            "rule": rule.key,
            "day0": rule.day0,
            "cooldown": "horizon" if rule.cooldown is None else rule.cooldown,
            "investable": rule.investable,
            "horizons": [
                {key: value for key, value in row.items() if key != "rule"}
                | {"verdict": alone(row["n"], row["p_value"])}
                for row in rows
                if row["rule"] == rule.key
            ],
        }
        for rule in rules
    ]


def _complete(values: Floats) -> Floats:
    return values[np.isfinite(values)]
