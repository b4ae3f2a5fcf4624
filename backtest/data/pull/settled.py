"""Until when prices are final: what is fetched before a session's close has settled would be a guess."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
SETTLED = dt.time(18)
"""Two hours after the close, New York time, providers have the final prices."""


def last_settled(now: dt.datetime) -> dt.date:
    """Return the last weekday whose prices are final; `now` carries its zone.

    Holidays are weekdays here: the worst that comes of it is a request without news.
    """
    there = now.astimezone(NEW_YORK)
    day = there.date() if there.time() >= SETTLED else there.date() - dt.timedelta(days=1)
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
