"""A strip of characters for the days of a study, as wide as the terminal leaves room for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

MARKS = "·│┃█"
"""No event in a stretch of time, one, two or three, and more."""


def strip(days: Sequence[str], first: str, last: str, width: int) -> str:
    """Draw how many of the days lie in each of `width` equal stretches of time from the first day to the last.

    Parameters
    ----------
    days : sequence of str
        ISO dates, all of them between the first and the last.
    first, last : str
        ISO dates.
    width : int
        Characters.
    """
    begin, end = (dt.date.fromisoformat(day[:10]).toordinal() for day in (first, last))
    counts = [0] * width
    for day in days:
        at = (dt.date.fromisoformat(day[:10]).toordinal() - begin) * width // (end - begin + 1)
        counts[min(max(at, 0), width - 1)] += 1
    return "".join(MARKS[0 if n == 0 else 1 if n == 1 else 2 if n <= 3 else 3] for n in counts)
