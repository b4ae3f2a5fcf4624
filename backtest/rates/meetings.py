"""The meetings of the Federal Open Market Committee: dates, decisions, and when each date became public."""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backtest.errors import DataRefused
from backtest.model import Bools, Floats, Sessions
from backtest.rates.curve import MOVE

BUILT_IN = Path(__file__).with_name("meetings.csv")
COLUMNS = ("date", "scheduled", "target_before", "target_after", "known", "withdrawn")
AFTER_CLOSE = "after_close"
"""A seventh column, optional in a user's file."""
FIRST_YEAR = 1914
"""The Federal Reserve opened in this year; an earlier date is an error."""
FIRST_QUARTERS = dt.date(1994, 2, 4)
"""Since this meeting every change has been a multiple of a quarter of a percentage point."""
FIRST_RANGE = dt.date(2008, 12, 16)
"""Since this decision the target is a range, and `target_after` its upper bound."""
PERCENT = re.compile(r"[0-9]{1,2}(\.[0-9]*)?|\.[0-9]+")
LONG = 40

Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Meeting:
    """One meeting of the calendar: held, upcoming or withdrawn."""

    date: dt.date
    """Last day of the meeting, on which its decision is announced."""
    scheduled: bool
    before: float
    """Target before the meeting in percent, the upper bound since 2008-12-16; NaN if not known."""
    after: float
    known: dt.date
    """First day on which the date was public."""
    withdrawn: dt.date | None = None
    """First day on which the date was withdrawn."""
    after_close: bool = False
    """Announced after the futures had settled for the day: they react at the next session's close."""


@dataclass(frozen=True, eq=False)
class Meetings:
    """The calendar as arrays of shape (n_meetings,), in order of date.

    Attributes
    ----------
    date, known, withdrawn : ndarray of datetime64[D]
        Day of the announcement; first day on which it was public; first day on which it was withdrawn (NaT: never).
    scheduled : ndarray of bool
        Whether it was on the published calendar, not called between two meetings.
    before, after : ndarray of float
        Target in percent, the upper bound since 2008-12-16; NaN if not decided or not known.
    after_close : ndarray of bool
        Whether it was announced after the futures had settled for the day.
    """

    date: Days
    scheduled: Bools
    before: Floats
    after: Floats
    known: Days
    withdrawn: Days
    after_close: Bools

    def __len__(self) -> int:
        return len(self.date)

    @property
    def held(self) -> Bools:
        """Not withdrawn."""
        return np.isnat(self.withdrawn)

    @property
    def moved(self) -> Bools:
        """Changed the target; an unknown decision did not."""
        return np.abs(self.after - self.before) > 0


def load_meetings(extra: Path | None = None) -> Meetings:
    """Read the built-in calendar, and a user's file that adds meetings or replaces those of the same date.

    Parameters
    ----------
    extra : Path, optional
        A CSV file with the columns ``date, scheduled, target_before, target_after, known, withdrawn``. Dates are
        ``2026-01-28``, `scheduled` is ``yes`` or ``no``, targets are percent; all but the first two may be blank. An
        optional seventh column ``after_close`` is ``yes`` if it was announced after the futures had settled, or blank.

    Raises
    ------
    DataRefused
        The file does not have this form, has a date twice, or breaks a rule; or, with the calendar, a decision does not
        begin where the previous one ended.
    """
    if extra is None:
        return _built_in()
    rows = {row.date: row for row in (*_read(BUILT_IN), *_read(extra))}
    meetings = meetings_of(list(rows.values()))
    _check_continuity(meetings, extra)
    return meetings


def _check_continuity(meetings: Meetings, path: Path) -> None:
    """Refuse consecutive known decisions if the second does not begin where the first ended."""
    held = np.flatnonzero(meetings.held)
    ended, begins = meetings.after[held][:-1], meetings.before[held][1:]
    for i in np.flatnonzero(np.abs(begins - ended) > 0)[:1].tolist():
        first, second = (meetings.date[held[j]] for j in (i, i + 1))
        rule = f"the next meeting, {second}, begins at target_before = {begins[i]:.2f}: must be the same"
        raise DataRefused(
            f"{path}: target_after = {ended[i]:.2f} on {first}, but {rule}.",
            "Correct one, or restate the meetings that follow.",
        )


