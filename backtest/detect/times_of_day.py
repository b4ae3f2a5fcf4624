"""Whether an event was announced after the close, by a time of day or by a word that earnings calendars use."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

CLOSE = dt.time(16, 0)
"""At this time, or after it, is after the close: the clock is the exchange's own."""

_CLOCK = re.compile(
    r"(?P<hour>[01]?\d|2[0-3])(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?P<zone> ?(?:Z|[A-Z]{2,4}|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_DATED = re.compile(r".*\d{2}(?:T| +)(?P<time>\d{1,2}:\d\d.*)")
_MIDNIGHT = re.compile(r"0?0:00(?::00(?:[.,]0+)?)?(?![:\d])|12:00(?::00)? ?[Aa]", re.ASCII)
_AFTER = frozenset(("amc", "after close", "after market close", "after the close", "after market", "post market"))
_BEFORE = frozenset(("bmo", "before open", "before market open", "before the open", "before market", "pre market"))
_DURING = frozenset(("dmh", "during market hours", "during market", "during"))


class Zoned(Exception):
    """A time that names a zone: whose evening it is, cannot be told from it."""


def after_close(text: str) -> bool | None:
    """Tell whether a time of day, or a word for one, lies after the close; None where the text is neither.

    Midnight stands for a date without a time, and lies before it.

    Raises
    ------
    Zoned
        The time names a zone.
    """
    word = re.sub(r"[\s_-]+", " ", text.strip().lower())
    if word in _AFTER:
        return True
    if word in _BEFORE or word in _DURING:
        return False
    found = _CLOCK.fullmatch(text.strip())
    if found is None or (found["minute"] is None and found["half"] is None):
        return None
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    time = dt.time(hour, int(found["minute"] or 0), int(found["second"] or 0))
    if found["zone"] and time != dt.time(0):
        raise Zoned(text)
    return time >= CLOSE


def time_behind(text: str) -> str:
    """Return the time of day that stands behind a date; empty where there is none, or midnight, which is none."""
    found = _DATED.fullmatch(text.strip())
    return found["time"] if found and not _MIDNIGHT.match(found["time"]) else ""


def are_times(texts: Sequence[str]) -> bool:
    """Tell whether every text is a time of day, or a word for one; at least one must be there."""
    try:
        return bool(texts) and all(after_close(text) is not None for text in texts)
    except Zoned:
        return True
