"""A horizon: how far ahead a return is measured, in sessions or by the calendar."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from backtest.format import period
from backtest.model.arrays import Sessions

Asked = int | str
"""A horizon as a strategy, a command and a record write it: a number of sessions, or a word such as ``"3m"``."""

WORD = re.compile(r"([1-9][0-9]{0,3})([wmy])")
"""A count of weeks, months or years."""
MONTHS = {"m": 1, "y": 12}
DAYS_A_YEAR = 365.25
SESSIONS_A_YEAR = 252
"""Of stocks, as usual; what is quoted every day has 365."""


@dataclass(frozen=True, order=True)
class Horizon:
    """One horizon of a study; horizons are in order of their length.

    Attributes
    ----------
    sessions : int
        Its length; for a calendar horizon about how many sessions it has, such as 252 for a year of stocks. No window
        is measured by that: it serves for order, and where a test needs to know how long windows are about.
    word : str
        ``"1w"``, ``"3m"``, ``"1y"`` and so on; empty where sessions are counted.
    """

    sessions: int
    word: str = ""

    @property
    def label(self) -> Asked:
        """How it is written, which tells 252 from ``"1y"``."""
        return self.word or self.sessions

    @property
    def words(self) -> str:
        """What it is in a sentence: ``"21 sessions"``, ``"1 month"``."""
        return period(self.label)

    def __str__(self) -> str:
        return str(self.label)


def horizons_of(asked: Iterable[Asked], sessions_a_year: int = SESSIONS_A_YEAR) -> tuple[Horizon, ...]:
    """Return horizons in order of their length.

    Parameters
    ----------
    asked : iterable of int or str
        As a strategy writes them.
    sessions_a_year : int
        Of the exchange.
    """
    return tuple(sorted(Horizon(about(one, sessions_a_year), one if isinstance(one, str) else "") for one in asked))


def about(asked: Asked, sessions_a_year: int = SESSIONS_A_YEAR) -> int:
    """Return about how many sessions a horizon has: exactly where they are counted."""
    if isinstance(asked, int):
        return asked
    return max(1, round(calendar_days(asked) * sessions_a_year / DAYS_A_YEAR))


def calendar_days(word: str) -> float:
    """Return how many days a calendar horizon has on average.

    Raises
    ------
    ValueError
        It is no calendar horizon: a bug of the caller.
    """
    count, unit = parts_of(word)
    return 7.0 * count if unit == "w" else DAYS_A_YEAR * count * MONTHS[unit] / 12


def parts_of(word: str) -> tuple[int, str]:
    """Return the count and the unit of a calendar horizon, ``"w"``, ``"m"`` or ``"y"``.

    Raises
    ------
    ValueError
        It is none: a bug of the caller.
    """
    found = WORD.fullmatch(word)
    if found is None:
        raise ValueError(f"{word!r} is no calendar horizon")
    return int(found[1]), found[2]


def same_day(days: Sessions, word: str) -> Sessions:
    """Return the same calendar day so many weeks, months or years later.

    Parameters
    ----------
    days : ndarray of shape (n,), datetime64[D]
        From which.
    word : str
        A calendar horizon.

    Returns
    -------
    ndarray of shape (n,), datetime64[D]
        Where the month has no such day, its last one: a month after 31 January is 28 or 29 February.
    """
    count, unit = parts_of(word)
    if unit == "w":
        return days + np.timedelta64(7 * count, "D")
    month = days.astype("datetime64[M]")
    later = month + np.timedelta64(count * MONTHS[unit], "M")
    last = (later + np.timedelta64(1, "M")).astype("datetime64[D]") - np.timedelta64(1, "D")
    reached: Sessions = later.astype("datetime64[D]") + (days - month.astype("datetime64[D]"))
    return np.asarray(np.minimum(reached, last))


def column_head(asked: Iterable[Asked]) -> str:
    """Return the head of a column of horizons: sessions, unless some are by the calendar."""
    return "horizon" if any(isinstance(one, str) for one in asked) else "sessions"


def written(text: str) -> Asked:
    """Read a horizon back from its label as text, as in the keys of a JSON object."""
    return int(text) if text.isdecimal() else text
