"""The sessions of an exchange according to exchange_calendars, and the date from which we trust them."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from backtest.errors import DataRefused, did_you_mean
from backtest.model import Bools, Sessions

BELIEVED_SINCE = {"XNYS": dt.date(1970, 1, 1)}
"""Measured on 1926-2026: from 1970, XNYS has exactly the sessions of the S&P 500 and of Kenneth French's returns.
Before 1970 it lacks about nine sessions a year that became holidays later, and the Saturdays until 1952."""
OTHERS_SINCE = dt.date(2000, 1, 1)
A_FORTNIGHT = np.timedelta64(14, "D")
LATER = ("", "2010-01-01", "2018-01-01", "2019-06-01", "2021-01-01", "2022-01-01")
"""Later starts to try if a calendar cannot be evaluated from its beginning."""


@dataclass(frozen=True, eq=False)
class Exchange:
    """The sessions of an exchange from `since` to `until`; outside this span, only a dataset's own dates are known."""

    name: str
    sessions: Sessions
    since: np.datetime64
    until: np.datetime64
    weekdays: frozenset[int]
    """Days of the week on which it ever opened; Monday is 0."""
    unknown: str = ""
    """Why nothing is known about it; then it has no sessions, and no date counts as off."""

    def expected(self, first: np.datetime64, last: np.datetime64) -> Sessions:
        """Return the known sessions from `first` to `last`."""
        return self.sessions[(self.sessions >= first) & (self.sessions <= last)]

    def is_off(self, days: Sessions) -> Bools:
        """Tell which days are known not to be sessions."""
        known = (days >= self.since) & (days <= self.until)
        return known & ~np.isin(days, self.sessions)

    def never_opens(self, days: Sessions) -> Bools:
        """Tell which days fall on a weekday on which it never opens."""
        return ~np.isin(weekday(days), list(self.weekdays))


def weekday(days: Sessions) -> np.ndarray:
    """Return the day of the week of each date; Monday is 0."""
    return (days.astype("datetime64[D]").astype(np.int64) + 3) % 7


def exchange_of(name: str, first: np.datetime64, last: np.datetime64, since: dt.date | None = None) -> Exchange:
    """Look up an exchange's sessions.

    Parameters
    ----------
    name : str
        A market identifier code such as ``"XNYS"``, or an alias of it.
    first, last : datetime64
        The dataset's first and last session.
    since : date, optional
        The date from which we trust its calendar; default: the measured one, or 2000.
    """
    until = np.datetime64(f"{last.astype('datetime64[Y]')}-12-31")
    sessions, resolved, unknown = _sessions(name, since, str(until))
    start = np.datetime64(since or BELIEVED_SINCE.get(resolved, OTHERS_SINCE))
    if not len(sessions):
        return Exchange(name, sessions, max(start, until), first, frozenset(), unknown)
    if sessions[0] - start > A_FORTNIGHT:  # it could not be evaluated from an earlier date
        start = sessions[0]
    return Exchange(name, sessions, start, until, frozenset(np.unique(weekday(sessions)).tolist()))


def _calendar(name: str, start: str, until: str) -> Any:  # noqa: ANN401  exchange_calendars has no types
    """Open a calendar from the earliest date from which it can be evaluated."""
    import exchange_calendars

    def open_from(later: str) -> Any:  # noqa: ANN401
        return exchange_calendars.get_calendar(name, start=max(start, later), end=until)

    starts = [later for later in LATER if later <= until]
    try:
        return open_from(starts[0])
    except ValueError:
        if len(starts) == 1:
            raise
    newest = open_from(starts[-1])  # if this fails, every start fails, and each try takes a second
    for later in starts[1:-1]:
        try:
            return open_from(later)
        except ValueError:
            continue
    return newest


@cache
def _sessions(name: str, since: dt.date | None, until: str) -> tuple[Sessions, str, str]:
    # This takes half a second and loads pandas: only an import, a pull or a check does it.
    import exchange_calendars
    from exchange_calendars.errors import CalendarError, InvalidCalendarName

    nothing = np.empty(0, dtype="datetime64[D]")
    try:
        resolved: str = exchange_calendars.resolve_alias(name)
        start = str(since or BELIEVED_SINCE.get(resolved, OTHERS_SINCE))
        if until < start:
            return nothing, resolved, ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            calendar = _calendar(resolved, start, until)
            sessions = calendar.sessions.to_numpy().astype("datetime64[D]")
    except InvalidCalendarName as error:
        known = exchange_calendars.get_calendar_names(include_aliases=True)
        raise DataRefused(
            f"calendar.exchange = '{name}': there is no calendar of that name.", did_you_mean(name, known)
        ) from error
    except (CalendarError, ValueError) as error:
        said = " ".join(str(error).split())
        return nothing, name, "its calendar cannot be evaluated" if "Timestamp" in said else said[:120]
    return sessions, resolved, ""
