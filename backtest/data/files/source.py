"""Reading a delivered file: CSV, gzipped CSV or Parquet into typed columns, each value traceable to its line."""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from backtest import arrow
from backtest.data.files.contract_codes import month_of_code
from backtest.data.files.date_formats import exists, read_dates
from backtest.data.files.delimited import Ambiguous, decoded, rows_of, separator_of
from backtest.data.files.numbers import Misread, Unsettled, read_numbers, shown, without_sign
from backtest.data.manifest.manifest import Series
from backtest.errors import DataRefused, did_you_mean
from backtest.files import sha256_of
from backtest.model import Floats, Ints, Sessions

MONTH = re.compile(r"\d{4}-\d{2}(-\d{2})?", re.ASCII)
FLAGS = {"0": False, "1": True, "false": False, "true": True}
Read = TypeVar("Read")
SUFFIXES = (".csv", ".csv.gz", ".parquet")
"""In upper case, too."""


@dataclass(frozen=True, eq=False)
class Source:
    """A file's columns, as text or as Arrow columns, and where each row stands in it."""

    name: str
    """The path as the manifest writes it."""
    sha256: str
    columns: dict[str, list[str] | pa.ChunkedArray]
    lines: Sequence[int]
    unit: str
    """``"line"`` of a text file (the header is line 1), or ``"row"`` of a Parquet file."""
    plain: bool = True
    """Whether a comma can only be a separator of columns, so that no point is one of thousands."""
    date_format: str | None = None
    decimal: str | None = None
    missing: tuple[str, ...] = ()
    currency: str | None = None
    scale: float = 1.0
    """What a return is multiplied by to be in percent: 100 where the file has fractions."""
    groups: dict[str, dict[str, list[int]]] = field(default_factory=dict, repr=False)
    """By column and by word, the rows; each column is grouped once, when it is first asked for."""

    def as_declared(self, spec: Series) -> Source:
        """Return the rows that a series' manifest selects, to be read in the formats that it declares."""
        declared = replace(
            self,
            date_format=spec.date_format,
            decimal=spec.decimal,
            missing=tuple(spec.missing),
            currency=spec.currency,
            scale=100.0 if spec.is_fraction else 1.0,
        )
        for column, wanted in spec.where.items():
            groups = declared.rows_by(column)
            if wanted not in groups:
                hint = did_you_mean(wanted, list(groups)[:10_000])
                raise DataRefused(f'{self.name}: no row has {column} = "{wanted}".', hint)
            declared = declared.rows(groups[wanted])
        return declared

    def rows_by(self, column: str) -> dict[str, list[int]]:
        """Return the rows of each word of a column, blanks around it left off; in the order of the file."""
        if column not in self.groups:
            groups: dict[str, list[int]] = {}
            for row, text in enumerate(self._texts(column)):
                groups.setdefault(text.strip(), []).append(row)
            self.groups[column] = groups
        return self.groups[column]

    def rows(self, kept: Sequence[int]) -> Source:
        """Return some of the rows, in the order given; each still knows its place in the file."""
        columns = {
            name: [column[row] for row in kept] if isinstance(column, list) else column.take(pa.array(kept, pa.int64()))
            for name, column in self.columns.items()
        }
        return replace(self, columns=columns, lines=[self.lines[row] for row in kept], groups={})

    def place(self, row: int) -> str:
        """Say where a row stands."""
        return f"{self.name} {self.unit} {self.lines[row]}"

    def dates(self, column: str) -> Sessions:
        """Read a column of dates; every row must have one, and one format must fit them all."""
        raw = self.raw(column)
        if isinstance(raw, list):
            return self._read(column, raw, lambda: read_dates(raw, self.date_format))
        return self._arrow_dates(raw, column)

    def months(self, column: str, dates: Sessions) -> Ints:
        """Read a column of contract months as months since January 1970: 2024-07, any date in the month, or ZQN24.

        `dates` has the day of each row: a code such as FFN6 leaves the decade to it.
        """
        raw = self.raw(column)
        if not isinstance(raw, list):
            return self._arrow_dates(raw, column).astype("datetime64[M]").astype(np.int64)
        found = np.empty(len(raw), dtype=np.int64)
        for row, text in enumerate(raw):
            month = self._month(text.strip(), dates[row])
            if month is None:
                raise DataRefused(
                    f'{self.place(row)}: {column} = "{shown(text)}": must be a month such as 2024-07, or the code of a '
                    "fed funds contract such as ZQN24."
                )
            found[row] = month
        return found

    def _month(self, text: str, day: np.datetime64) -> int | None:
        if not MONTH.fullmatch(text):
            return month_of_code(text, day)
        return 12 * (int(text[:4]) - 1970) + int(text[5:7]) - 1 if exists(text) else None

    def numbers(self, column: str, *, percent: bool = False) -> Floats:
        """Read a column of finite numbers; a blank is missing, NaN. With `percent`, all may carry a percent sign."""
        raw = self.raw(column)
        if isinstance(raw, list):
            values = self._read(column, raw, lambda: self._of_texts(raw, percent))
        elif pa.types.is_decimal(raw.type):  # Arrow's own cast is off by a last digit
            values = np.array([np.nan if item is None else float(item) for item in raw.to_pylist()], dtype=np.float64)
        elif pa.types.is_integer(raw.type) or pa.types.is_floating(raw.type):
            values = arrow.to_floats(raw)
        else:
            raise DataRefused(f"{self.name}: column '{column}' is {raw.type}: must hold numbers.")
        infinite = np.flatnonzero(np.isinf(values))
        if len(infinite):
            raise DataRefused(f"{self.place(int(infinite[0]))}: {column} is infinite: must be a finite number.")
        return values

    def _of_texts(self, raw: Sequence[str], percent: bool) -> Floats:
        texts = raw if self.currency is None else without_sign(raw, self.currency, self.missing)
        bare = without_sign(texts, "%", self.missing) if percent else texts
        if bare is not texts and self.scale != 1:
            row = next(row for row, text in enumerate(texts) if text.strip().endswith("%"))
            raise Misread(
                row, "has a percent sign, and the unit says fraction", 'Write unit = "percent" for the series.'
            )
        return read_numbers(bare, self.decimal, self.missing, plain=self.plain)

    def flags(self, column: str) -> list[bool]:
        """Read a column of yes and no: 1 and 0, or true and false."""
        texts = self._texts(column)
        for row, text in enumerate(texts):
            if text.strip().lower() not in FLAGS:
                raise DataRefused(f'{self.place(row)}: {column} = "{shown(text)}": must be 0, 1, false or true.')
        return [FLAGS[text.strip().lower()] for text in texts]

    def raw(self, column: str) -> list[str] | pa.ChunkedArray:
        """Return a column as texts, blank where missing, or as an Arrow column of another type."""
        if column not in self.columns:
            raise DataRefused(f"{self.name}: has no column '{column}'.", did_you_mean(column, self.columns))
        raw = self.columns[column]
        if not isinstance(raw, list) and pa.types.is_dictionary(raw.type):
            raw = raw.cast(raw.type.value_type)
        if not isinstance(raw, list) and (pa.types.is_string(raw.type) or pa.types.is_large_string(raw.type)):
            return ["" if text is None else text for text in raw.to_pylist()]
        return raw

    def _texts(self, column: str) -> list[str]:
        raw = self.raw(column)
        return raw if isinstance(raw, list) else [str(value) for value in raw.to_pylist()]

    def _read(self, column: str, raw: list[str], read: Callable[[], Read]) -> Read:
        try:
            return read()
        except Misread as misread:
            place = f'{self.place(misread.row)}: {column} = "{shown(raw[misread.row])}"'
            refusal = Ambiguous if isinstance(misread, Unsettled) else DataRefused
            raise refusal(f"{place}: {misread.rule}.", misread.hint) from misread

    def _arrow_dates(self, raw: pa.ChunkedArray, column: str) -> Sessions:
        kind = raw.type
        if pa.types.is_integer(kind):
            texts = ["" if number is None else str(number) for number in raw.to_pylist()]
            return self._read(column, texts, lambda: read_dates(texts, "%Y%m%d"))
        if pa.types.is_timestamp(kind):  # the date where the clock stood that wrote it
            local = raw if kind.tz is None else _or_refuse(self.name, "Parquet", lambda: pc.local_timestamp(raw))
            raw = pc.floor_temporal(local, unit="day")
        elif not pa.types.is_date(kind):
            raise DataRefused(f"{self.name}: column '{column}' is {kind}: must hold dates.")
        whole = raw.cast(pa.date32())
        dates = arrow.to_days(whole)
        missing = np.flatnonzero(np.isnat(dates))
        if len(missing):
            raise DataRefused(f"{self.place(int(missing[0]))}: {column} is missing: every row needs a date.")
        return dates


