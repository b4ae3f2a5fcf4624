"""Streak: n sessions in a row, each reaching a threshold."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.returns import beyond, session_returns
from backtest.detect.rolling import over_last
from backtest.model import Bools, Condition, Indicator, Ints, Prices

PATTERN = "sessions"
THRESHOLD, UNIT = "threshold", "fraction"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    against: str | None = None,
    sessions: Annotated[int, Field(ge=1, le=2520)] = 5,
    threshold: Annotated[float, Field(ge=0)] = 0.01,
    direction: Literal["up", "down"] = "up",
) -> Condition:
    """Flag a session if each of the last `sessions` sessions has a return of at least `threshold`.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of a level series.
    against : str, optional
        Another level series whose session return is subtracted first.
    sessions : int
        Length of the streak, in sessions.
    threshold : float
        Minimum return of each session, close to close, as a fraction (0.01 is 1%); compared exactly, unrounded.
        With 0, an unchanged close is neither up nor down.
    direction : {"up", "down"}
        ``"up"``: each return is at least `threshold`; ``"down"``: each return is at most minus `threshold`.

    Returns
    -------
    Condition
        Unknown if a missing return would decide. The indicator is the length of the streak so far.

    References
    ----------
    Fama, E. F. (1965). The behavior of stock-market prices. Journal of Business 38(1), 34-105: runs of daily changes.

    Examples
    --------
    ::

        [detector]
        use = "streak"
        series = "small_index"
        sessions = 5
        threshold = 0.01
    """
    returns = session_returns(prices, series, 1, against)
    watched = (prices.name(series), against and prices.name(against), threshold, direction)
    far = prices.once(("far", *watched), lambda: beyond(returns, threshold, direction))
    perhaps = prices.once(("perhaps far", *watched), lambda: far | ~np.isfinite(returns))
    met = over_last(np.logical_and, far, sessions, False)
    known = met | ~over_last(np.logical_and, perhaps, sessions, True)  # one session that falls short rules a streak out
    if returns.ndim == 2:  # of several assets, whose indicators nobody looks at
        return Condition(met, known)
    shown = prices.once(("streak", *watched), lambda: np.where(np.isfinite(returns), run_length(far), np.nan))
    return Condition(met, known, Indicator("streak so far", "sessions", shown, float(sessions)))


def run_length(flags: Bools) -> Ints:
    """Count, per session, how many sessions in a row up to and including it are flagged."""
    at = np.flatnonzero(flags)
    first = np.maximum.accumulate(np.where(np.diff(at, prepend=-2) > 1, at, 0))  # of the run of each flag
    length = np.zeros(len(flags), dtype=np.int64)
    length[at] = at - first + 1
    return length
