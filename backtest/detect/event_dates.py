"""A calendar of dates: a CSV file that holds them, and the sessions they fall on."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path
from typing import Literal

import numpy as np

from backtest.errors import NotFound, StudyRefused
from backtest.model import Ints, Sessions

On = Literal["next", "same"]
ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


def iso_date(value: object) -> dt.date:
    """Return a date from a TOML date or an ISO text such as ``"2024-07-16"``.

    Raises
    ------
    ValueError
        It is neither, or no day of the calendar.
    """
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and ISO.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise ValueError("must be a date such as 2024-07-16")


def read_calendar(path: Path) -> list[dt.date]:
    """Read dates from a CSV file: its column ``date``, or else its first column; with or without a header.

    A first line without any digit is a header. Empty lines count for nothing.

    Raises
    ------
    NotFound
        There is no such file.
    StudyRefused
        It cannot be read, holds no date, or a line holds something else; the line is named.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except FileNotFoundError as error:
        raise NotFound(
            f"calendar '{path.name}' does not exist.", "Its path is read from the strategy file's folder."
        ) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise StudyRefused(f"calendar '{path.name}' cannot be read: {error}.", "Save it as CSV in UTF-8.") from error
    lines = [(number, row) for number, row in lines if any(row)]
    column = 0
    if lines and not any(character.isdigit() for cell in lines[0][1] for character in cell):
        header = [cell.lower() for cell in lines.pop(0)[1]]
        column = header.index("date") if "date" in header else 0
    if not lines:
        raise StudyRefused(f"calendar '{path.name}' holds no date.", "Write one ISO date a line.")
    return [_cell(path, number, row[column] if column < len(row) else "") for number, row in lines]


def _cell(path: Path, number: int, cell: str) -> dt.date:
    try:
        return iso_date(cell)
    except ValueError as error:
        raise StudyRefused(
            f"calendar '{path.name}', line {number}: '{cell}' is no date.", "Write ISO dates such as 2024-07-16."
        ) from error


def place(dates: Sessions, sessions: Sessions, on: On, offset: int) -> Ints:
    """Find the session that each date falls on, or one before or after, as it can be told at that session's close.

    Before a date, weekdays are counted, not sessions: which of the days ahead are holidays, only sessions to come show.
    Where the weekday itself is one, the next session takes its place.

    Parameters
    ----------
    dates, sessions : ndarray of datetime64[D]
        The dates, and the sessions of the history in order.
    on : {"next", "same"}
        The session for a date that is none: the next, or none at all; asked where `offset` is not negative.
    offset : int
        Sessions to add; negative: weekdays before the date.

    Returns
    -------
    ndarray of shape (n_dates,)
        Session position; -1 where there is none.
    """
    n = len(sessions)
    if not n:
        return np.full(len(dates), -1, dtype=np.int64)
    day = np.busday_offset(dates, offset, roll="forward").astype("datetime64[D]") if offset < 0 else dates
    at = np.searchsorted(sessions, day)
    inside = (day >= sessions[0]) & (day <= sessions[-1])
    if on == "same" and offset >= 0:
        inside &= sessions[np.minimum(at, n - 1)] == day
    position = np.where(inside, at + max(offset, 0), -1)
    return np.where(position < n, position, -1)
