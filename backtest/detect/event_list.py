"""A file of events, read as the importer reads prices: its dates, and which came after the close."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from backtest.data.files.columns import comparable_name, date_column, texts_of
from backtest.data.files.delimited import Ambiguous
from backtest.data.files.months import month_of
from backtest.data.files.reading import read_source
from backtest.data.files.source import Source
from backtest.detect.event_assets import one_asset
from backtest.detect.event_times import after_close_of, cells
from backtest.detect.times_of_day import date_and_time
from backtest.errors import DataRefused, NotFound, StudyRefused
from backtest.files import why_no_file
from backtest.format import plural
from backtest.model import Bools, Ints, Note, Sessions


@dataclass(frozen=True, eq=False)
class EventList:
    """The events of a file, in file order; arrays of shape (n_events,).

    Attributes
    ----------
    date : ndarray of datetime64[D]
        As written.
    late : ndarray of bool
        True if a time of day says that it came after the close.
    timed : str
        The column of the times of day, in words; empty if there are none.
    notes : tuple of Note
        What a reader must know about the file.
    line : ndarray
        Line or row of the file; empty for dates that come from none.
    asset : tuple of str, optional
        Whose event each is, as written; None if the list names no assets.
    group : tuple of str, optional
        The group of each, empty for none; None if the list has no groups.
    """

    date: Sessions
    late: Bools
    timed: str = ""
    notes: tuple[Note, ...] = ()
    line: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    asset: tuple[str, ...] | None = None
    group: tuple[str, ...] | None = None

    def some(self, rows: Ints) -> EventList:
        """Return some of the events."""
        asset, group = (
            None if names is None else tuple(names[row] for row in rows.tolist()) for names in (self.asset, self.group)
        )
        line = self.line[rows] if len(self.line) else self.line
        return replace(self, date=self.date[rows], late=self.late[rows], line=line, asset=asset, group=group)


def read_events(
    path: Path, column: str | None, date_format: str | None, time: str | None, *, timed: bool = True
) -> EventList:
    """Read the dates of a file.

    Parameters
    ----------
    path : Path
        The file, in any form that ``backtest data import`` reads, with or without a header.
    column : str, optional
        The column of dates; by default the column called ``date``, or else the only one that reads as dates.
    date_format : str, optional
        As in a manifest, such as ``"%d/%m/%Y"``; by default the one format that fits all dates.
    time : str, optional
        The column of times of day; by default the times in the date column, or the column that holds times or is
        named for them.
    timed : bool
        Whether times of day count at all.

    Raises
    ------
    NotFound
        There is no such file.
    DataRefused, StudyRefused
        It cannot be read; its dates are ambiguous or unreadable; it names several assets; or it has times of day that
        cannot be read.
    """
    source, name, found = read_rows(source_of(path), column, date_format, time, timed=timed)
    return replace(found, notes=(*found.notes, *one_asset(source, name, column)))


def source_of(path: Path, what: str = "event list") -> Source:
    """Open a file beside a strategy; `what` says what it is if it is not there.

    Raises
    ------
    NotFound, DataRefused
        There is no such file, or it is not a table.
    """
    if not path.is_file():
        text = f"{what} '{path.name}' {why_no_file(path)}."
        raise NotFound(text, "Its path is relative to the strategy file's folder.")
    return read_source(path.parent, path.name)


def read_rows(
    whole: Source, column: str | None, date_format: str | None, time: str | None, *, timed: bool = True
) -> tuple[Source, str, EventList]:
    """Read the rows of a table as `read_events` does, whatever assets it names.

    Returns
    -------
    source, name, listed
        The rows that are events, their column of dates, and the events.
    """
    try:
        source = _without_blank_rows(replace(whole, date_format=date_format))
        name = column or _only_column(_without_times(source))
        source = _with_first_line(source, name)
        _refuse_blank(source, name)
        dates = _without_times(source).dates(name)
    except Ambiguous as error:
        hint = "Set the detector's date_format to the one that is meant, or name another column."
        raise StudyRefused(error.message, hint) from error
    if not len(dates):
        raise StudyRefused(
            f"event list '{whole.name}' holds no date.", "Write one date per line, below the header 'date'."
        )
    late, says = after_close_of(source, name, dates, time) if timed else (np.zeros(len(dates), dtype=np.bool_), "")
    blank = len(whole.lines) - len(_without_blank_rows(whole).lines)
    return source, name, EventList(dates, late, says, tuple(_not_read(whole, blank)), source.lines)


def _without_blank_rows(source: Source) -> Source:
    filled = np.zeros(len(source.lines), dtype=np.bool_)
    for name in source.columns:
        filled |= np.array([text != "" for text in cells(source, name)], dtype=np.bool_)
    return source if filled.all() else source.rows(np.flatnonzero(filled))


def _without_times(source: Source) -> Source:
    """Drop the times of day behind dates: some dates may have one, others not."""
    if source.date_format and ":" in source.date_format:
        return source
    columns = {
        name: [date_and_time(text)[0] for text in cells(source, name)] if source.is_text(name) else held
        for name, held in source.columns.items()
    }
    return replace(source, columns=columns, groups={})


def _refuse_blank(source: Source, name: str) -> None:
    texts = cells(source, name) if name in source.columns else []
    if "" in texts:
        raise StudyRefused(
            f'{source.place(texts.index(""))}: {name} = "": an event needs a date.',
            "Write the date, or remove the row.",
        )


def _not_read(source: Source, blank: int) -> list[Note]:
    """Return notes on the rows of a file that are not events."""
    what = [plural(blank, "blank row")] if blank else []
    what += source.unread
    text = f"{source.name}: left out: {'; '.join(what)}."
    return [Note("list_rows_left_out", "detector", text)] if what else []


def _only_column(source: Source) -> str:
    found = date_column(source)
    if found is None and (first := next((name for name in source.columns if is_like_a_date(name)), None)):
        return first  # no header, and a line below that is not a date: the reader will name the line
    if found is None and (most := next((name for name in source.columns if _reads(source, name)), None)):
        return most  # a blank among its dates: the reader will name the line
    if found is None:
        raise StudyRefused(
            f"{source.name}: no column reads as dates; it has {', '.join(map(repr, source.columns))}.",
            'Name it with the detector\'s column = "…"; date_format = "%d/%m/%Y" gives the format of its dates.',
        )
    others = [name for name in source.columns if name != found[0] and _reads(source, name)]
    if others and comparable_name(found[0]) != "date":
        raise StudyRefused(
            f"{source.name}: more than one column reads as dates: {', '.join(map(repr, (found[0], *others)))}.",
            f'Set the detector\'s column = "{found[0]}" or column = "{others[0]}".',
        )
    return found[0]


def is_like_a_date(name: str) -> bool:
    """Return whether a column name is a date, or was meant as one, such as 2024-02-30."""
    words = re.findall(r"[^\W\d]+", re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", name))
    return sum(map(str.isdigit, name)) >= 3 and all(month_of(word[:3]) for word in words)


def _reads(source: Source, name: str) -> bool:
    """Return whether a column holds dates; some may be missing."""
    rows = [row for row, text in enumerate(cells(source, name)) if text]
    try:
        return len(rows) * 2 > len(source.lines) and len(source.rows(rows).dates(name)) > 0
    except Ambiguous:
        return True
    except DataRefused:
        return False


def _with_first_line(source: Source, name: str) -> Source:
    """Return a file without a header with its first line as a row: a date cannot be a column's name."""
    if name not in source.columns or not is_like_a_date(name) or texts_of(source, name) is None:
        return source
    columns = {one: [one, *raw] if isinstance(raw, list) else raw for one, raw in source.columns.items()}
    first = source.lines[0] - 1 if len(source.lines) else 1
    return replace(source, columns=columns, lines=np.concatenate(([first], source.lines)).astype(np.int64), groups={})
