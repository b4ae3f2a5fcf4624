"""Which events of a list came after the close: by the times in the date column, or by a column of times."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from backtest.data.files.numbers import shortened
from backtest.data.files.source import Source
from backtest.detect.times_of_day import NamesTimeZone, after_close_in_column, date_and_time, is_missing_time, is_time
from backtest.errors import DataRefused, StudyRefused, did_you_mean
from backtest.model import Bools, Sessions

TIMES = frozenset(
    (
        *("time", "times", "time of day", "when", "hour", "hours", "session", "timing", "datetime", "date time"),
        *("timestamp", "announcement time", "announce time", "release time", "report time", "event time"),
    )
)
"""Headers of a column of times, as `_header` writes them; under another header, a cell must read as a time."""
FLAGS = re.compile(r"(?:is )?(?:after ?(?:the )?(?:market )?(?:close|hours|market|bell)|amc)")
"""Headers of a column of yes and no that says what came after the close."""
ZONES = frozenset(("utc", "gmt", "zulu", "cet", "cest", "bst", "jst", "ist", "hkt"))
"""Words of a header that name a clock other than the exchange's."""
YES_NO = {
    **dict.fromkeys(("true", "yes", "1", "1.0", "y", "t", "x"), True),
    **dict.fromkeys(("false", "no", "0", "0.0", "n", "f"), False),
}
ZONED = (
    "Write dates and times of the exchange's own clock; if the dates are already its own, the detector's after_close = "
    "true or false is enough."
)
OTHERWISE = "or set after_close = true or false for all events."


def cells(source: Source, column: str) -> list[str]:
    """Return a column of any type as stripped texts; blank if missing."""
    held = source.columns.get(column)
    if held is None or isinstance(held, list) or pa.types.is_nested(held.type):
        raw = source.raw(column)
        values = raw if isinstance(raw, list) else raw.to_pylist()
        return [_text(value).strip() for value in values]
    coded = held if pa.types.is_dictionary(held.type) else held.dictionary_encode()
    found: list[str] = []
    for chunk in coded.chunks:  # each distinct value is written once
        words = [_text(value).strip() for value in chunk.dictionary.to_pylist()]
        found += [words[code] if code is not None else "" for code in chunk.indices.to_pylist()]
    return found


