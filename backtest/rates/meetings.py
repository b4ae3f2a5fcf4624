"""The meetings of the Federal Open Market Committee: dates, decisions, and since when each date was public."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backtest.errors import DataRefused
from backtest.model import Bools, Floats, Sessions

BUILT_IN = Path(__file__).with_name("meetings.csv")
COLUMNS = ("date", "scheduled", "target_before", "target_after", "known", "withdrawn")
FIRST_RANGE = dt.date(2008, 12, 16)
"""Since this decision the target is a range, and `target_after` its upper bound."""

Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Meeting:
    """One date of the calendar, held, upcoming or withdrawn."""

    date: dt.date
    """Last day of the meeting, on which its decision is announced."""
    scheduled: bool
    before: float
    """Target before the meeting in percent, the upper bound since 2008-12-16; NaN where not known."""
    after: float
    known: dt.date
    """First day on which the date was public."""
    withdrawn: dt.date | None = None
    """First day on which the date no longer stood."""


@dataclass(frozen=True, eq=False)
class Meetings:
    """The calendar as arrays of shape (n_meetings,), in order of date.

    Attributes
    ----------
    date, known, withdrawn : ndarray of datetime64[D]
        Day of the announcement; since when it was public; since when it no longer stood (NaT: it stands).
    scheduled : ndarray of bool
        On the published calendar, not called between two meetings.
    before, after : ndarray of float
        Target in percent, the upper bound since 2008-12-16; NaN where not decided or not known.
    """

    date: Days
    scheduled: Bools
    before: Floats
    after: Floats
    known: Days
    withdrawn: Days

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
    """Read the project's calendar, and a file of the user's that adds to it or replaces rows of the same date.

    Parameters
    ----------
    extra : Path, optional
        A CSV file with the columns ``date, scheduled, target_before, target_after, known, withdrawn``. Dates are
        ``2026-01-28``, `scheduled` is ``yes`` or ``no``, targets are percent; all but the first two may be blank.

    Raises
    ------
    DataRefused
        The file cannot be read as that, names a date twice, or breaks a rule of a row.
    """
    if extra is None:
        return _built_in()
    rows = {row.date: row for row in (*_read(BUILT_IN), *_read(extra))}
    return meetings_of(list(rows.values()))


@cache
def _built_in() -> Meetings:
    """Read the project's calendar, once: detectors ask for it at every truncation of an audit."""
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
    )
    for column in columns:
        column.flags.writeable = False
    return Meetings(*columns)


def assumed_known(date: dt.date, scheduled: bool) -> dt.date:
    """Return since when a date was public where no release of it is recorded; no earlier than releases are dated.

    An unscheduled meeting: its own day. The calendars since 2005 came out by mid-August of the year before, with the
    first meeting of the following year; earlier ones by 1 October of the year before.
    """
    if not scheduled:
        return date
    first_of_next = date < dt.date(date.year, 2, 6)
    year = date.year - 1 if first_of_next and date.year > 2005 else date.year
    return dt.date(year - 1, 8, 15) if year >= 2005 else dt.date(year - 1, 10, 1)


def target_in_force(meetings: Meetings, sessions: Sessions) -> Floats:
    """Return the target that the odds of each session count from.

    A scheduled decision is in force from the day after its announcement, as the Federal Reserve implements it; one of
    a meeting called between two counts from its own day, on which no odds expected it.

    Returns
    -------
    ndarray of shape (n_sessions,)
        In percent, the upper bound since 2008-12-16. NaN before the first meeting and after one whose decision is not
        known.
    """
    held = meetings.held
    if not held.any():
        return np.full(len(sessions), np.nan)
    since, after = meetings.date[held] + meetings.scheduled[held], meetings.after[held]
    last = np.searchsorted(since, sessions, side="right") - 1
    return np.where(last >= 0, after[np.maximum(last, 0)], np.nan)


def _days(days: list[dt.date] | list[dt.date | None]) -> Days:
    return np.array(days, dtype="datetime64[D]")


def _read(path: Path) -> list[Meeting]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataRefused(f"{path}: cannot be read as text: {error}.", "Name a CSV file of meetings.") from None
    numbered = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
    rows = list(csv.reader(line for _, line in numbered))
    if not rows or tuple(cell.strip() for cell in rows[0]) != COLUMNS:
        raise DataRefused(f"{path}: the columns must be {', '.join(COLUMNS)}.", "Write them in the first line.")
    found: dict[dt.date, Meeting] = {}
    for (n, _), row in zip(numbered[1:], rows[1:], strict=True):
        place = f"{path}, line {n}"
        if len(row) != len(COLUMNS):
            raise DataRefused(f"{place}: {len(row)} values; {len(COLUMNS)} are needed.", "Leave an unknown one blank.")
        meeting = _meeting(dict(zip(COLUMNS, (cell.strip() for cell in row), strict=True)), place)
        if meeting.date in found:
            raise DataRefused(f"{place}: date = {meeting.date} stands twice in the file.", "Remove one.")
        found[meeting.date] = meeting
    return list(found.values())


def _meeting(row: dict[str, str], place: str) -> Meeting:
    if row["scheduled"] not in ("yes", "no"):
        raise DataRefused(f"{place}: scheduled = {row['scheduled']!r}: must be yes or no.", "Write one of them.")
    date = _date(row, "date", place)
    if date is None:
        raise DataRefused(f"{place}: date is required and missing.", "Write the day of the announcement.")
    scheduled = row["scheduled"] == "yes"
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
    before, after = _percent(row, "target_before", place), _percent(row, "target_after", place)
    return Meeting(date, scheduled, before, after, known, withdrawn)


def _date(row: dict[str, str], key: str, place: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(row[key], "%Y-%m-%d").date() if row[key] else None
    except ValueError:
        rule = "must be a date such as 2026-01-28"
        raise DataRefused(f"{place}: {key} = {row[key]!r}: {rule}.", "Write year-month-day.") from None


def _percent(row: dict[str, str], key: str, place: str) -> float:
    try:
        value = float(row[key]) if row[key] else np.nan
    except ValueError:
        value = np.inf
    if not (np.isnan(value) or 0 <= value < 100) or (row[key] and np.isnan(value)):
        raise DataRefused(
            f"{place}: {key} = {row[key]!r}: must be a rate in percent, such as 4.25.", "Or leave it blank."
        )
    return value