def read_source(folder: Path, name: str, separator: str | None = None) -> Source:
    """Read one delivered file.

    Parameters
    ----------
    folder : Path
        The folder that is imported.
    name : str
        The file's path in it; ``.csv``, ``.csv.gz`` or ``.parquet``.
    separator : str, optional
        What stands between the columns of a CSV file; default: what its header shows.

    Raises
    ------
    DataRefused
        It is not such a file, or is damaged.
    """
    if not name.lower().endswith(SUFFIXES):
        raise DataRefused(f"{name}: cannot be imported: must end with {', '.join(SUFFIXES)}.")
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise DataRefused(f"{name}: cannot be read: {error.strerror}.") from error
    return _from_parquet(name, content) if name.lower().endswith(".parquet") else _from_csv(name, content, separator)


def _from_parquet(name: str, content: bytes) -> Source:
    table = _or_refuse(name, "Parquet", lambda: pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False))
    _check_columns(name, table.column_names)
    columns = {column: table.column(column) for column in table.column_names}
    return Source(name, sha256_of(content), columns, range(1, len(table) + 1), "row")


def _from_csv(name: str, content: bytes, separator: str | None) -> Source:
    text = _or_refuse(name, "CSV in UTF-8", lambda: decoded(name, content))
    separator = separator or separator_of(name, text)
    rows, lines = _or_refuse(name, "CSV", lambda: rows_of(text, separator))
    if not rows:
        raise DataRefused(f"{name}: is empty.")
    header = [column.strip() for column in rows[0]]
    if header[0].lower().startswith("sep="):
        raise DataRefused(f"{name} line {lines[0]}: names a separator, and no columns.", "Delete that line.")
    _check_columns(name, header)
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(header):
            raise DataRefused(
                f"{name} line {line}: has {len(row)} values: must have {len(header)}, as the header does."
            )
    values = [list(column) for column in zip(*rows[1:], strict=True)] or [[] for _ in header]
    columns: dict[str, list[str] | pa.ChunkedArray] = dict(zip(header, values, strict=True))
    return Source(name, sha256_of(content), columns, lines[1:], "line", plain=separator == ",")


def _check_columns(name: str, columns: Sequence[str]) -> None:
    twice = [column for column in columns if columns.count(column) > 1]
    if twice:
        raise DataRefused(f"{name}: has more than one column '{twice[0]}'.")


def _or_refuse(name: str, form: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        hint = "Save it as UTF-8." if isinstance(error, UnicodeDecodeError) else ""
        raise DataRefused(f"{name}: is not {form}: {error}.", hint) from error
