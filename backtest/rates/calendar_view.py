"""The meeting calendar as it was known on each session, never as it turned out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Bools, Ints, Sessions
from backtest.rates.curve import months_of
from backtest.rates.meetings import Meetings

NONE = -1
"""The calendar has no meeting that far ahead."""


@dataclass(frozen=True, eq=False)
class CalendarView:
    """What was known about the meetings, by session.

    Attributes
    ----------
    count : ndarray of shape (n_sessions, n_months)
        Meetings in the month: scheduled ones not withdrawn, and unscheduled ones up to the session that moved the
        target.
    day : ndarray of shape (n_sessions, n_months)
        Day of the month of its meeting (of the last if there are several), 0 if there is none.
    published : ndarray of shape (n_sessions, n_months)
        Whether the month is in the calendar: not before its first meeting, not after the last public one.
    upcoming : ndarray of shape (n_sessions, n_ahead)
        Rows of `Meetings` of the scheduled meetings on or after the session, the nearest first; -1 if there are no
        more.
    """

    count: Ints
    day: Ints
    published: Bools
    upcoming: Ints


def calendar_view(meetings: Meetings, sessions: Sessions, back: int, months: int, ahead: int) -> CalendarView:
    """Return the calendar as known on each session, over `months` months from `back` months before its own.

    A date counts from the day it was public until the day it was withdrawn. A scheduled meeting is upcoming through its
    own day, as at CME: the new target is in force from the next day. An unscheduled meeting is never foreseen; if it
    moved the target, it counts in its month from its own day, or from the next day if it was announced after the
    futures had settled.
    """
    n = len(sessions)
    this = months_of(sessions)
    count, day = np.zeros((n, months), np.int64), np.zeros((n, months), np.int64)
    upcoming = np.full((n, ahead), NONE, np.int64)
    found, last = np.zeros(n, np.int64), np.full(n, np.iinfo(np.int64).min)
    month = months_of(meetings.date)
    until = np.where(meetings.held, np.datetime64("9999-01-01"), meetings.withdrawn)
    counts = meetings.scheduled | meetings.moved
    seen = meetings.known + (meetings.after_close & ~meetings.scheduled)
    for i in range(len(meetings)):
        begin, end, over = np.searchsorted(sessions, [seen[i], until[i], meetings.date[i] + 1])
        stands = slice(begin, end)
        if meetings.scheduled[i]:
            last[stands] = np.maximum(last[stands], month[i])
            to_come = np.arange(begin, min(end, over))
            near = to_come[found[to_come] < ahead]
            upcoming[near, found[near]] = i
            found[near] += 1
        if counts[i]:
            column = month[i] - this[stands] + back
            inside = (column >= 0) & (column < months)
            rows = np.arange(begin, end)[inside]
            count[rows, column[inside]] += 1
            day[rows, column[inside]] = _day_of_month(meetings, i)
    first = month[0] if len(meetings) else 0
    grid = this[:, None] + np.arange(months) - back
    return CalendarView(count, day, (grid >= first) & (grid <= last[:, None]), upcoming)


def _day_of_month(meetings: Meetings, i: int) -> int:
    date = meetings.date[i]
    return int((date - date.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64)) + 1
