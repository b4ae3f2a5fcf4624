"""Find the time zone in which the times of a file are midnight."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import numpy as np

from backtest.data.firewall.rhythm import FRIDAY, RARE
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
"""Time zones of exchanges, and other exchanges with the same clock."""
MIDNIGHT, AN_HOUR_LATER = dt.time(), dt.time(1)
SAMPLED = 2_000
"""The number of rows, the latest ones, that are examined."""


def zones_of(dates: Sessions, seconds: Ints) -> list[str]:
    """Name the zones in which all UTC times are midnight of a day from Monday to Friday.

    If there is none, name the zones in which they are midnight or one hour later: a clock that ignores summer time. If
    there is none either, name those in which all have one other time of day, such as an opening.

    Parameters
    ----------
    dates : ndarray of shape (n_rows,), datetime64[D]
        In UTC.
    seconds : ndarray of shape (n_rows,)
        The time of day of each row.
    """
    return _zones_of(dates, seconds)[0]


def _zones_of(dates: Sessions, seconds: Ints) -> tuple[list[str], str]:
    moments = np.unique(dates.astype("datetime64[s]") + seconds.astype("timedelta64[s]"))[-SAMPLED:].tolist()
    clocks = {}
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        local = [moment.replace(tzinfo=dt.UTC).astimezone(zone) for moment in moments]
        if sum(moment.weekday() > FRIDAY for moment in local) <= RARE * len(local):
            clocks[name] = {moment.time() for moment in local}
    for times in ({MIDNIGHT}, {MIDNIGHT, AN_HOUR_LATER}):
        if found := [name for name, clock in clocks.items() if clock == times]:
            return found, "midnight"
    return [name for name, clock in clocks.items() if len(clock) == 1], "one time of day"


def zone_hint(dates: Sessions, seconds: Ints) -> str:
    """Say which ``time_zone`` to write: the one in which the times are midnight, or one other time of day."""
    found, when = _zones_of(dates, seconds)
    if not found:
        return f"Write time_zone, the zone of its exchange, for the series in {MANIFEST}; it sets the calendar days."
    names = " or ".join(f'"{name}"' for name in found)
    others = ", ".join(ZONES[name] for name in found if ZONES[name])
    also = f" (the same in {others})" if others else ""
    return f"Its times are {when} there: write time_zone = {names}{also} for the series in {MANIFEST}."
