"""A file of events, read as the importer reads a file of prices: its dates, and which came after the close."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from backtest.data.files.columns import date_column, plain, texts_of
from backtest.data.files.date_formats import MONTHS
from backtest.data.files.delimited import Ambiguous
from backtest.data.files.reading import read_source
from backtest.data.files.source import Source
from backtest.detect.times_of_day import Zoned, after_close, are_times, time_behind
from backtest.errors import DataRefused, NotFound, StudyRefused, did_you_mean
from backtest.model import Bools, Note, Sessions

ASSETS = frozenset(
    (
        *("symbol", "ticker", "asset", "security", "stock", "instrument", "underlying", "company", "firm", "issuer"),
        *("permno", "permco", "gvkey", "cik", "isin", "cusip", "sedol", "ric", "figi"),
    )
)
"""What a column is called, in lower case, that says whose event it is."""
MONTHS_SHORT = frozenset(month[:3] for month in MONTHS)


@dataclass(frozen=True, eq=False)
class EventList:
    """The events of a file, in its order; arrays of shape (n_events,).

    Attributes
    ----------
    date : ndarray of datetime64[D]
        As written.
    late : ndarray of bool
        True where a time of day says that it came after the close.
    timed : str
        What says so, in words: where the times of day stand; empty where there are none.
    notes : tuple of Note
        What a reader must know of the file.
    """

    date: Sessions
    late: Bools
    timed: str = ""
    notes: tuple[Note, ...] = ()


def read_events(
    path: Path, column: str | None, date_format: str | None, time: str | None, *, timed: bool = True
) -> EventList:
    """Read the dates of a file.

    Parameters
    ----------
    path : Path
        The file, of any form that ``backtest data import`` reads; with or without a header.
    column : str, optional
        The column of dates; default: the one that is called so, or else the only one that reads as dates.
    date_format : str, optional
        As in a manifest, such as ``"%d/%m/%Y"``; default: the one format that fits them all.
    time : str, optional
        The column of times of day; default: the time behind the date, or else the column that holds times only.

    timed : bool
        Whether times of day count at all.

    Raises
    ------
    NotFound
        There is no such file.
    DataRefused, StudyRefused
        It cannot be read; its dates can be read in two ways, or not at all; it names several assets.
    """
    if not path.is_file():
        text = f"event list '{path.name}' does not exist."
        raise NotFound(text, "Its path is read from the strategy file's folder.")
    try:
        source = replace(read_source(path.parent, path.name), date_format=date_format)
        name = column or _only_column(source)
        source = _with_first_line(source, name)
        dates = source.dates(name)
    except Ambiguous as error:
        hint = "Say with date_format of the detector which of the two is meant, or name another column."
        raise StudyRefused(error.message, hint) from error
    if not len(dates):
        raise StudyRefused(
            f"event list '{path.name}' holds no date.", "Write one date a line, below the header 'date'."
        )
    late, says = _late(source, name, time) if timed else (np.zeros(len(dates), dtype=np.bool_), "")
    return EventList(dates, late, says, tuple(_one_asset(source, name, column)))


def _only_column(source: Source) -> str:
    found = date_column(source)
    if found is None and (first := next((name for name in source.columns if _is_like_a_date(name)), None)):
        return first  # no header, and a line below that is no date: whoever reads it names the line
    if found is None:
        raise StudyRefused(
            f"{source.name}: no column reads as dates; it has {', '.join(map(repr, source.columns))}.",
            'Name it with column = "…" of the detector; date_format = "%d/%m/%Y" says how its dates are written.',
        )
    others = [name for name in source.columns if name != found[0] and _reads(source, name)]
    if others and plain(found[0]) != "date":
        raise StudyRefused(
            f"{source.name}: more than one column reads as dates: {', '.join(map(repr, (found[0], *others)))}.",
            f'Write column = "{found[0]}" or column = "{others[0]}" of the detector.',
        )
    return found[0]


def _is_like_a_date(name: str) -> bool:
    """Tell whether what stands where a column's name should is a date, or was meant as one: 2024-02-30."""
    words = re.findall(r"[^\W\d]+", name)
    return sum(map(str.isdigit, name)) >= 3 and all(word.lower()[:3] in MONTHS_SHORT for word in words)


def _reads(source: Source, name: str) -> bool:
    try:
        return len(source.dates(name)) > 0
    except Ambiguous:
        return True
    except DataRefused:
        return False


def _with_first_line(source: Source, name: str) -> Source:
    """Return a file without a header with its first line among the rows: a date cannot be a column's name."""
    if name not in source.columns or not _is_like_a_date(name) or texts_of(source, name) is None:
        return source
    columns = {one: [one, *raw] if isinstance(raw, list) else raw for one, raw in source.columns.items()}
    first = source.lines[0] - 1 if len(source.lines) else 1
    return replace(source, columns=columns, lines=np.concatenate(([first], source.lines)).astype(np.int64), groups={})


def _late(source: Source, name: str, time: str | None) -> tuple[Bools, str]:
    """Tell which events came after the close, and where it is said."""
    behind = _times_behind(source, name)
    if time is None and any(behind):
        return _after(source, name, behind), "the time behind the date"
    if time is None:
        time = next((one for one in source.columns if one != name and are_times(texts_of(source, one) or [])), None)
    if time is None:
        return np.zeros(len(behind), dtype=np.bool_), ""
    texts = texts_of(source, time) if time in source.columns else None
    if texts is None:
        hint = did_you_mean(time, source.columns)
        raise StudyRefused(f"{source.name}: there is no column '{time}' of times of day.", hint)
    return _after(source, time, texts), f"column '{time}'"


def _times_behind(source: Source, name: str) -> list[str]:
    raw = source.raw(name)
    if isinstance(raw, list):
        return [time_behind(text) for text in raw]
    values = raw.to_pylist()
    return [value.timetz().isoformat() if isinstance(value, dt.datetime) else "" for value in values]


def _after(source: Source, name: str, texts: Sequence[str]) -> Bools:
    found = np.zeros(len(texts), dtype=np.bool_)
    for row, text in enumerate(texts):
        try:
            late = after_close(text) if text else False
        except Zoned as error:
            raise StudyRefused(
                f'{source.place(row)}: {name}: the time "{text}" names a zone, and not the clock of the exchange.',
                "Write dates and times of the exchange's own clock; where the dates are its own, after_close = true or "
                "false of the detector is enough.",
            ) from error
        if late is None:
            raise StudyRefused(
                f'{source.place(row)}: {name} = "{text}" is no time of day such as 16:05.',
                "Write after_close = true or false of the detector instead of time.",
            )
        found[row] = late
    return found


def _one_asset(source: Source, name: str, column: str | None) -> list[Note]:
    """Refuse pairs of asset and date, unless the column of dates was named: then its dates alone are asked for."""
    for one in source.columns:
        named = sorted(set(texts_of(source, one) or [])) if plain(one) in ASSETS and one != name else []
        if len(named) < 2:
            continue
        which = f"{', '.join(named[:3])}{', …' if len(named) > 3 else ''}"
        pairs = f"{source.name}: column '{one}' names {len(named)} assets ({which})"
        if column is None:
            raise StudyRefused(
                f"{pairs}: a list of pairs of asset and date cannot be studied, as one study has one asset for now.",
                f'Keep the rows of one asset; column = "{name}" of the detector takes every date as an event of this '
                "study's asset.",
            )
        text = f'{pairs}; all dates are taken as events of this study\'s asset, as column = "{name}" asks.'
        return [Note("dates_of_several_assets", "detector", text)]
    return []
