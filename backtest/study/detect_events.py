"""Run the detector, after the look-ahead guard has passed it, and date its episodes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np

from backtest.detect.episodes import find_episodes, take_events
from backtest.detect.logic import Answer
from backtest.detect.tree import Single, answers_of
from backtest.errors import StudyRefused
from backtest.lookahead.guard import Passed, guard
from backtest.model import Condition, Detection, Prices
from backtest.plan import Plan, refuse_panel
from backtest.spec.strategy import EpisodesTable
from backtest.study.reconcile import reconcile

Cache = dict[str, tuple[Condition, tuple[str, ...]]]
"""Conditions, and the series read for them, by the detector's parameters."""


def detect_events(
    plan: Plan, cache: Cache | None = None, *, passed: Passed | None = None, allow_lookahead: bool = False
) -> Detection:
    """Detect over the whole history, then keep the events in the sample window.

    A user's own detector must pass the look-ahead guard first; there is no other way to run one.

    Parameters
    ----------
    plan : Plan
        What to detect, on what.
    cache : dict, optional
        Conditions found so far on the same data; a detector runs once for each set of parameters.
    passed : Passed, optional
        The guard's earlier results, for the same detectors on the same data or more of them.
    allow_lookahead : bool
        Whether a detector that looks ahead may run anyway.

    Raises
    ------
    LooksAhead
        A detector looks ahead, and this is not allowed.
    StudyRefused
        The sample window holds no session, or the strategy has a table for panels.
    SumsDoNotAddUp
        A date or an episode is neither an event nor left out for a reason: this is a bug.
    """
    refuse_panel(plan)
    if plan.strategy.study is not None:
        raise StudyRefused(
            f"{plan.strategy.place}: [study] is for panels, and on {plan.dataset.name} this measures a single series.",
            'Set measure.asset = "close" on a dataset with a panel, or take the table [study] out.',
        )
    if passed is None:
        passed = guard(plan, allow=allow_lookahead)
    with plan.errors_located():
        return _detect(plan, cache if cache is not None else {}, passed)


def _detect(plan: Plan, cache: Cache, passed: Passed) -> Detection:
    prices, rules = plan.dataset.prices, plan.strategy.episodes
    answers, reads = _ask(plan, cache)
    whole = answers.pop("detector")
    window = sample_window(prices, rules, reads)
    found = find_episodes(whole.condition, whole.length)
    inside = (found.trigger >= window[0]) & (found.trigger <= window[1])
    detection = Detection(
        condition=whole.condition,
        found=found,
        episodes=found.take(inside),
        events=take_events(found, rules.day0, rules.cooldown, window),
        window=window,
        reads=reads,
        length=whole.length,
        parts={key.removeprefix("conditions."): answer.condition for key, answer in answers.items()},
        lookahead=passed.lookahead,
        notes=passed.notes,
    )
    return replace(detection, accounts=reconcile(plan, detection))


def _ask(plan: Plan, cache: Cache) -> tuple[dict[str, Answer], tuple[str, ...]]:
    prices = plan.dataset.prices.published()
    reads: set[str] = set()

    def ask(one: Single) -> Condition:
        key = json.dumps([one.use, one.values], sort_keys=True, default=str)
        if key not in cache:
            prices.read.clear()
            condition = one.detector.condition(prices, one.values)
            cache[key] = (condition, tuple(sorted(prices.read)))
        reads.update(cache[key][1])
        return cache[key][0]

    return answers_of(plan.recipe, ask), tuple(sorted(reads))


def sample_window(prices: Prices, rules: EpisodesTable, reads: tuple[str, ...]) -> tuple[int, int]:
    """Return the sessions at which an event could have been seen.

    They run from the first to the last session on which every series that the detector reads has begun and not ended,
    within ``since`` and ``until``. The detector's parameters do not change it, so all parameter sets are compared
    on the same sessions.
    """
    first, last = 0, len(prices) - 1
    for name in reads:
        begin, end = _span(prices, name)
        first, last = max(first, begin), min(last, end)
    if rules.since is not None:
        first = max(first, int(np.searchsorted(prices.sessions, _day(rules.since))))
    if rules.until is not None:
        last = min(last, int(np.searchsorted(prices.sessions, _day(rules.until), side="right")) - 1)
    if first > last:
        raise StudyRefused(
            f"the sample window is empty: since {rules.since or 'the start'}, until {rules.until or 'the end'}, "
            f"and the detector reads {', '.join(reads) or 'nothing'}.",
            f"The dataset runs from {prices.sessions[0]} to {prices.sessions[-1]}."
            if len(prices)
            else "The dataset is empty.",
        )
    return first, last


def _span(prices: Prices, name: str) -> tuple[int, int]:
    has = prices.contracts(name).session if name in prices.tables else np.flatnonzero(np.isfinite(prices.close(name)))
    return (int(has.min()), int(has.max())) if len(has) else (0, -1)


def _day(day: dt.date) -> np.datetime64:
    return np.datetime64(day, "D")
