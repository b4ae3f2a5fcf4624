"""The verdict in plain words."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.format import plural, share_of_cases
from backtest.inference.result import HorizonResult
from backtest.model.significance import stands_out

FEW = 10


def verdict(results: Sequence[HorizonResult], n_events: int, what: str, word: str) -> str:
    """Say what the test says, and no more.

    Parameters
    ----------
    results : sequence of HorizonResult
        One a horizon.
    n_events : int
        Events of the study.
    what : str
        What is judged, such as ``"small minus mega"``, or ``"small"`` alone.
    word : str
        What it is: a spread or a return.
    """
    tried = [one for one in results if one.test.p_adjusted is not None and one.excess is not None]
    events = f"{plural(n_events, 'event')}"
    if not tried:
        if any(one.n for one in results):
            return f"Nothing can be said: there are {events}, but the {word} does not vary, so that there is no test."
        return f"Nothing can be said yet: none of the {events} has a complete window at any horizon."
    best = min(tried, key=lambda one: (one.test.p_adjusted or 0.0, one.test.p_value or 0.0))
    p = best.test.p_adjusted or 0.0
    looks = "the only horizon looked at" if len(tried) == 1 else f"all {len(tried)} horizons considered"
    if stands_out(p):
        head = f"Unlikely to be chance: {_returned(best, what)}."
        tail = f"Chance alone gives as much in {share_of_cases(p)} of cases, {looks}."
    else:
        head = f"Consistent with chance: after the {events}, no horizon stands out from the base rate."
        most = _returned(best, what)
        tail = f"The most remarkable: {most}; chance alone gives as much in {share_of_cases(p)} of cases, {looks}."
    caution = f" With {events}, only a very large effect could have been found." if n_events < FEW else ""
    return f"{head} {tail}{caution}"


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
