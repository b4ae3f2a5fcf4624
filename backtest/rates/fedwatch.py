"""Start and end rate of each meeting, solved from monthly average rates with the arithmetic of CME FedWatch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, get_args

import numpy as np

from backtest.errors import StudyRefused, did_you_mean
from backtest.model import Bools, Contracts, Floats, Ints, Sessions
from backtest.rates.calendar_view import NONE, CalendarView, calendar_view
from backtest.rates.curve import months_of, rates_around
from backtest.rates.meetings import Meetings
from backtest.rates.plausible import below_zero, contradicts_target

Version = Literal["typed_2015", "chain_post", "chain_pre"]
VERSIONS: tuple[Version, ...] = get_args(Version)
FROM: dict[Version, str] = {"typed_2015": "0001-01-01", "chain_post": "2018-01-01", "chain_pre": "2024-08-21"}
"""Default first session of each version. Every quote that CME published from 2024-08-21 on is `chain_pre`; its history
that ended on 2024-03-11 was `chain_post`. The switch lies between; the earlier one lies between 2017 and 2022-09."""
BACK = 3
"""Months before the session's own month that a chain may reach back to."""


class Reason(IntEnum):
    """Why a meeting has no start and end rate, or no odds."""

    SOLVED = 0
    NO_MEETING = 1
    """The published calendar has no meeting that far ahead."""
    NO_CONTRACT = 2
    """The contract of a month that the meeting depends on was not quoted."""
    OUTSIDE_CALENDAR = 3
    """The meeting depends on a month beyond the published calendar."""
    TWO_MEETINGS = 4
    """Its month, or a month that it depends on, has two changes: one average cannot separate them."""
    NO_DAYS_BEFORE = 5
    """The average of its month, or of a month that it depends on, has no day before the change (N = 0)."""
    EARLIER_UNSOLVED = 6
    """It has rates, but an earlier meeting has no odds: odds accumulate from the first meeting."""
    CONTRADICTS_TARGET = 7
    """It has rates, but its start is far from the target and from its month's rate: see `contradicts_target`."""
    BELOW_ZERO = 8
    """It has rates, but they would put the target below zero."""


WORDS: dict[Reason, str] = {
    Reason.SOLVED: "",
    Reason.NO_MEETING: "the published calendar has no meeting that far ahead",
    Reason.NO_CONTRACT: "a contract that it depends on was not quoted",
    Reason.OUTSIDE_CALENDAR: "it depends on a month beyond the published calendar",
    Reason.TWO_MEETINGS: "two changes in one month cannot be separated",
    Reason.NO_DAYS_BEFORE: "no day of its month lies before the change",
    Reason.EARLIER_UNSOLVED: "an earlier meeting is unsolved",
    Reason.CONTRADICTS_TARGET: "not determined: the rate solved before it contradicts the target",
    Reason.BELOW_ZERO: "not determined: the target would be below zero",
}


@dataclass(frozen=True, eq=False)
class Solved:
    """The next meetings of each session; all arrays have the shape (n_sessions, n_ahead), the nearest meeting first.

    Attributes
    ----------
    meeting : ndarray of int
        Row of `Meetings`; -1 if the published calendar has no meeting that far ahead.
    start, end : ndarray of float
        Expected effective rate before and after the meeting, in percent; both NaN if it is unsolved.
    reason : ndarray of int8
        A `Reason`.
    doubt : ndarray of int8
        The `Reason` why its rates give no odds; `SOLVED` if there is none.
    """

    meeting: Ints
    start: Floats
    end: Floats
    reason: Ints
    doubt: Ints


@dataclass(frozen=True, eq=False)
class _Months:
    """The months around each session; arrays of shape (n_sessions, n_months), or (n_months,) broadcast to it."""

    rate: Floats
    anchor: Bools
    single: Bools
    published: Bools
    why: Ints
    length: Floats
    before: Floats
    """Days of the month before the change."""


def version_by_date(sessions: Sessions) -> Ints:
    """Return, per session, the index in `VERSIONS` of the default version (see `FROM`)."""
    starts = np.array([FROM[version] for version in VERSIONS], dtype="datetime64[D]")
    return np.searchsorted(starts, sessions, side="right") - 1


