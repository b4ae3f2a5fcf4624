"""Where the window of every session ends, by horizon: everything that is measured over a window starts from here.

A horizon in sessions ends so many sessions after entry. A calendar horizon ends at the last session on or before the
same calendar day that many weeks, months or years after the day of entry. Which session that is, is known once the
data reach that day: with data that end on Friday 29 and a window to Saturday 30, Friday is taken for the end of the
window only once there is a session on or after the 30th. Until then the window is pending, as no one who has these
data alone can tell a day without trading from a day that has not come.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.model import Horizon, Ints, Sessions
from backtest.model.horizon import same_day

LONGEST_BREAK = np.timedelta64(14, "D")
"""Days before the target day within which the last session must lie. No exchange has had a longer holiday in decades;
what is longer is a hole of the history, and a month that ends before it would be no month."""


def window_ends(n: int, horizons: Sequence[Horizon], lag: int, days: Sessions | None = None) -> Ints:
    """Return the session at which a position is left that was entered after each day 0.

    Parameters
    ----------
    n : int
        Sessions of the history.
    horizons : sequence of Horizon
        Which windows.
    lag : int
        Sessions between day 0 and entry.
    days : ndarray of shape (n,), datetime64[D], optional
        The sessions; calendar horizons need them.

    Returns
    -------
    ndarray of shape (n, n_horizons)
        Session positions; n or more where the history does not reach so far. With a calendar horizon, the session of
        entry itself where no other lies within the window, or none near its end, as in a hole of the history: nothing
        is measured there.

    Raises
    ------
    ValueError
        A calendar horizon, and no days: a bug of the caller.
    """
    entry = np.arange(lag, n + lag)
    ends = np.empty((n, len(horizons)), dtype=np.int64)
    for column, horizon in enumerate(horizons):
        ends[:, column] = _by_calendar(days, horizon.word, entry) if horizon.word else entry + horizon.sessions
    return ends


def _by_calendar(days: Sessions | None, word: str, entry: Ints) -> Ints:
    if days is None:
        raise ValueError(f"horizon {word}: the days of the sessions are needed")
    n = len(days)
    ends = np.full(len(entry), n, dtype=np.int64)
    inside = entry < n
    target = same_day(days[entry[inside]], word)
    at = np.searchsorted(days, target, side="right") - 1
    at = np.where(target - days[at] > LONGEST_BREAK, entry[inside], at)
    ends[inside] = np.where(target <= days[-1:], at, n)
    return ends
