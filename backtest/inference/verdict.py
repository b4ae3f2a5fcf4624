"""The verdict in plain words."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from backtest.format import plural, share_of_cases
from backtest.inference.result import HorizonResult
from backtest.model.significance import stands_out

FEW = 10
"""Measured events below which a null result says little."""


def verdict(results: Sequence[HorizonResult], n_events: int, unfinished: Collection[str], what: str, word: str) -> str:
    """Say what the test says, and no more.

    Parameters
    ----------
    results : sequence of HorizonResult
        One a horizon.
    n_events : int
        Events of the study, measured or not.
    unfinished : collection of str
        Why windows are not complete, those that are not: ``"pending"``, ``"not covered"``, ``"missing"``.
    what : str
        What is judged, such as ``"small minus mega"``, or ``"small"`` alone.
    word : str
        What it is: a spread or a return.
    """
    measured = max((one.n for one in results), default=0)
    if not measured:
        return _unmeasured(n_events, unfinished)
    tried = [one for one in results if one.test.p_adjusted is not None and one.excess is not None]
    if not tried:
        there = f"there {'is' if measured == 1 else 'are'} {plural(measured, 'event')}"
        return f"Nothing can be said: {there}, but the {word} does not vary, so that there is no test."
    best = min(tried, key=lambda one: (one.test.p_adjusted or 0.0, one.test.p_value or 0.0))
    p = best.test.p_adjusted or 0.0
    looks = _looks(len(tried))
    if stands_out(p):
        head = f"Unlikely to be chance: {_returned(best, what)}."
        return f"{head} Chance alone gives as much in {share_of_cases(p)} of cases, {looks}."
    head = f"Consistent with chance: after {_events(measured, n_events)}, no horizon stands out from the base rate."
    most = _returned(best, what)
    tail = f"The most remarkable: {most}; chance alone gives as much in {share_of_cases(p)} of cases, {looks}."
    few = "one event" if measured == 1 else f"{measured} events"
    caution = f" With {few}, only a very large effect could have been found." if measured < FEW else ""
    return f"{head} {tail}{caution}"


def _unmeasured(n_events: int, unfinished: Collection[str]) -> str:
    none = "the only event has no" if n_events == 1 else f"none of the {plural(n_events, 'event')} has a"
    said = f"{none} complete window at any horizon"
    if "pending" in unfinished:
        return f"Nothing can be said yet: {said}."
    why = "a leg begins later" if "not covered" in unfinished else "a leg has no level at entry or at the end"
    return f"Nothing can be said: {said}, as {why}."


def _events(measured: int, n_events: int) -> str:
    if measured < n_events:
        return f"the {measured:,} of {plural(n_events, 'event')} with a complete window"
    return "the only event" if n_events == 1 else f"the {plural(n_events, 'event')}"


def _looks(n: int) -> str:
    if n == 1:
        return "the only horizon looked at"
    return "both horizons considered" if n == 2 else f"all {n} horizons considered"


def alone(n: int, p_value: float | None) -> str:
    """Say in a few words what one p says taken alone, not counting what else was looked at."""
    if p_value is None:
        return "no test" if n else "no complete window"
    return "stands out, taken alone" if stands_out(p_value) else "does not stand out"


def _returned(result: HorizonResult, what: str) -> str:
    excess = result.excess or 0.0
    way = "more" if excess >= 0 else "less"
    sessions = f"{plural(result.horizon, 'session')}"
    return f"over {sessions}, {what} returned {abs(excess) * 100:.2f} points {way} than the base rate (n = {result.n})"
