"""What a cell of a table looks like, before it is known what the column holds."""

from __future__ import annotations

import re

_DAY = (
    r"[12]\d{3}[-/.][01]?\d[-/.][0-3]?\d",
    r"[0-3]?\d[-/.][0-3]?\d[-/.](?:\d{4}|\d\d)",
    r"[12]\d{3}[01]\d[0-3]\d",
    r"[0-3]?\d(?:st|nd|rd|th|er|\.(?= ))?[ /-]?(?:de )?[A-Za-zÀ-ÿ]{3,10}(?:\.|,(?= ))?[ /-]?(?:de )?\d{2,4}",
    r"[A-Za-z]{3,9}\.? [0-3]?\d(?:st|nd|rd|th)?,? \d{2,4}",
    r"[12]\d{3}-[A-Za-z]{3}-[0-3]?\d",
    r"[A-Za-z]{3,9}-[0-3]?\d-\d{4}",
    r"[12]\d{3}年[01]?\d月[0-3]?\d日",
)
_TIME = r"(?:(?:T| +)\d{1,2}:\d\d.*)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +)?"
_DATE = re.compile(rf"(?i:{_WEEKDAY})(?:{'|'.join(_DAY)}){_TIME}|-?\d{{10}}|-?\d{{13}}|\d{{16}}|\d{{19}}", re.ASCII)
_NUMBER = re.compile(r"[-+(−]?[^\w\s(.,-]{0,3}\d[\d.,'’ ]*(?:[eE][+-]?\d+)?[%KMBTkmbt]?\)?")


def is_like_a_date(text: str) -> bool:
    """Tell whether a cell looks like a date or like (milli)seconds since 1970; the date need not exist."""
    return _DATE.fullmatch(text.strip()) is not None


def is_like_a_number(text: str) -> bool:
    """Tell whether a cell looks like a number, with or without a sign of currency, percent or magnitude."""
    return _NUMBER.fullmatch(text.strip()) is not None
