"""The sessions that an exchange schedules, as known long before: its week, and its holidays by rule."""

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
"""Last year of the listed holidays."""
BY_LIST = 1.0
"""If an exchange has more closures a year than this without a rule, they are its published list, such as lunar
holidays. No exchange that closes by rule has more than one a year (New York: 5 in 20 years); all others do."""


@dataclass(frozen=True, eq=False)
class Schedule:
    """Days of the week and holidays, as known in advance.

    Attributes
    ----------
    week : str
        Seven digits from Monday on; 1 if the exchange opens.
    holidays : ndarray of datetime64[D]
        Scheduled closures; none before the calendar is reliable.
    since : datetime64[D]
        First day from which the holidays are known.
    """

    week: str
    holidays: Sessions
    since: np.datetime64 = np.datetime64("0001-01-01", "D")  # noqa: RUF009  a constant

    def step(self, days: Sessions, offset: int) -> Sessions:
        """Return the scheduled session a number of sessions after each day; a day without one counts as the next."""
        moved = np.busday_offset(days, offset, roll="forward", weekmask=self.week, holidays=self.holidays)
        return np.asarray(moved).astype("datetime64[D]")


WEEKDAYS = Schedule("1111100", np.empty(0, dtype="datetime64[D]"))
"""The schedule of an unknown exchange: Monday to Friday."""


@cache
def schedule_of(exchange: str) -> Schedule:
    """Look up an exchange's schedule; Monday to Friday if it is not known.

    Closures without a rule (mourning, a storm, an attack) are not part of it, unless the exchange publishes its
    holidays as a list.

    Parameters
    ----------
    exchange : str
        A market identifier code such as ``"XNYS"``, or an alias of it; empty if none is known.
    """
    if not exchange:
        return WEEKDAYS
    import exchange_calendars  # takes a third of a second and imports pandas: needed only to count back
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
