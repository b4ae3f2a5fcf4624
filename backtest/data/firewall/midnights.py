"""Whose midnight the times of a file are."""

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
"""Zones of exchanges, and who else has that clock."""
MIDNIGHT, AN_HOUR_LATER = dt.time(), dt.time(1)
SAMPLED = 2_000
"""Rows, the latest, that are looked at."""


def zones_of(dates: Sessions, seconds: Ints) -> list[str]:
    """Name the zones in which all of some moments in UTC are midnight of a Monday to Friday.

    Where none is, those in which they are midnight or an hour later: a clock that is not changed in summer. Else those
    in which they are one other time of day, such as an opening.

    Parameters
    ----------
    dates : ndarray of shape (n_rows,), datetime64[D]
        In UTC.
    seconds : ndarray of shape (n_rows,)
        The time of day of each.
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
    """Say which ``time_zone`` to write, by whose midnight, or other time of day, the times are."""
    found, when = _zones_of(dates, seconds)
    if not found:
        return f"Write time_zone, the zone of its exchange, for the series in {MANIFEST}: its calendar days count."
    names = " or ".join(f'"{name}"' for name in found)
    others = ", ".join(ZONES[name] for name in found if ZONES[name])
    also = f" (the same in {others})" if others else ""
    return f"Its times are {when} there: write time_zone = {names}{also} for the series in {MANIFEST}."
