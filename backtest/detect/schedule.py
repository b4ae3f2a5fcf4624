"""The sessions that an exchange is to hold, as everybody could know long before: its week, and its holidays by rule."""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from backtest.data.firewall.exchange import BELIEVED_SINCE, OTHERS_SINCE
from backtest.model import Sessions

LAST_YEAR = 2100
"""Holidays are listed up to here."""
BY_LIST = 1.0
"""Closures a year that follow no rule, above which they are the exchange's published list: lunar holidays and the like.
Of the exchanges that close by rule none has more than one a year (New York: 5 in 20 years), of the others all do."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """Days of the week and holidays, as they are known in advance.

    Attributes
    ----------
    week : str
        Seven digits from Monday on, 1 on which the exchange opens.
    holidays : ndarray of datetime64[D]
        Closed days that were scheduled; none before the calendar is believed.
    since : datetime64[D]
        From when on the holidays are known.
    """

    week: str
    holidays: Sessions
    since: np.datetime64 = np.datetime64("0001-01-01", "D")  # noqa: RUF009  a constant

    def step(self, days: Sessions, offset: int) -> Sessions:
        """Return the scheduled session so many after each day; a day that is none counts as the next one."""
        moved = np.busday_offset(days, offset, roll="forward", weekmask=self.week, holidays=self.holidays)
        return np.asarray(moved).astype("datetime64[D]")


WEEKDAYS = Schedule("1111100", np.empty(0, dtype="datetime64[D]"))
"""All that is known where the exchange is not: Monday to Friday."""


@cache
def schedule_of(exchange: str) -> Schedule:
    """Look up what an exchange's schedule is; Monday to Friday where it is not known.

    What is closed without a rule (mourning, a storm, an attack) is no part of it, unless the exchange publishes its
    holidays as a list.

    Parameters
    ----------
    exchange : str
        A market identifier code such as ``"XNYS"``, or an alias of it; empty where none is known.
    """
    if not exchange:
        return WEEKDAYS
    import exchange_calendars  # a third of a second, and pandas: only who counts back from a date waits for it
    from exchange_calendars.errors import CalendarError

    try:
        name: str = exchange_calendars.resolve_alias(exchange)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            calendar = exchange_calendars.get_calendar(name)
            since = BELIEVED_SINCE.get(name, OTHERS_SINCE)
            rules = calendar.regular_holidays
            ruled = _days([] if rules is None else rules.holidays(str(since), f"{LAST_YEAR}-12-31"))
            listed = _days(calendar.adhoc_holidays)
    except (CalendarError, ValueError):
        return WEEKDAYS
    listed = listed[listed >= np.datetime64(since)]
    first, last = calendar.sessions[0], calendar.sessions[-1]
    recent = (listed >= _days([first])[0]) & (listed <= _days([last])[0]) & ~np.isin(listed, ruled)
    by_list = recent.sum() > BY_LIST * ((last - first) / dt.timedelta(days=365.25))
    holidays = np.unique(np.concatenate((ruled, listed))) if by_list else np.unique(ruled)
    return Schedule(calendar.weekmask, holidays, np.datetime64(since, "D"))


def _days(stamps: Any) -> Sessions:  # noqa: ANN401  whatever exchange_calendars gives
    import pandas as pd

    return pd.DatetimeIndex(stamps).tz_localize(None).to_numpy().astype("datetime64[D]")
