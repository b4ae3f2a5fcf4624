"""Dates from calendar rules, such as the third Wednesday of every March: they contain no information on any market."""

from __future__ import annotations

import numpy as np

from backtest.model import Ints, Sessions

WEEKDAYS = 5
ORDINALS = (1, 2, 3, 4)
LAST_OF_MONTH = 15
"""The latest session of a month that is counted from its beginning; every month has more sessions."""
PATTERNS: tuple[tuple[int, int], ...] = ((1, 1), (4, 1), (12, 1), (12, 2))
"""Months of the year and days of the month that a rule names."""


def calendar_dates(sessions: Sessions, n: int, rng: np.random.Generator) -> Ints:
    """Draw a rule that gives at least `n` dates, and take `n` consecutive ones.

    A rule names a weekday (the second Friday) or a session (the first, the fifth) of one month of the year, of every
    third month, or of every month; once or twice a month; every year or every few years. A date without a session
    counts at the next session.

    Parameters
    ----------
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The history.
    n : int
        Number of dates wanted; fewer if no rule gives that many.
    rng : numpy.random.Generator
        Draws the rule.

    Returns
    -------
    ndarray of shape (n_dates,)
        Session positions in increasing order, without duplicates.
    """
    months = np.arange(sessions[0].astype("datetime64[M]"), sessions[-1].astype("datetime64[M]") + 1)
    years = len(months) / 12
    possible = [pattern for pattern in PATTERNS if years * pattern[0] * pattern[1] >= 1.2 * n] or [PATTERNS[-1]]
    a_year, a_month = possible[rng.integers(len(possible))]
    number = months.astype(np.int64)
    chosen = number % (12 // a_year) == rng.integers(12 // a_year)
    every = max(1, min(int(years * a_year * a_month / (1.2 * n)), int(years / 2)))
    chosen &= (number // 12) % every == rng.integers(every)
    draw = weekday_dates if rng.random() < 0.5 else session_dates
    dates = draw(sessions, months[chosen], a_month, rng)
    start = int(rng.integers(max(len(dates) - n, 0) + 1))
    return dates[start : start + n]


def weekday_dates(sessions: Sessions, months: Sessions, a_month: int, rng: np.random.Generator) -> Ints:
    """Return the same weekday of the same week in each month; for two per month, two weeks apart."""
    weekday, ordinal = int(rng.integers(WEEKDAYS)), ORDINALS[rng.integers(len(ORDINALS) // a_month)]
    return _positions(sessions, [nth_weekday(months, weekday, ordinal + 2 * i) for i in range(a_month)])


def nth_weekday(months: Sessions, weekday: int, ordinal: int) -> Sessions:
    """Return the n-th given weekday of each month; Monday is 0."""
    first = months.astype("datetime64[D]")
    of_first = (first.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    return np.asarray(first + (weekday - of_first) % 7 + 7 * (ordinal - 1))


def session_dates(sessions: Sessions, months: Sessions, a_month: int, rng: np.random.Generator) -> Ints:
    """Return the same session of each month, counted from its beginning or end; for two per month, seven apart."""
    place = int(rng.integers(LAST_OF_MONTH - 7 * (a_month - 1)))
    if rng.random() < 0.5:
        begins = np.searchsorted(sessions, months.astype("datetime64[D]")) + place
        return _inside(sessions, [begins + 7 * i for i in range(a_month)])
    ends = np.searchsorted(sessions, (months + 1).astype("datetime64[D]")) - 1 - place
    return _inside(sessions, [ends - 7 * i for i in range(a_month)])


def _positions(sessions: Sessions, dates: list[Sessions]) -> Ints:
    inside = [one[(one >= sessions[0]) & (one <= sessions[-1])] for one in dates]
    return _inside(sessions, [np.searchsorted(sessions, one) for one in inside])


def _inside(sessions: Sessions, places: list[Ints]) -> Ints:
    every = np.unique(np.concatenate(places))
    return every[(every >= 0) & (every < len(sessions))]