def _text(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    return "" if value is None else str(value)


def after_close_of(source: Source, name: str, dates: Sessions, time: str | None) -> tuple[Bools, str]:
    """Return which events came after the close, and where the file says so.

    Parameters
    ----------
    source : Source
        The file.
    name : str
        The column of dates.
    dates : ndarray of datetime64[D], shape (n_events,)
        The dates read from it.
    time : str, optional
        The column of times of day; by default every column that holds times or is named for them; they must agree.

    Returns
    -------
    late : ndarray of bool, shape (n_events,)
        A blank, or a usual mark of a missing value, is not late.
    says : str
        The column of the times; empty if there are none.

    Raises
    ------
    StudyRefused
        A cell cannot be read, or two columns differ.
    """
    if time is not None and time not in source.columns:
        hint = did_you_mean(time, source.columns)
        raise StudyRefused(f"{source.name}: there is no column '{time}' of times of day.", hint)
    found: dict[str, Bools] = {}
    if time in (None, name) and any(behind := _behind(source, name)):
        found[name] = _read(source, name, behind, after_close_in_column)
    asked = [time] if time is not None else [one for one in source.columns if _holds_times(source, one, dates)]
    found |= {one: _of_column(source, one, dates) for one in asked if one != name}
    if not found:
        return np.zeros(len(dates), dtype=np.bool_), ""
    _refuse_differing(source, found)
    which = next(iter(found))
    return found[which], "the time behind the date" if which == name else f"column '{which}'"


def _behind(source: Source, name: str) -> list[str]:
    """Return the time of day behind each date; for seconds since 1970, in UTC."""
    behind = [date_and_time(text)[1] for text in cells(source, name)]
    seconds = None if any(behind) or not source.is_text(name) else source.seconds(name)
    if seconds is None or not seconds.any():
        return behind
    return [f"{of // 3600:02d}:{of // 60 % 60:02d}:{of % 60:02d}Z" for of in seconds.tolist()]


def _header(column: str) -> str:
    return re.sub(r"[\W_]+", " ", column.lower()).strip()


def _holds_times(source: Source, column: str, dates: Sessions) -> bool:
    texts = cells(source, column)
    there = [text for text in texts if not is_missing_time(text)]
    header = _header(column)
    if header in TIMES or FLAGS.fullmatch(header):
        return bool(there)
    if "time" in header.split()[:1] + header.split()[-1:] and any(map(_reads_in_column, there)):
        return True
    return any(map(is_time, there)) or _is_flag(column, there) or _times_the_dates(source, column, texts, dates)


def _times_the_dates(source: Source, column: str, texts: Sequence[str], dates: Sessions) -> bool:
    """Return whether a column with another name holds the days of the events with times of day."""
    parted = {row: date_and_time(text) for row, text in enumerate(texts) if not is_missing_time(text)}
    if not any(time for _, time in parted.values()):
        return False
    days = _days(source, column, {row: day for row, (day, _) in parted.items()})
    return days is not None and bool((days == dates[list(parted)]).all())


def _reads_in_column(text: str) -> bool:
    try:
        return after_close_in_column(text) is not None
    except NamesTimeZone:
        return True


def _is_flag(column: str, there: Sequence[str]) -> bool:
    """Return whether a column holds yes and no, and its header says so: announced_after_close."""
    flags = bool(there) and all(text.lower() in YES_NO for text in there)
    return flags and FLAGS.search(_header(column)) is not None


def _refuse_differing(source: Source, found: Mapping[str, Bools]) -> None:
    (first, late), *others = found.items()
    for other, also in others:
        if (differs := np.flatnonzero(late != also)).size:
            raise StudyRefused(
                f"{source.place(int(differs[0]))}: the times of day in '{first}' and in '{other}' differ: one lies "
                "after the close, the other does not.",
                f'Set the detector\'s time = "{first}" or time = "{other}", {OTHERWISE}',
            )


def _of_column(source: Source, column: str, dates: Sessions) -> Bools:
    texts = cells(source, column)
    if FLAGS.fullmatch(_header(column)) or _is_flag(column, [text for text in texts if not is_missing_time(text)]):
        return _read(source, column, texts, _flag)
    if zone := ZONES.intersection(_header(column).split()):
        raise StudyRefused(
            f"{source.name}: column '{column}' names a time zone, {min(zone).upper()}, not the clock of the exchange.",
            ZONED,
        )
    rows = [row for row, text in enumerate(texts) if not is_missing_time(text)]
    parted = {row: date_and_time(texts[row]) for row in rows}
    days = _days(source, column, {row: day for row, (day, _) in parted.items()})
    if days is None:
        return _read(source, column, texts, after_close_in_column)
    if (other := days != dates[rows]).any():
        row = rows[int(np.argmax(other))]
        raise StudyRefused(
            f'{source.place(row)}: {column} = "{shortened(texts[row])}" is another day than the event, {dates[row]}.',
            f'Set the detector\'s column = "{column}" if that is the date, {OTHERWISE}',
        )
    clocks = [parted[row][1] if row in parted else "" for row in range(len(texts))]
    return _read(source, column, clocks, after_close_in_column)


def _days(source: Source, column: str, texts: Mapping[int, str]) -> Sessions | None:
    """Read the dates before the times of a column; None if it has none."""
    lone = replace(source, columns={column: list(texts.values())}, lines=source.lines[list(texts)], groups={})
    for form in dict.fromkeys((source.date_format, None)):
        try:
            return replace(lone, date_format=form).dates(column) if texts else None
        except DataRefused:
            continue
    return None


def _flag(text: str) -> bool | None:
    yes = YES_NO.get(text.lower())
    return after_close_in_column(text) if yes is None else yes


def _read(source: Source, column: str, texts: Sequence[str], read: Callable[[str], bool | None]) -> Bools:
    found = np.zeros(len(texts), dtype=np.bool_)
    for row, text in enumerate(texts):
        try:
            late = False if is_missing_time(text) else read(text)
        except NamesTimeZone as error:
            raise StudyRefused(
                f'{source.place(row)}: {column}: the time "{shortened(text)}" names a time zone, not the clock of the '
                "exchange.",
                ZONED,
            ) from error
        if late is None:
            raise StudyRefused(
                f'{source.place(row)}: {column} = "{shortened(text)}" is neither a time of day such as 16:05 '
                "nor a word for one such as amc.",
                f'Correct it, leave it blank if no time is known, name another column with time = "…", {OTHERWISE}',
            )
        found[row] = late
    return found
