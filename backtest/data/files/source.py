"""A delivered file (text, Excel or Parquet) as columns, in which each value can be traced to its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from backtest import arrow
from backtest.data.files.contract_codes import month_of_code
from backtest.data.files.date_formats import exists, read_dates
from backtest.data.files.delimited import Ambiguous
from backtest.data.files.moments import seconds_of_day
from backtest.data.files.numbers import Misread, Unsettled, decimal_of, read_numbers, shortened, without_sign
from backtest.data.files.text_columns import as_texts, distinct, is_coded, is_text, plain_numbers
from backtest.data.manifest.manifest import Series
from backtest.errors import DataRefused, did_you_mean
from backtest.model import Floats, Ints, Sessions

MONTH = re.compile(r"\d{4}-\d{2}(-\d{2})?", re.ASCII)
FLAGS = {"0": False, "1": True, "false": False, "true": True}
LARGEST = 1e100
"""Largest size of a number; its inverse is the smallest. Squares and ratios of such numbers do not overflow."""
Read = TypeVar("Read")


@dataclass(frozen=True, eq=False)
class Source:
    """A file's columns, as texts or as Arrow columns, and the place of each row in it."""

    name: str
    """The path, as in the manifest."""
    sha256: str
    columns: dict[str, list[str] | pa.ChunkedArray]
    lines: Ints
    unit: str
    """``"line"`` for a text file (the header is line 1), or ``"row"`` for a Parquet file."""
    plain: bool = True
    """Whether a comma can only separate columns, so that a point is never a thousands separator."""
    unread: tuple[str, ...] = ()
    """What else the file holds, in words: lines around the table, other tables, other sheets."""
    time_zone: str | None = None
    date_format: str | None = None
    decimal: str | None = None
    missing: tuple[str, ...] = ()
    currency: str | None = None
    scale: float = 1.0
    """The factor that turns a return into percent: 100 if the file has fractions."""
    groups: dict[str, dict[str, Ints]] = field(default_factory=dict, repr=False)
    """The rows by column and word; each column is grouped once, when it is first needed."""

    def as_declared(self, spec: Series) -> Source:
        """Return the rows that a series selects, to be read in the formats that its manifest declares."""
        declared = replace(
            self,
            columns=dict(self.columns),
            date_format=spec.date_format,
            time_zone=spec.time_zone,
            decimal=spec.decimal,
            missing=tuple(spec.missing),
            currency=spec.currency,
            scale=100.0 if spec.is_fraction else 1.0,
        )
        named = spec.columns_read()
        held = any(not isinstance(self.columns.get(name, []), list) for name in named)
        if held and named <= self.columns.keys():  # of a long file; otherwise a refusal suggests among all columns
            declared = replace(declared, columns={name: self.columns[name] for name in named})
        for column, wanted in spec.where.items():
            groups = declared.rows_by(column)
            if wanted not in groups:
                hint = did_you_mean(wanted, list(groups)[:10_000])
                raise DataRefused(f'{self.name}: no row has {column} = "{wanted}".', hint)
            declared = declared.rows(groups[wanted])
        return declared

    def rows_by(self, column: str) -> dict[str, Ints]:
        """Return the rows of each word of a column, without surrounding blanks; in the order of the file."""
        if column not in self.groups:
            words, codes = self.distinct(column)
            order = np.argsort(codes, kind="stable")
            ends = np.cumsum(np.bincount(codes, minlength=len(words)))
            rows = np.split(order, ends[:-1]) if len(words) else []
            self.groups[column] = dict(zip(words, rows, strict=True))
        return self.groups[column]

    def distinct(self, column: str) -> tuple[list[str], Ints]:
        """Return the distinct words of a column, without surrounding blanks, and the index of each row's word."""
        held = self._held(column)
        if not isinstance(held, list) and is_text(held.type):
            return distinct(held)
        place: dict[str, int] = {}
        codes = [place.setdefault(text.strip(), len(place)) for text in self._texts(column)]
        return list(place), np.array(codes, dtype=np.int64)

    def rows(self, kept: Sequence[int] | Ints) -> Source:
        """Return some of the rows, in the given order; each keeps its place in the file."""
        begin, behind = (int(kept[0]), int(kept[-1]) + 1) if len(kept) else (0, 0)
        if behind - begin == len(kept) and (np.diff(kept) == 1).all():  # a slice copies nothing
            columns = {name: column[begin:behind] for name, column in self.columns.items()}
            return replace(self, columns=columns, lines=self.lines[begin:behind], groups={})
        columns = {
            name: [column[row] for row in kept] if isinstance(column, list) else column.take(pa.array(kept, pa.int64()))
            for name, column in self.columns.items()
        }
        return replace(self, columns=columns, lines=self.lines[kept], groups={})

    def place(self, row: int) -> str:
        """Return the place of a row in the file."""
        return f"{self.name} {self.unit} {self.lines[row]}"

    def dates(self, column: str) -> Sessions:
        """Read a column of dates; every row must have one, and one format must fit all."""
        if not self.is_text(column):
            return self._arrow_dates(self._held(column), column)
        texts, codes = self.distinct(column)
        return self._of_distinct(column, codes, lambda: read_dates(texts, self.date_format, self.time_zone))

    def seconds(self, column: str) -> Ints | None:
        """Return the times of day in a column of dates, in seconds; None if it has none."""
        if self.is_text(column):
            texts, codes = self.distinct(column)
            seconds = seconds_of_day(texts, self.time_zone)
            return None if seconds is None else seconds[codes]
        raw = self._held(column)
        if isinstance(raw, list) or not pa.types.is_timestamp(raw.type):
            return None
        local = raw if raw.type.tz is None else pc.local_timestamp(raw)
        clock: Ints = arrow.to_floats(pc.cast(local.cast(pa.timestamp("s"), safe=False), pa.int64())).astype(np.int64)
        return clock % 86_400

    def months(self, column: str, dates: Sessions) -> Ints:
        """Read a column of contract months as months since January 1970: 2024-07, any date in the month, or ZQN24.

        `dates` has the day of each row, which determines the decade of a code such as FFN6.
        """
        raw = self.raw(column)
        if not isinstance(raw, list):
            return self._arrow_dates(raw, column).astype("datetime64[M]").astype(np.int64)
        found = np.empty(len(raw), dtype=np.int64)
        for row, text in enumerate(raw):
            month = self._month(text.strip(), dates[row])
            if month is None:
                raise DataRefused(
                    f'{self.place(row)}: {column} = "{shortened(text)}": must be a month such as 2024-07, or a '
                    "code of a fed funds contract such as ZQN24."
                )
            found[row] = month
        return found

    def _month(self, text: str, day: np.datetime64) -> int | None:
        if not MONTH.fullmatch(text):
            return month_of_code(text, day)
        return 12 * (int(text[:4]) - 1970) + int(text[5:7]) - 1 if exists(text) else None

    def numbers(self, column: str, *, percent: bool = False) -> Floats:
        """Read a column of finite numbers; a blank becomes NaN. With `percent`, all may carry a percent sign."""
        if (plainly := self.plainly(column)) is not None:
            return plainly
        raw = self._held(column)
        if isinstance(raw, list):
            values = self._read(column, lambda: self._of_texts(raw, percent))
        elif is_text(raw.type):
            texts, codes = self.distinct(column)
            values = self._of_distinct(column, codes, lambda: self._of_texts(texts, percent))
        elif pa.types.is_decimal(raw.type):  # Arrow's own cast is wrong in the last digit
            values = np.array([np.nan if item is None else float(item) for item in raw.to_pylist()], dtype=np.float64)
        elif pa.types.is_integer(raw.type) or pa.types.is_floating(raw.type):
            values = arrow.to_floats(raw)
        else:
            raise DataRefused(f"{self.name}: column '{column}' is {raw.type}: must hold numbers.")
        return self._finite(column, values)

    def plainly(self, column: str) -> Floats | None:
        """Read an Arrow column of texts if all of them are plain numbers; otherwise return None."""
        held = self._held(column)
        if isinstance(held, list) or not is_text(held.type) or not self.plain or self.decimal == ",":
            return None
        found = plain_numbers(held)
        return None if found is None else self._finite(column, found)

    def _finite(self, column: str, values: Floats) -> Floats:
        infinite = np.flatnonzero(np.isinf(values))
        if len(infinite):
            raise DataRefused(f"{self.place(int(infinite[0]))}: {column} is infinite: must be a finite number.")
        size = np.abs(values)
        beyond = np.flatnonzero((size > LARGEST) | ((size < 1 / LARGEST) & (size > 0)))
        if len(beyond):
            row = int(beyond[0])
            raise DataRefused(
                f"{self.place(row)}: {column} = {values[row]:.6g}: must lie between {1 / LARGEST:g} and {LARGEST:g} in "
                "size, so that its changes can be computed."
            )
        return values

    def _of_texts(self, raw: Sequence[str], percent: bool) -> Floats:
        texts = raw if self.currency is None else without_sign(raw, self.currency, self.missing)
        bare = without_sign(texts, "%", self.missing) if percent else texts
        if bare is not texts and self.scale != 1:
            row = next(row for row, text in enumerate(texts) if text.strip().endswith("%"))
            raise Misread(
                row, "has a percent sign, but the unit says fraction", 'Write unit = "percent" for the series.'
            )
        try:
            return read_numbers(bare, self.decimal, self.missing, plain=self.plain)
        except Unsettled:
            mark = self._decimal_elsewhere()
            if mark is None:
                raise
            return read_numbers(bare, mark, self.missing)

    def _decimal_elsewhere(self) -> str | None:
        """Return the decimal mark that the other columns prove, if they do."""
        marks = {decimal_of(text) for column in self.columns.values() if isinstance(column, list) for text in column}
        settled = marks - {None}
        return settled.pop() if len(settled) == 1 else None

    def flags(self, column: str) -> list[bool]:
        """Read a column of yes and no: 1 and 0, or true and false."""
        texts = self._texts(column)
        for row, text in enumerate(texts):
            if text.strip().lower() not in FLAGS:
                raise DataRefused(f'{self.place(row)}: {column} = "{shortened(text)}": must be 0, 1, false or true.')
        return [FLAGS[text.strip().lower()] for text in texts]

    def _held(self, column: str) -> list[str] | pa.ChunkedArray:
        """Return a column as stored: a list of texts, or an Arrow column of texts or of another type."""
        if column not in self.columns:
            raise DataRefused(f"{self.name}: has no column '{column}'.", did_you_mean(column, self.columns))
        held = self.columns[column]
        if not isinstance(held, list) and pa.types.is_dictionary(held.type) and not is_coded(held):
            held = held.cast(held.type.value_type)
        return held

    def is_text(self, column: str) -> bool:
        """Tell whether a column holds texts."""
        held = self._held(column)
        return isinstance(held, list) or is_text(held.type)

    def raw(self, column: str) -> list[str] | pa.ChunkedArray:
        """Return a column as texts, blank where missing, or as an Arrow column of another type."""
        raw = self._held(column)
        if not isinstance(raw, list) and is_text(raw.type):
            return ["" if text is None else text for text in raw.to_pylist()]
        return raw

    def _texts(self, column: str) -> list[str]:
        raw = self.raw(column)
        return raw if isinstance(raw, list) else as_texts(raw)

    def _of_distinct(self, column: str, codes: Ints, read: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """Read each distinct text of a column once; if one cannot be read, name the first row that has it."""
        try:
            return read()[codes]
        except Misread as misread:
            misread.row = int(np.flatnonzero(codes == misread.row)[0])
            raise self._refusal(column, misread) from misread

    def _read(self, column: str, read: Callable[[], Read]) -> Read:
        try:
            return read()
        except Misread as misread:
            raise self._refusal(column, misread) from misread

    def _refusal(self, column: str, misread: Misread) -> DataRefused:
        held = self._held(column)
        value = held[misread.row] if isinstance(held, list) else held[misread.row].as_py()
        text = "" if value is None else str(value)
        refusal = Ambiguous if isinstance(misread, Unsettled) else DataRefused
        place = f'{self.place(misread.row)}: {column} = "{shortened(text)}"'
        return refusal(f"{place}: {misread.rule}.", misread.hint)

    def _local(self, raw: pa.ChunkedArray) -> pa.ChunkedArray:
        try:
            return pc.local_timestamp(raw)
        except pa.ArrowException as error:
            raise DataRefused(f"{self.name}: is not Parquet: {error}.") from error

    def _arrow_dates(self, raw: pa.ChunkedArray, column: str) -> Sessions:
        kind = raw.type
        if pa.types.is_integer(kind):
            texts = ["" if number is None else str(number) for number in raw.to_pylist()]
            return self._read(column, lambda: read_dates(texts, "%Y%m%d"))
        if pa.types.is_timestamp(kind):  # the date on the clock of the column's own time zone
            local = raw if kind.tz is None else self._local(raw)
            raw = pc.floor_temporal(local, unit="day")
        elif not pa.types.is_date(kind):
            raise DataRefused(f"{self.name}: column '{column}' is {kind}: must hold dates.")
        whole = raw.cast(pa.date32())
        dates = arrow.to_days(whole)
        missing = np.flatnonzero(np.isnat(dates))
        if len(missing):
            raise DataRefused(f"{self.place(int(missing[0]))}: {column} is missing: every row needs a date.")
        return dates