@cache
def _built_in() -> Meetings:
    """Read the built-in calendar once: detectors load it at every truncation of an audit."""
    return meetings_of(_read(BUILT_IN))


def meetings_of(rows: list[Meeting]) -> Meetings:
    """Put meetings in order of date, as read-only arrays."""
    rows = sorted(rows, key=lambda row: row.date)
    columns = (
        _days([row.date for row in rows]),
        np.array([row.scheduled for row in rows], dtype=np.bool_),
        np.array([row.before for row in rows], dtype=np.float64),
        np.array([row.after for row in rows], dtype=np.float64),
        _days([row.known for row in rows]),
        _days([row.withdrawn for row in rows]),
        np.array([row.after_close for row in rows], dtype=np.bool_),
    )
    for column in columns:
        column.flags.writeable = False
    return Meetings(*columns)


def assumed_known(date: dt.date, scheduled: bool) -> dt.date:
    """Return the day on which a date was public if no release is recorded; never earlier than releases came out.

    For an unscheduled meeting, its own day. Calendars since 2005 came out by mid-August of the previous year, with the
    first meeting of the following year; earlier ones by 1 October of the previous year.
    """
    if not scheduled:
        return date
    first_of_next = date < dt.date(date.year, 2, 6)
    year = date.year - 1 if first_of_next and date.year > 2005 else date.year
    return dt.date(year - 1, 8, 15) if year >= 2005 else dt.date(year - 1, 10, 1)


def target_in_force(meetings: Meetings, sessions: Sessions) -> Floats:
    """Return the target from which the odds of each session count.

    A scheduled decision is in force from the day after its announcement, as the Federal Reserve implements it. An
    unscheduled decision counts from its own day, as no odds expected it, or from the next day if it was announced after
    the futures had settled. The target before the first meeting of the calendar counts from the day on which that
    meeting was public until its decision.

    Returns
    -------
    ndarray of shape (n_sessions,)
        In percent, the upper bound since 2008-12-16. NaN before the first meeting was public and after a meeting whose
        decision is not known.
    """
    held = meetings.held
    if not held.any():
        return np.full(len(sessions), np.nan)
    since = meetings.date[held] + (meetings.scheduled | meetings.after_close)[held]
    begin = np.concatenate((meetings.known[held][:1], since))
    target = np.concatenate((meetings.before[held][:1], meetings.after[held]))
    last = np.searchsorted(begin, sessions, side="right") - 1
    return np.where(last >= 0, target[np.maximum(last, 0)], np.nan)


def _days(days: list[dt.date] | list[dt.date | None]) -> Days:
    return np.array(days, dtype="datetime64[D]")


