"""Whose midnight the times of a file are."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import numpy as np

from backtest.model import Ints, Sessions
from backtest.workspace import MANIFEST

ZONES = {
    "Europe/London": "Lisbon",
    "Europe/Berlin": "Paris, Madrid, Zurich, Warsaw and most of Europe",
    "Europe/Helsinki": "Athens",
    "Europe/Istanbul": "Moscow, Riyadh",
    "Asia/Dubai": "",
    "Asia/Kolkata": "",
    "Asia/Bangkok": "Jakarta",
    "Asia/Shanghai": "Hong Kong, Singapore, Taipei",
    "Asia/Tokyo": "Seoul",
    "Australia/Sydney": "",
    "Pacific/Auckland": "",
    "America/New_York": "Toronto",
    "America/Chicago": "",
    "America/Sao_Paulo": "",
}
"""Zones of exchanges, and who else has that clock."""
MIDNIGHT, AN_HOUR_LATER = dt.time(), dt.time(1)
SAMPLED = 2_000
"""Rows, the latest, that are looked at."""


def zones_of(dates: Sessions, seconds: Ints) -> list[str]:
    """Name the zones in which all of some moments in UTC are midnight.

    Where none is, those in which they are midnight or an hour later: a clock that is not changed in summer.

    Parameters
    ----------
    dates : ndarray of shape (n_rows,), datetime64[D]
        In UTC.
    seconds : ndarray of shape (n_rows,)
        The time of day of each.
    """
    moments = np.unique(dates.astype("datetime64[s]") + seconds.astype("timedelta64[s]"))[-SAMPLED:].tolist()
    clocks = {
        name: {moment.replace(tzinfo=dt.UTC).astimezone(zoneinfo.ZoneInfo(name)).time() for moment in moments}
        for name in ZONES
    }
    exact = [name for name, times in clocks.items() if times == {MIDNIGHT}]
    return exact or [name for name, times in clocks.items() if times == {MIDNIGHT, AN_HOUR_LATER}]


def zone_hint(dates: Sessions, seconds: Ints) -> str:
    """Say which ``time_zone`` to write, by whose midnight the times are."""
    found = zones_of(dates, seconds)
    if not found:
        return f"Write time_zone, the zone of its exchange, for the series in {MANIFEST}: its calendar days count."
    names = " or ".join(f'"{name}"' for name in found)
    others = ", ".join(ZONES[name] for name in found if ZONES[name])
    also = f" (the same in {others})" if others else ""
    return f"Its times are midnight there: write time_zone = {names}{also} for the series in {MANIFEST}."
