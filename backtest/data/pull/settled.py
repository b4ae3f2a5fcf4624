"""When prices are final: a price fetched before the close has settled may still change."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
SETTLED = dt.time(18)
"""Providers have the final prices two hours after the close, New York time."""


def last_settled(now: dt.datetime) -> dt.date:
    """Return the last weekday whose prices are final; `now` must have a time zone.

    A holiday counts as a weekday: the worst consequence is one request that brings nothing new.
    """
    there = now.astimezone(NEW_YORK)
    day = there.date() if there.time() >= SETTLED else there.date() - dt.timedelta(days=1)
    return day - dt.timedelta(days=max(0, day.weekday() - 4))