def _read(path: Path) -> list[Meeting]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataRefused(f"{path}: does not exist.", "Name a CSV file of meetings.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DataRefused(f"{path}: cannot be read as text: {error}.", "Name a CSV file of meetings.") from None
    numbered = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    rows = [(f"{path}, line {n}", _cells(line, f"{path}, line {n}")) for n, line in numbered]
    columns = tuple(rows[0][1]) if rows else ()
    if columns not in (COLUMNS, (*COLUMNS, AFTER_CLOSE)):
        rule = f"{', '.join(COLUMNS)}, and {AFTER_CLOSE} may follow"
        raise DataRefused(f"{path}: the columns must be {rule}.", "Write them in the first line.")
    found: dict[dt.date, Meeting] = {}
    for place, row in rows[1:]:
        if len(row) != len(columns):
            raise DataRefused(f"{place}: {len(row)} values; {len(columns)} are needed.", "Leave an unknown one blank.")
        meeting = _meeting(dict(zip(columns, row, strict=True)), place)
        if meeting.date in found:
            raise DataRefused(f"{place}: date = {meeting.date} is twice in the file.", "Remove one.")
        found[meeting.date] = meeting
    return list(found.values())


def _cells(line: str, place: str) -> list[str]:
    """Split one line; a value never spans two lines."""
    try:
        (row,) = csv.reader([line], strict=True)
    except csv.Error as error:
        raise DataRefused(f"{place}: cannot be read as CSV: {error}.", "Write one meeting per line.") from None
    return [cell.strip() for cell in row]


def _meeting(row: dict[str, str], place: str) -> Meeting:
    if row["scheduled"] not in ("yes", "no"):
        raise DataRefused(f"{place}: scheduled = {_shown(row['scheduled'])}: must be yes or no.", "Write one of them.")
    late = row.get(AFTER_CLOSE, "")
    if late not in ("yes", ""):
        raise DataRefused(f"{place}: {AFTER_CLOSE} = {_shown(late)}: must be yes or blank.", "Write one of them.")
    date = _date(row, "date", place)
    if date is None:
        raise DataRefused(f"{place}: date is required and missing.", "Write the day of the announcement.")
    if date.year < FIRST_YEAR:
        rule = f"the Federal Reserve met for the first time in {FIRST_YEAR}"
        raise DataRefused(f"{place}: date = {date}: {rule}.", "Correct the year.")
    scheduled = row["scheduled"] == "yes"
    known, withdrawn = _public(row, date, scheduled, place)
    before, after = _percent(row, "target_before", place), _percent(row, "target_after", place)
    moves = (after - before) / MOVE
    if date >= FIRST_QUARTERS and abs(moves - np.round(moves)) > 1e-6:  # false if one is NaN
        rule = f"since {FIRST_QUARTERS} the target moves by multiples of {MOVE}"
        raise DataRefused(f"{place}: {before:g} to {after:g} percent: {rule}.", "Correct one of them.")
    return Meeting(date, scheduled, before, after, known, withdrawn, late == "yes")


def _public(row: dict[str, str], date: dt.date, scheduled: bool, place: str) -> tuple[dt.date, dt.date | None]:
    """Return the first day on which a date was public, and the first day on which it was withdrawn."""
    known, withdrawn = _date(row, "known", place), _date(row, "withdrawn", place)
    known = known or assumed_known(date, scheduled)
    if known > date:
        raise DataRefused(f"{place}: known = {known}: must not be after date = {date}.", "Correct one of them.")
    if not scheduled and known < date:
        rule = "an unscheduled meeting is known on its own day"
        raise DataRefused(f"{place}: known = {known}: {rule}.", "Write scheduled = yes for one announced before.")
    if withdrawn is not None and not known <= withdrawn <= date:
        rule = f"must not be before known = {known} or after date = {date}"
        raise DataRefused(f"{place}: withdrawn = {withdrawn}: {rule}.", "Correct one of them.")
    return known, withdrawn


def _date(row: dict[str, str], key: str, place: str) -> dt.date | None:
    try:
        found = dt.date.fromisoformat(row[key]) if row[key] else None  # strptime takes ten times as long
        if found is not None and str(found) != row[key]:  # 20260128 and 2026-W05-3 are ISO dates too
            raise ValueError
        return found
    except ValueError:
        rule = "must be a date such as 2026-01-28"
        raise DataRefused(f"{place}: {key} = {_shown(row[key])}: {rule}.", "Write year-month-day.") from None


def _percent(row: dict[str, str], key: str, place: str) -> float:
    if not row[key]:
        return np.nan
    if not PERCENT.fullmatch(row[key]):
        rule = "must be a rate in percent, such as 4.25"
        raise DataRefused(f"{place}: {key} = {_shown(row[key])}: {rule}.", "Or leave it blank.")
    return float(row[key])


def _shown(value: str) -> str:
    """Quote a value as in the file; of a long one, the beginning."""
    return repr(value if len(value) <= LONG else value[:LONG] + "…")
