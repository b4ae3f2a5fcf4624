"""Open a delivered file (text, Excel or Parquet) and read the columns of its table."""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from backtest.data.files.column_names import check_columns
from backtest.data.files.delimited import decoded, rows_of, separator_of
from backtest.data.files.long_text import read_long
from backtest.data.files.packed import EXCEL, GZIPPED, MOST_BYTES, TEXTS, ZIPPED, unpacked
from backtest.data.files.parquet import parquet_table
from backtest.data.files.rectangle import find_rectangle
from backtest.data.files.shapes import is_like_a_number
from backtest.data.files.source import Source
from backtest.data.files.workbook import sheet_rows
from backtest.errors import DataRefused
from backtest.files import read_file, sha256_of

Read = TypeVar("Read")
MOST_PACKED = 2_000_000_000
"""Largest size of a Parquet file."""
LARGE = 4_000_000
"""From this size in bytes, a text file is read directly into columns."""
GZIPPED_TEXTS = tuple(f"{ending}{GZIPPED}" for ending in TEXTS)
SUFFIXES = (*TEXTS, *GZIPPED_TEXTS, ZIPPED, *EXCEL, ".parquet")
"""In lower or upper case."""
PAGE = re.compile(r"\s*(?:(<)(?:!doctype|html|\?xml)|[{\[]\s*[\"{\[])", re.I)
SAYS_SEPARATOR = re.compile(r'"?sep=(?P<mark>[,;|\t])"?\r?\n', re.I)
ENDINGS = (".csv", ".txt", ".tsv", ".gz", ".zip", ".xlsx", ".parquet")
"""As a refusal lists them."""


def read_source(
    folder: Path,
    name: str,
    separator: str | None = None,
    table: int = 1,
    wanted: Collection[str] = (),
    sheet: str | None = None,
) -> Source:
    """Read one delivered file.

    Parameters
    ----------
    folder : Path
        The imported folder.
    name : str
        The path of the file in it; it ends with one of `SUFFIXES`.
    separator : str, optional
        The separator of the columns in a text file; default: the one that isolates the dates.
    table : int, optional
        Which table of a text file is read, counted from 1.
    wanted : collection of str, optional
        The columns that will be needed, if a long file is read; default: all.
    sheet : str, optional
        The sheet of a workbook; default: the first one with dates.

    Raises
    ------
    DataRefused
        It is not such a file, or it is damaged.
    """
    lower = name.lower()
    if not lower.endswith(SUFFIXES):
        raise DataRefused(
            f"{name}: cannot be imported: must end with {', '.join(ENDINGS)}.", "Save it in such a form, or rename it."
        )
    path = folder / name
    if path.exists() and not path.is_file():  # reading a pipe may never end
        raise DataRefused(f"{name}: is not a file.", "Save its output as a file, and give that.")
    try:
        if lower.endswith(TEXTS) and table == 1 and path.stat().st_size > LARGE:
            try:
                return read_long(path, name, separator, wanted)
            except (pa.ArrowException, DataRefused, ValueError) as error:
                # a file that is not uniform is read line by line, so that a refusal names the place
                if path.stat().st_size > MOST_BYTES:
                    raise DataRefused(f"{name}: is not uniform ({error}), and too large to name the place.") from error
        content = read_file(path, MOST_PACKED if lower.endswith(".parquet") else MOST_BYTES)
    except OSError as error:
        raise DataRefused(f"{name}: cannot be read: {error.strerror}.") from error
    if lower.endswith(".parquet"):
        held, unread = _or_refuse(name, "Parquet", lambda: parquet_table(name, content, wanted))
        columns = {column: held.column(column) for column in held.column_names}
        return Source(name, sha256_of(content), columns, np.arange(1, len(held) + 1), "row", unread=unread)
    if lower.endswith(EXCEL):
        rows, lines, unread = sheet_rows(name, content, sheet)
        return _from_rows(name, content, rows, lines, table, unread=unread, unit="row")
    return _from_text(name, content, separator, table)


def _from_text(name: str, content: bytes, separator: str | None, table: int) -> Source:
    text, encoding = _or_refuse(name, "CSV", lambda: decoded(name, unpacked(name, content)))
    unread = () if encoding.startswith("UTF") else (f"not UTF-8: read as {encoding}",)
    said = SAYS_SEPARATOR.match(text)
    if said:  # Excel's sep= line; blanked here, so that the other lines keep their numbers
        text, separator = text[said.end() :], separator or said["mark"]
    if page := PAGE.match(text):
        kind = "a web page" if page[1] == "<" else "JSON"
        raise DataRefused(f"{name}: is {kind}, not a table.", "Download the data as CSV.")
    separator = separator or separator_of(name, text)
    rows, lines = _or_refuse(name, "CSV", lambda: rows_of(text, separator))
    if not rows:
        raise DataRefused(f"{name}: has a sep= line but no columns." if said else f"{name}: is empty.")
    lines = [line + 1 for line in lines] if said else lines
    in_quotes = '"' in text and any("," in cell and is_like_a_number(cell) for row in rows for cell in row)
    return _from_rows(name, content, rows, lines, table, unread=unread, plain=separator == "," and not in_quotes)


def _from_rows(
    name: str,
    content: bytes,
    rows: list[list[str]],
    lines: list[int],
    table: int,
    *,
    unread: tuple[str, ...] = (),
    unit: str = "line",
    plain: bool = True,
) -> Source:
    found = find_rectangle(name, rows, lines, table)
    check_columns(name, found.header)
    values = [list(column) for column in zip(*found.rows, strict=True)] or [[] for _ in found.header]
    columns: dict[str, list[str] | pa.ChunkedArray] = dict(zip(found.header, values, strict=True))
    return Source(
        name, sha256_of(content), columns, np.array(found.lines, dtype=np.int64), unit, plain, (*unread, *found.unread)
    )


def _or_refuse(name: str, form: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except (pa.ArrowException, OSError, EOFError, zlib.error, zipfile.BadZipFile, csv.Error) as error:
        raise DataRefused(f"{name}: is not {form}: {error}.") from error
