"""Impossible dates: in the future, or before daily prices existed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import numpy as np

from backtest.data.firewall.findings import and_more, make_finding
from backtest.model import Sessions
from backtest.model.finding import Finding

LEEWAY = 1
"""Days that a date may be ahead of today in UTC: east of Greenwich, tomorrow may have begun."""
SCHEDULED = 3660
"""The same for decisions: meetings are announced years in advance."""
EARLIEST = np.datetime64("1700-01-01")
"""No series of daily prices begins earlier; a date before this has a wrong year."""


def utc_today() -> dt.date:
    """Return today's date in UTC."""
    return dt.datetime.now(dt.UTC).date()


def impossible_dates(
    name: str, dates: Sessions, place: Callable[[int], str], today: dt.date, ahead: int = LEEWAY
) -> Iterator[Finding]:
    """Find dates more than `ahead` days after today, and dates before `EARLIEST`: errors, one finding for each.

    Parameters
    ----------
    name : str
        The series.
    dates : ndarray of shape (n,), datetime64[D]
        One per row, in any order.
    place : callable
        Returns the place of a row in its file.
    today : date
        The current date in UTC.
    ahead : int, optional
        Days of tolerance.
    """
    late = np.flatnonzero(dates > np.datetime64(today) + np.timedelta64(ahead, "D"))
    if len(late):
        row = int(late[0])
        text = f"{place(row)}: date {dates[row]} is in the future{and_more(len(late))}: today is {today}."
        yield make_finding("future_date", name, text, days=_shown(dates[late]), error=True, count=len(late))
    early = np.flatnonzero(dates < EARLIEST)
    if len(early):
        row = int(early[0])
        text = f"{place(row)}: date {dates[row]} is before {EARLIEST}{and_more(len(early))}: a wrong year?"
        yield make_finding("future_date", name, text, days=_shown(dates[early]), error=True, count=len(early))


def _shown(dates: Sessions) -> Sessions:
    """Keep the dates that Python's calendar can hold (years 1 to 9999), for a finding's span."""
    clipped: Sessions = np.clip(dates, np.datetime64("0001-01-01"), np.datetime64("9999-12-31"))
    return clipped