def solve_meetings(
    contracts: Contracts,
    sessions: Sessions,
    meetings: Meetings,
    *,
    ahead: int = 8,
    version: Version | None = None,
) -> Solved:
    """Solve the start and end rate of the next `ahead` meetings of every session.

    A month without a meeting is an anchor: its rate is its average. An anchor gives the start of the meeting after it
    and the end of the meeting before it; ``length * average = before * start + after * end`` gives the rest, walking
    backwards in the two chain versions, and forwards where backwards does not reach.

    Parameters
    ----------
    contracts : Contracts
        30-day fed funds futures; use settlements to reproduce the odds that CME publishes.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The sessions to which `contracts` refers, strictly increasing.
    meetings : Meetings
        The calendar; each session uses the part that was public.
    ahead : int
        Number of meetings ahead.
    version : {"typed_2015", "chain_post", "chain_pre"}, optional
        One version for all sessions; by default the version in use at the time, see `FROM` and docs/fedwatch.md.

    Returns
    -------
    Solved

    Raises
    ------
    StudyRefused
        No such version, or `ahead` below 1.

    Notes
    -----
    METHODS: CME Group's published examples; docs/fedwatch.md decides each edge case and names the witnesses.
    """
    if version is not None and version not in VERSIONS:
        raise StudyRefused(f"version = {version!r}: no such version of FedWatch.", did_you_mean(version, VERSIONS))
    if ahead < 1:
        raise StudyRefused(f"ahead = {ahead}: must be at least 1.", "Give 1 or more.")
    rate = rates_around(contracts, sessions, BACK)
    view = calendar_view(meetings, sessions, BACK, rate.shape[1], ahead)
    start, end, reason = (np.empty(rate.shape, kind) for kind in (np.float64, np.float64, np.int8))
    which = version_by_date(sessions) if version is None else np.full(len(sessions), VERSIONS.index(version))
    for i, one in enumerate(VERSIONS):
        rows = which == i
        if rows.any():
            months = _months(rate[rows], _rows(view, rows), sessions[rows], one)
            solve = _typed if one == "typed_2015" else _chain
            start[rows], end[rows], reason[rows] = solve(months)
    return _at_meetings(view, meetings, sessions, rate, start, end, reason)


def _rows(view: CalendarView, rows: Bools) -> CalendarView:
    return CalendarView(view.count[rows], view.day[rows], view.published[rows], view.upcoming[rows])


def _months(rate: Floats, view: CalendarView, sessions: Sessions, version: Version) -> _Months:
    grid = months_of(sessions)[:, None] + np.arange(rate.shape[1]) - BACK
    edges = (
        grid.astype("datetime64[M]").astype("datetime64[D]"),
        (grid + 1).astype("datetime64[M]").astype("datetime64[D]"),
    )
    length = (edges[1] - edges[0]).astype(np.float64)
    before = view.day.astype(np.float64) - (version != "chain_pre")
    single = view.published & (view.count == 1)
    quoted = np.isfinite(rate)
    anchor = view.published & (view.count == 0) & quoted
    why = np.where(quoted, Reason.SOLVED, Reason.NO_CONTRACT)
    why = np.where(view.count > 1, Reason.TWO_MEETINGS, np.where(view.published, why, Reason.OUTSIDE_CALENDAR))
    return _Months(rate, anchor, single, view.published, why.astype(np.int8), length, before)


def _rest(total: Floats, days: Floats, rate: Floats, other_days: Floats) -> Floats:
    """Return the rate of the other days of a month; NaN if there are none."""
    left = total - np.where(days > 0, days * rate, 0.0)
    return np.where(other_days > 0, left / np.maximum(other_days, 1.0), np.nan)


