"""Whether an event was announced after the close, by a time of day or by a word that earnings calendars use."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from backtest.data.files.columns import MISSING

CLOSE = dt.time(16, 0)
"""This time or later is after the close, on the exchange's own clock."""
NO_TIME = MISSING | frozenset(
    (
        "",
        "?",
        "tbd",
        "tba",
        "tns",
        "time not supplied",
        "not supplied",
        "unknown",
        "unspecified",
        "unconfirmed",
        "all day",
        "tentative",
    )
)
"""Marks of an unknown time, in lower case, with single blanks between words."""

MEMORY = 1 << 16
"""Texts that are remembered: a long list repeats its dates, times and words."""
_CLOCK = re.compile(
    r"(?P<hour>[01]?\d|2[0-3])(?:[:h.](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?(?P<zone> ?(?:Z|[A-Z]{2,4}|[+-]\d\d:?\d\d))?",
    re.ASCII,
)
_DIGITS = re.compile(r"(?P<hour>[01]?\d|2[0-3])(?P<minute>[0-5]\d)", re.ASCII)
_DATED = re.compile(r"(?P<date>.*\d{2})(?:T| +)(?P<time>\d{1,2}:\d\d.*)")
_MIDNIGHT = re.compile(r"0?0:00(?::00(?:[.,]0+)?)?(?![:\d])|12:00(?::00)? ?[Aa]", re.ASCII)
_AFTER = frozenset(
    (
        *("amc", "after close", "after the close", "after market close", "after the market close", "after closing"),
        *("after market", "aftermarket", "after hours", "afterhours", "after market hours", "after trading hours"),
        *("after bell", "after the bell", "after closing bell", "after the closing bell", "post market", "postmarket"),
        *("post close", "post market close"),
    )
)
_BEFORE = frozenset(
    (
        *("bmo", "before open", "before the open", "before market open", "before the market open", "before opening"),
        *("before market", "before bell", "before the bell", "before opening bell", "before the opening bell"),
        *("before hours", "before market hours", "pre market", "premarket", "pre open", "pre market open"),
        *("dmh", "dmt", "during market hours", "during market", "during trading hours", "during the session"),
    )
)
_IN_CONTEXT = {
    **dict.fromkeys(("after", "post", "post mkt", "after mkt"), True),
    **dict.fromkeys(
        ("before", "pre", "pre mkt", "before mkt", "during", "intraday", "regular", "regular hours"), False
    ),
}
"""Words that count as times of day only in a column of times."""


class NamesTimeZone(Exception):
    """A time names a time zone, so it is not the exchange's own clock."""


def words_of(text: str) -> str:
    """Return a text in lower case, with single blanks for underscores, hyphens and blanks between its words."""
    return re.sub(r"[\s_-]+", " ", text.lower()).strip()


@lru_cache(MEMORY)
def is_missing_time(text: str) -> bool:
    """Return whether a text is blank, or a usual mark of an unknown time."""
    return text.strip().lower() in NO_TIME or words_of(text) in NO_TIME


@lru_cache(MEMORY)
def after_close(text: str) -> bool | None:
    """Return whether a time of day, or a word for one, is after the close; None if the text is neither.

    Midnight stands for a date without a time, and is before the close.

    Raises
    ------
    NamesTimeZone
        The time names a zone.
    """
    word = words_of(text).removeprefix("time ")  # time-after-hours, as Nasdaq writes it
    if word in _AFTER:
        return True
    if word in _BEFORE:
        return False
    found = _CLOCK.fullmatch(text.strip())
    if found is None or not (found["half"] or ":" in text or "h" in text):  # 16.05 may be a number
        return None
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    time = dt.time(hour, int(found["minute"] or 0), int(found["second"] or 0))
    if found["zone"] and time != dt.time(0):
        raise NamesTimeZone(text)
    return time >= CLOSE


def after_close_in_column(text: str) -> bool | None:
    """Return the same for a cell in a column of times, where 1605 and ``post`` are times, too.

    Raises
    ------
    NamesTimeZone
        The time names a zone.
    """
    if (late := after_close(text)) is not None:
        return late
    if found := _DIGITS.fullmatch(text.strip()):
        return dt.time(int(found["hour"]), int(found["minute"])) >= CLOSE
    return _IN_CONTEXT.get(words_of(text))


@lru_cache(MEMORY)
def is_time(text: str) -> bool:
    """Return whether a text is a time of day, or a word for one, in any column."""
    try:
        return after_close(text) is not None
    except NamesTimeZone:
        return True


@lru_cache(MEMORY)
def date_and_time(text: str) -> tuple[str, str]:
    """Split a date from the time of day behind it; the time is empty if there is none or if it is midnight."""
    found = _DATED.fullmatch(text.strip())
    if found is None or not is_time(found["time"]):
        return text.strip(), ""
    return found["date"].strip(), "" if _MIDNIGHT.match(found["time"]) else found["time"]
