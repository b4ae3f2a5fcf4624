"""Read codes of 30-day fed funds futures, such as ZQN26, as contract months."""

from __future__ import annotations

import re

import numpy as np

LETTERS = "FGHJKMNQUVXZ"
"""January to December, in the code letters of futures exchanges."""
CODE = re.compile(rf"[@/]?(?:[A-Z]+:)?(ZQ|FF)([{LETTERS}])(\d|\d\d|\d{{4}})(?:\.CBT| COMDTY)?", re.ASCII)
"""The root of the exchange (ZQ) or of the pit and Bloomberg (FF), the month, and a year of one, two or four digits;
with the decorations of data vendors: @FFN26, CBOT:ZQN2026, ZQN26.CBT, FFN6 Comdty."""
BEHIND = 12
"""A code with a year of one or two digits means the first such month that ended no longer than this before the day of
the price, in months: a vendor's last rows of a contract may be dated after it."""


def is_code(text: str) -> bool:
    """Tell whether a text is the code of a fed funds contract."""
    return CODE.fullmatch(text.strip().upper()) is not None


def month_of_code(text: str, day: np.datetime64) -> int | None:
    """Return the month that a code means on a given day, in months since January 1970; None if it is not a code.

    A year of one or two digits is the first that fits the day: FFN6 means July 2026 in 2025, and July 2016 in
    2015.
    """
    found = CODE.fullmatch(text.strip().upper())
    if found is None:
        return None
    _, letter, digits = found.groups()
    month, year = LETTERS.index(letter), int(digits)
    if len(digits) == 4:
        return 12 * (year - 1970) + month
    period, earliest = 12 * 10 ** len(digits), int(day.astype("datetime64[M]").astype(np.int64)) - BEHIND
    first = 12 * (year - 1970) + month
    return int(first + -((first - earliest) // period) * period)
