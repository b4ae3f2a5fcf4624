"""Moments in time: seconds since 1970, and times with a UTC offset, as the calendar days of a time zone."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Sequence

import numpy as np

from backtest.data.files.numbers import Misread
from backtest.model import Ints, Sessions

EPOCH = "epoch"
"""The ``date_format`` of seconds or milliseconds since 1970-01-01 in UTC."""
_COUNT = re.compile(r"-?\d{1,19}(?:\.0*)?", re.ASCII)
_CLOCK = re.compile(
    r"(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:\.\d+)?(?: ?(?P<half>[AaPp][Mm]))?"
)
SCALES = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
"""Units per second, by the digits of the latest moment in a column: from 2001-09-09 to 2286, seconds have ten."""


def is_time_zone(name: str) -> bool:
    """Tell whether a name is an IANA time zone."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def epoch_dates(texts: Sequence[str], time_zone: str | None = None) -> Sessions | int:
    """Read a column of seconds since 1970, or fractions of them, as dates; or return the first row that is neither.

    Parameters
    ----------
    texts : sequence of str
        One per row.
    time_zone : str, optional
        The zone whose calendar days count; default: UTC.
    """
    wrong = next((row for row, text in enumerate(texts) if not _COUNT.fullmatch(text)), None)
    if wrong is not None:
        return wrong
    numbers = np.array([int(text.partition(".")[0]) for text in texts], dtype=np.int64)
    digits = len(str(np.abs(numbers).max())) if len(numbers) else 0
    if digits not in SCALES:
        return 0
    seconds = numbers // SCALES[digits]
    if time_zone is None:
        return seconds.astype("datetime64[s]").astype("datetime64[D]")
    zone = zoneinfo.ZoneInfo(time_zone)
    moments = [dt.datetime.fromtimestamp(second, dt.UTC) for second in seconds.tolist()]
    return np.array([moment.astimezone(zone).date() for moment in moments], dtype="datetime64[D]")


def local_dates(texts: Sequence[str], time_zone: str) -> Sessions:
    """Read times with a UTC offset as the calendar days of a time zone.

    Raises
    ------
    Misread
        A text is not a time, or has no offset.
    """
    zone = zoneinfo.ZoneInfo(time_zone)
    days = []
    for row, text in enumerate(texts):
        try:
            moment = dt.datetime.fromisoformat(text.strip().removesuffix(" UTC"))
        except ValueError:
            moment = dt.datetime.min
        if moment.tzinfo is None:
            rule = f'must be a time with an offset, such as 2022-01-02T23:00:00+00:00 (time_zone = "{time_zone}")'
            raise Misread(row, rule, "Remove time_zone from the manifest if the dates are right as written.")
        days.append(moment.astimezone(zone).date())
    return np.array(days, dtype="datetime64[D]")


def seconds_of_day(texts: Sequence[str], time_zone: str | None = None) -> Ints | None:
    """Return the time of day of each text, in seconds; None if they have none.

    Parameters
    ----------
    texts : sequence of str
        Dates with a time of day, or seconds or milliseconds since 1970.
    time_zone : str, optional
        The zone whose clock counts, for times with a known offset.
    """
    if not isinstance(epoch_dates(texts), int):
        moments = [int(text.partition(".")[0]) for text in texts]
        scale = SCALES[len(str(max(abs(moment) for moment in moments)))]
        zone = zoneinfo.ZoneInfo(time_zone or "UTC")
        clocks = [dt.datetime.fromtimestamp(moment // scale, zone) for moment in moments]
        return np.array([clock.hour * 3600 + clock.minute * 60 + clock.second for clock in clocks], dtype=np.int64)
    found = [_CLOCK.search(text) for text in texts]
    if not any(found):
        return None
    return np.array([0 if match is None else _seconds(match) for match in found], dtype=np.int64)


def _seconds(match: re.Match[str]) -> int:
    hour = int(match["hour"]) % 24
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    return hour * 3600 + int(match["minute"]) * 60 + int(match["second"] or 0)
