"""Reading a delivered file: CSV, gzipped CSV or Parquet into typed columns, each value traceable to its line."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest import arrow
from backtest.data.lock import sha256_of
from backtest.errors import DataRefused, did_you_mean
from backtest.model import Floats, Ints, Sessions

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MONTH = re.compile(r"\d{4}-\d{2}(-\d{2})?")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
FLAGS = {"0": False, "1": True, "false": False, "true": True}
Read = TypeVar("Read")
SUFFIXES = (".csv", ".csv.gz", ".parquet")


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

    def place(self, row: int) -> str:
        """Say where a row stands."""
        return f"{self.name} {self.unit} {self.lines[row]}"

    def dates(self, column: str) -> Sessions:
        """Read a column of dates; a date must be there and ISO: 2024-07-16."""
        return self._times(column, DAY, "datetime64[D]", "a date such as 2024-07-16")

    def months(self, column: str) -> Ints:
        """Read a column of contract months, 2024-07 or any date in the month, as months since January 1970."""
        months = self._times(column, MONTH, "datetime64[M]", "a month such as 2024-07")
        return months.astype(np.int64)

    def numbers(self, column: str) -> Floats:
        """Read a column of finite numbers; a blank is missing, NaN."""
        raw = self._column(column)
        if isinstance(raw, list):
            values = self._parsed(raw, column)
        elif pa.types.is_integer(raw.type) or pa.types.is_floating(raw.type):
            values = arrow.to_floats(raw)
        else:
            raise DataRefused(f"{self.name}: column '{column}' is {raw.type}: must hold numbers.")
        infinite = np.flatnonzero(np.isinf(values))
        if len(infinite):
            raise DataRefused(f"{self.place(int(infinite[0]))}: {column} is infinite: must be a finite number.")
        return values

    def flags(self, column: str) -> list[bool]:
        """Read a column of yes and no: 1 and 0, or true and false."""
        raw = self._column(column)
        texts = raw if isinstance(raw, list) else [str(value) for value in raw.to_pylist()]
        for row, text in enumerate(texts):
            if text.strip().lower() not in FLAGS:
                raise DataRefused(f'{self.place(row)}: {column} = "{text}": must be 0, 1, false or true.')
        return [FLAGS[text.strip().lower()] for text in texts]

    def _column(self, column: str) -> list[str] | pa.ChunkedArray:
        if column not in self.columns:
            raise DataRefused(f"{self.name}: has no column '{column}'.", did_you_mean(column, self.columns))
        raw = self.columns[column]
        if not isinstance(raw, list) and pa.types.is_dictionary(raw.type):
            raw = raw.cast(raw.type.value_type)
        if not isinstance(raw, list) and (pa.types.is_string(raw.type) or pa.types.is_large_string(raw.type)):
            return ["" if text is None else text for text in raw.to_pylist()]
        return raw

    def _parsed(self, texts: list[str], column: str) -> Floats:
        stripped = [text.strip() for text in texts]
        for row, text in enumerate(stripped):
            if text and not NUMBER.fullmatch(text):
                raise DataRefused(
                    f'{self.place(row)}: {column} = "{texts[row]}": must be a number, or blank where it is missing.'
                )
        return np.array([float(text) if text else np.nan for text in stripped], dtype=np.float64)

    def _times(self, column: str, form: re.Pattern[str], unit: str, rule: str) -> Sessions:
        raw = self._column(column)
        if not isinstance(raw, list):
            return self._arrow_dates(raw, column).astype(unit)
        texts = [text.strip() for text in raw]
        wrong = (row for row, text in enumerate(texts) if not (form.fullmatch(text) and _exists(text)))
        try:
            if all(map(form.fullmatch, texts)):
                return np.array(texts, dtype="datetime64[D]").astype(unit)
        except ValueError:  # a day such as 2024-02-30
            pass
        row = next(wrong)
        raise DataRefused(f'{self.place(row)}: {column} = "{raw[row]}": must be {rule}.')

    def _arrow_dates(self, raw: pa.ChunkedArray, column: str) -> Sessions:
        kind = raw.type
        if not (pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None)):
            raise DataRefused(f"{self.name}: column '{column}' is {kind}: must hold dates without a time zone.")
        whole = raw.cast(pa.date32())
        if not whole.cast(kind).equals(raw):  # Arrow drops the time of day without a word
            raise DataRefused(f"{self.name}: column '{column}' has times of day: must hold dates.")
        dates = arrow.to_days(whole)
        missing = np.flatnonzero(np.isnat(dates))
        if len(missing):
            raise DataRefused(f"{self.place(int(missing[0]))}: {column} is missing: every row needs a date.")
        return dates


def read_source(folder: Path, name: str) -> Source:
    """Read one delivered file.

    Parameters
    ----------
    folder : Path
        The folder that is imported.
    name : str
        The file's path in it; ``.csv``, ``.csv.gz`` or ``.parquet``.

    Raises
    ------
    DataRefused
        It is not such a file, or is damaged.
    """
    if not name.endswith(SUFFIXES):
        raise DataRefused(f"{name}: cannot be imported: must end with {', '.join(SUFFIXES)}.")
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise DataRefused(f"{name}: cannot be read: {error.strerror}.") from error
    return _from_parquet(name, content) if name.endswith(".parquet") else _from_csv(name, content)


def _from_parquet(name: str, content: bytes) -> Source:
    table = _or_refuse(name, "Parquet", lambda: pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False))
    _check_columns(name, table.column_names)
    columns = {column: table.column(column) for column in table.column_names}
    return Source(name, sha256_of(content), columns, range(1, len(table) + 1), "row")


def _from_csv(name: str, content: bytes) -> Source:
    def decoded() -> str:
        plain = gzip.decompress(content) if name.endswith(".gz") else content
        return plain.decode("utf-8-sig")

    text = _or_refuse(name, "CSV in UTF-8", decoded)
    rows, lines = _or_refuse(name, "CSV", lambda: _rows(text))
    if not rows:
        raise DataRefused(f"{name}: is empty.")
    header = [column.strip() for column in rows[0]]
    _check_columns(name, header)
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(header):
            raise DataRefused(
                f"{name} line {line}: has {len(row)} values: must have {len(header)}, as the header does."
            )
    values = [list(column) for column in zip(*rows[1:], strict=True)] or [[] for _ in header]
    return Source(name, sha256_of(content), dict(zip(header, values, strict=True)), lines[1:], "line")


def _rows(text: str) -> tuple[list[list[str]], list[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, lines = [], []
    for row in reader:
        if row:  # a blank line holds no row
            rows.append(row)
            lines.append(reader.line_num)
    return rows, lines


def _check_columns(name: str, columns: Sequence[str]) -> None:
    twice = [column for column in columns if columns.count(column) > 1]
    if twice:
        raise DataRefused(f"{name}: has more than one column '{twice[0]}'.")


def _exists(text: str) -> bool:
    try:
        np.datetime64(text, "D")
    except ValueError:
        return False
    return True


def _or_refuse(name: str, form: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error) as error:
        raise DataRefused(f"{name}: is not {form}: {error}.") from error
