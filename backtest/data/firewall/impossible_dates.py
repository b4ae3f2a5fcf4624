"""Dates that cannot be: after today, or before there were prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import numpy as np

from backtest.data.firewall.findings import found, more
from backtest.model import Sessions
from backtest.model.finding import Finding

LEEWAY = 1
"""Days that a date may be ahead of today in UTC: east of Greenwich tomorrow has begun."""
SCHEDULED = 3660
"""The same for decisions: meetings are announced years ahead."""
EARLIEST = np.datetime64("1700-01-01")
"""No series of daily prices goes back further; a date before it is a slip of the year."""


def utc_today() -> dt.date:
    """Return the date by the clock, in UTC."""
    return dt.datetime.now(dt.UTC).date()


def impossible_dates(
    name: str, dates: Sessions, place: Callable[[int], str], today: dt.date, ahead: int = LEEWAY
) -> Iterator[Finding]:
    """Find dates more than `ahead` days after today, and dates before `EARLIEST`: errors, one finding each.

    Parameters
    ----------
    name : str
        The series.
    dates : ndarray of shape (n,), datetime64[D]
        One a row, in any order.
    place : callable
        Says where a row stands.
    today : date
        The current date in UTC.
    ahead : int, optional
        Days of leeway.
    """
    late = np.flatnonzero(dates > np.datetime64(today) + np.timedelta64(ahead, "D"))
    if len(late):
        row = int(late[0])
        text = f"{place(row)}: date {dates[row]} is in the future{more(len(late))}: today is {today}."
        yield found("future_date", name, text, days=_shown(dates[late]), error=True, count=len(late))
    early = np.flatnonzero(dates < EARLIEST)
    if len(early):
        row = int(early[0])
        text = f"{place(row)}: date {dates[row]} is before {EARLIEST}{more(len(early))}: a slip of the year?"
        yield found("future_date", name, text, days=_shown(dates[early]), error=True, count=len(early))


def _shown(dates: Sessions) -> Sessions:
    """Keep dates within the years that a calendar date can have, 1 to 9999; a finding's span has such dates."""
    clipped: Sessions = np.clip(dates, np.datetime64("0001-01-01"), np.datetime64("9999-12-31"))
    return clipped
