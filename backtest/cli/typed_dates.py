"""Dates as people type them, if they can be read in only one way."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any, Literal

import click

from backtest.format import MONTHS

Part = Literal["first", "last", "day"]
"""What a year or a month stands for: its first day, its last day, or neither, as a day is needed."""

PARTS: dict[str, Part] = {"since": "first", "until": "last"}
"""Keys of a strategy that hold dates, and what a year stands for there."""

FORMS = "2024-07-16, 2024-07, 2024, 20240716, 2024/7/16, '16 July 2024'"
# Compiled only when a date is typed: every command has such options, and few use them.
BY_YEAR = r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?"
COMPACT = r"(\d{4})(\d{2})(\d{2})"
DAY_FIRST = r"(?:(\d{1,2})[ -.]*)?([a-z]{3,9})\.?[ ,-]*(\d{4})"
MONTH_FIRST = r"([a-z]{3,9})\.? *(\d{1,2}), *(\d{4})"
TWO_READINGS = r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})"


def first_day(text: str) -> dt.datetime:
    """Read the first day of a span; for a month or a year, its first day."""
    return _read(text, "first")


def last_day(text: str) -> dt.datetime:
    """Read the last day of a span; for a month or a year, its last day."""
    return _read(text, "last")


def day_or_last(text: str) -> dt.datetime | None:
    """Read one day; None for ``last``, the last session there is, as without the option."""
    return None if text.strip().lower() == "last" else _read(text, "day")


def _read(text: str, part: Part) -> dt.datetime:
    try:
        return dt.datetime.combine(read_date(" ".join(text.lower().split()), part), dt.time())
    except ValueError as error:
        raise click.BadParameter(f"'{text}' {error}.") from error


def typed_value(key: str, value: Any) -> Any:  # noqa: ANN401  any TOML value
    """Read the value of ``episodes.since`` and ``until`` as ``--since`` and ``--until`` do; others are unchanged.

    A value that is not a date is unchanged, too: the strategy refuses it and names the key.
    """
    part = PARTS.get(key.removeprefix("episodes."))
    if part is None or not isinstance(value, int | str):
        return value
    try:
        return read_date(" ".join(str(value).lower().split()), part)
    except ValueError:
        return value


def read_date(text: str, part: Part) -> dt.date:
    """Read a date in lower case.

    Raises
    ------
    ValueError
        It is not a date, could be two dates, or lacks the day that is needed; the message follows the text.
    """
    year, month, day = _numbers(text)
    if not 1 <= month <= 12 and month:
        raise ValueError(f"has no month {month}")
    if day is not None:
        try:
            return dt.date(year, month, day)
        except ValueError as error:
            raise ValueError("is not a day of the calendar") from error
    if part == "day":
        raise ValueError(f"names no day: write one such as {year}-{month or 12:02}-15")
    if part == "first":
        return dt.date(year, month or 1, 1)
    return dt.date(year, month or 12, calendar.monthrange(year, month or 12)[1])


def _numbers(text: str) -> tuple[int, int, int | None]:
    """Return year, month (0: none) and day (None: none)."""
    if found := re.fullmatch(BY_YEAR, text):
        return int(found[1]), int(found[3] or 0), None if found[4] is None else int(found[4])
    if found := re.fullmatch(COMPACT, text):
        return int(found[1]), int(found[2]), int(found[3])
    if (found := re.fullmatch(DAY_FIRST, text)) and (month := _month(found[2])):
        return int(found[3]), month, None if found[1] is None else int(found[1])
    if (found := re.fullmatch(MONTH_FIRST, text)) and (month := _month(found[1])):
        return int(found[3]), month, int(found[2])
    if found := re.fullmatch(TWO_READINGS, text):
        a, b, year = (int(part) for part in found.groups())
        ways = [(d, m) for d, m in dict.fromkeys(((a, b), (b, a))) if 1 <= m <= 12 and 1 <= d <= 31]
        if len(ways) == 1:
            return year, ways[0][1], ways[0][0]
        named = " or ".join(f"{year}-{m:02}-{d:02}" for d, m in ways)
        raise ValueError(f"can be read in two ways: write {named}" if named else "is not a date")
    raise ValueError(f"is not a date: write it as in {FORMS}")


def _month(name: str) -> int:
    """Return the number of an English month, written in full or by its first letters; 0 for anything else."""
    return next((i for i, month in enumerate(MONTHS, start=1) if month.lower().startswith(name)), 0)
