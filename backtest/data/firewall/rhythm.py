"""How often a file has a row: once per session or otherwise; and whether its dates are shifted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.data.firewall.exchange import weekday
from backtest.data.firewall.findings import make_finding
from backtest.model import Ints, Sessions
from backtest.model.finding import Finding
from backtest.model.run_lengths import runs

FEWEST = 8
"""With fewer dates, nothing is reported."""
PERIODS = ((250, "year"), (60, "quarter"), (20, "month"), (5, "week"))
"""Smallest median distance between dates, in days, and the period that it means."""
RARE, AS_OFTEN = 0.05, 0.7
MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
FEWEST_WEEKS = 3
"""With fewer shifted weeks in a part of a file, they may be mistakes."""


def not_daily(name: str, days: Sessions) -> Iterator[Finding]:
    """Find a history of weeks, months or years: an error, because a study counts sessions.

    Parameters
    ----------
    name : str
        The series.
    days : ndarray of shape (n,), datetime64[D]
        The dates that have a value, increasing.
    """
    if len(days) < FEWEST:
        return
    days = np.unique(days)
    gaps = np.diff(days).astype(np.int64)
    begins, ends = runs(gaps >= PERIODS[-1][0])
    longest = int(np.argmax(ends - begins)) if len(begins) else 0
    span = (
        slice(0, len(gaps))
        if np.median(gaps) >= PERIODS[-1][0] or not len(begins)
        else (slice(begins[longest], ends[longest] + 1))
    )
    gap = float(np.median(gaps[span]))
    period = next((word for least, word in PERIODS if gap >= least), None)
    if period and len(gaps[span]) >= FEWEST:
        rows, last = len(gaps[span]) + 1, days[1:][span][-1]
        text = f"{name}: one row per {period} ({rows:,} from {days[span][0]} to {last}): must be one per session."
        yield make_finding(
            "not_daily",
            name,
            text,
            days=days,
            error=True,
            hint="Bring daily data: a study counts sessions from close to close.",
        )


def shift_in_days(days: Sessions) -> int:
    """Tell by how many days the dates are shifted from a Monday-to-Friday week: -1, 0 or 1.

    Dates from Sunday to Thursday are a day early, dates from Tuesday to Saturday a day late: midnight elsewhere.
    """
    counts: Ints = np.bincount(weekday(days), minlength=7)
    usual = float(np.median(counts[1:FRIDAY]))
    for moved, gone, instead in ((-1, FRIDAY, SUNDAY), (1, MONDAY, SATURDAY)):
        rest = {SATURDAY, SUNDAY} - {instead}
        if (
            counts[gone] <= RARE * usual
            and counts[instead] >= AS_OFTEN * usual
            and not any(counts[day] for day in rest)
        ):
            return moved
    return 0


def shifted_weeks(days: Sessions) -> Sessions:
    """Return the weekend dates in weeks that are shifted by one day, in a file that also has other weeks.

    Parameters
    ----------
    days : ndarray of shape (n,), datetime64[D]
        The dates that have a value.

    Notes
    -----
    Where an exchange opens near midnight UTC, its UTC times fall on the day before in summer only, or in winter only.
    Such a week has a Sunday and no Friday, or a Saturday and no Monday. A market around the clock has its Friday, too.
    """
    days = np.unique(days)
    moved = []
    for day, steps in ((SUNDAY, (5, 4)), (SATURDAY, (-5, -4))):
        weekends = days[weekday(days) == day]
        lacking, there = (np.isin(weekends + np.timedelta64(step, "D"), days) for step in steps)
        weeks = weekends[~lacking & there]
        if len(weeks) >= max(FEWEST_WEEKS, AS_OFTEN * len(weekends)):
            moved.append(weeks)
    return np.sort(np.concatenate(moved)) if moved else days[:0]