def _chain(of: _Months) -> tuple[Floats, Floats, Ints]:
    """Walk backwards from each anchor, then forwards over the meetings not reached."""
    start, end = np.where(of.anchor, of.rate, np.nan), np.where(of.anchor, of.rate, np.nan)
    total, after = of.length * of.rate, of.length - of.before
    own = np.where(of.before > 0, of.why, Reason.NO_DAYS_BEFORE)  # from the meeting's own month
    why = np.where(of.single, Reason.NO_CONTRACT, of.why)
    last = of.rate.shape[1] - 1
    for m in reversed(range(last + 1)):
        one = of.single[:, m]
        if m < last:
            end[one, m] = start[one, m + 1]
        found = _rest(total[:, m], after[:, m], end[:, m], of.before[:, m])
        if m:
            found = np.where(of.anchor[:, m - 1], of.rate[:, m - 1], found)
        start[one, m] = found[one]
        later = np.where(own[:, m] > 0, own[:, m], why[:, m + 1] if m < last else Reason.NO_CONTRACT)
        why[one, m] = np.where(np.isfinite(found), Reason.SOLVED, later)[one]
    for m in range(last + 1):
        one = of.single[:, m]
        if m:
            from_before = one & np.isnan(start[:, m]) & of.single[:, m - 1]
            start[from_before, m] = end[from_before, m - 1]
        missing = one & np.isnan(end[:, m])
        end[missing, m] = _rest(total[:, m], of.before[:, m], start[:, m], after[:, m])[missing]
    later = np.column_stack((why[:, 1:], np.full(len(why), Reason.NO_CONTRACT)))
    reason = np.where(np.isnan(start), why, np.where(np.isnan(end), later, Reason.SOLVED))
    return start, end, reason


def _typed(of: _Months) -> tuple[Floats, Floats, Ints]:
    """Solve each meeting by the type of its month: after a month without a meeting, or not."""
    edge = np.full((len(of.rate), 1), np.nan)
    earlier, later = np.hstack((edge, of.rate[:, :-1])), np.hstack((of.rate[:, 1:], edge))
    known = np.hstack((of.published[:, 1:], np.zeros(edge.shape, np.bool_)))
    given = np.hstack((np.zeros(edge.shape, np.bool_), of.anchor[:, :-1]))
    total, after = of.length * of.rate, of.length - of.before
    end = np.where(given, _rest(total, of.before, earlier, after), np.where(known, later, np.nan))
    start = np.where(given, earlier, _rest(total, after, end, of.before))
    solved = of.single & np.isfinite(start) & np.isfinite(end)
    why = np.where(known, Reason.NO_CONTRACT, Reason.OUTSIDE_CALENDAR)
    why = np.where(of.before > 0, why, Reason.NO_DAYS_BEFORE)
    why = np.where(of.single & (of.why == Reason.SOLVED), why, of.why)
    return start, end, np.where(solved, Reason.SOLVED, why)


def _at_meetings(
    view: CalendarView, meetings: Meetings, sessions: Sessions, rate: Floats, start: Floats, end: Floats, reason: Ints
) -> Solved:
    """Pick the upcoming meetings out of the months that hold them."""
    there = view.upcoming != NONE
    month = months_of(meetings.date)[view.upcoming] if len(meetings) else np.zeros(there.shape, np.int64)
    column = month - months_of(sessions)[:, None] + BACK
    inside = there & (column < start.shape[1])
    rows = np.arange(len(sessions))[:, None]
    column = np.where(inside, column, 0)
    why = np.where(inside, reason[rows, column], Reason.NO_CONTRACT)
    why = np.where(there, why, Reason.NO_MEETING).astype(np.int8)
    solved = why == Reason.SOLVED
    starts, ends = (np.where(solved, values[rows, column], np.nan) for values in (start, end))
    before = column[:, :1] - 1
    anchor = view.published & (view.count == 0) & np.isfinite(rate)
    wrong = contradicts_target(starts[:, 0], rate[:, BACK], anchor[rows, before][:, 0], meetings, sessions)
    doubt = np.where(below_zero(starts, ends, meetings, sessions), Reason.BELOW_ZERO, Reason.SOLVED)
    doubt[:, 0] = np.where(wrong, Reason.CONTRADICTS_TARGET, doubt[:, 0])
    return Solved(view.upcoming, starts, ends, why, doubt.astype(np.int8))
