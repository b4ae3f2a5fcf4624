"""Moments in time: seconds since 1970, and times of day with an offset, as the calendar days of a time zone."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Sequence

import numpy as np

from backtest.data.files.numbers import Misread
from backtest.model import Sessions

EPOCH = "epoch"
"""The ``date_format`` of seconds or milliseconds since 1970-01-01 in UTC."""
_COUNT = re.compile(r"-?\d{1,13}(?:\.0*)?", re.ASCII)
SECONDS, MILLISECONDS = 10, 13
"""Digits of the latest moment of a column: from 2001-09-09 to 2286 seconds have ten, milliseconds thirteen."""


def is_time_zone(name: str) -> bool:
    """Tell whether a name is one of the IANA's time zones."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def epoch_dates(texts: Sequence[str], time_zone: str | None = None) -> Sessions | int:
    """Read a column of seconds, or of milliseconds, since 1970 as dates; or return the first row that is none.

    Parameters
    ----------
    texts : sequence of str
        One a row.
    time_zone : str, optional
        Whose calendar days they are; default: UTC.
    """
    wrong = next((row for row, text in enumerate(texts) if not _COUNT.fullmatch(text)), None)
    if wrong is not None:
        return wrong
    numbers = np.array([int(text.partition(".")[0]) for text in texts], dtype=np.int64)
    digits = len(str(np.abs(numbers).max())) if len(numbers) else 0
    if digits not in (SECONDS, MILLISECONDS):
        return 0
    seconds = numbers if digits == SECONDS else numbers // 1000
    if time_zone is None:
        return seconds.astype("datetime64[s]").astype("datetime64[D]")
    zone = zoneinfo.ZoneInfo(time_zone)
    moments = [dt.datetime.fromtimestamp(second, dt.UTC) for second in seconds.tolist()]
    return np.array([moment.astimezone(zone).date() for moment in moments], dtype="datetime64[D]")


def local_dates(texts: Sequence[str], time_zone: str) -> Sessions:
    """Read moments with their offsets from UTC as the calendar days of a time zone.

    Raises
    ------
    Misread
        A text is no moment, or says no offset.
    """
    zone = zoneinfo.ZoneInfo(time_zone)
    days = []
    for row, text in enumerate(texts):
        try:
            moment = dt.datetime.fromisoformat(text.strip().removesuffix(" UTC"))
        except ValueError:
            moment = dt.datetime.min
        if moment.tzinfo is None:
            rule = f'must be a moment with an offset, such as 2022-01-02T23:00:00+00:00 (time_zone = "{time_zone}")'
            raise Misread(row, rule, "Take time_zone out of the manifest if the dates are right as they are written.")
        days.append(moment.astimezone(zone).date())
    return np.array(days, dtype="datetime64[D]")
