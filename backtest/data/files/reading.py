"""Opening a delivered file: text, Excel or Parquet, to the columns of its table."""

from __future__ import annotations

import csv
import re
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest.data.files.delimited import decoded, rows_of, separator_of
from backtest.data.files.packed import EXCEL, GZIPPED, TEXTS, ZIPPED, sheet_rows, unpacked
from backtest.data.files.rectangle import find_rectangle
from backtest.data.files.shapes import is_like_a_number
from backtest.data.files.source import Source
from backtest.data.files.text_columns import parse
from backtest.errors import DataRefused
from backtest.files import sha256_of

Read = TypeVar("Read")
LARGE, SAMPLED = 4_000_000, 100_000
"""Bytes from which on a text is read into columns at once, and by which its header is found."""
SUFFIXES = (*TEXTS, *(f"{ending}{GZIPPED}" for ending in TEXTS), ZIPPED, *EXCEL, ".parquet")
"""In upper case, too."""
PAGE = re.compile(r"\s*(?:(<)(?:!doctype|html|\?xml)|[{\[]\s*[\"{\[])", re.I)
SAYS_SEPARATOR = re.compile(r'"?sep=(?P<mark>[,;|\t])"?\r?\n', re.I)
ENDINGS = (".csv", ".txt", ".tsv", ".gz", ".zip", ".xlsx", ".parquet")
"""As a refusal names them."""


def read_source(folder: Path, name: str, separator: str | None = None, table: int = 1) -> Source:
    """Read one delivered file.

    Parameters
    ----------
    folder : Path
        The folder that is imported.
    name : str
        The file's path in it; it ends with one of `SUFFIXES`.
    separator : str, optional
        What stands between the columns of a text file; default: what sets its dates apart.
    table : int, optional
        Which of the tables in a text file is read, from 1.

    Raises
    ------
    DataRefused
        It is not such a file, or is damaged.
    """
    lower = name.lower()
    if not lower.endswith(SUFFIXES):
        raise DataRefused(
            f"{name}: cannot be imported: must end with {', '.join(ENDINGS)}.", "Save it as one of them, or rename it."
        )
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise DataRefused(f"{name}: cannot be read: {error.strerror}.") from error
    if lower.endswith(".parquet"):
        return _from_parquet(name, content)
    if lower.endswith(EXCEL):
        rows, lines, unread = sheet_rows(name, content)
        return _from_rows(name, content, rows, lines, table, unread=unread, unit="row")
    return _from_text(name, content, separator, table)


def _from_parquet(name: str, content: bytes) -> Source:
    table = _or_refuse(name, "Parquet", lambda: pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False))
    _check_columns(name, table.column_names)
    columns = {column: table.column(column) for column in table.column_names}
    return Source(name, sha256_of(content), columns, np.arange(1, len(table) + 1), "row")


def _from_text(name: str, content: bytes, separator: str | None, table: int) -> Source:
    if len(content) > LARGE and table == 1 and not name.lower().endswith((GZIPPED, ZIPPED)):
        try:
            return _from_large(name, content, separator)
        except (pa.ArrowException, DataRefused, ValueError):
            pass  # what is not the same throughout is read line by line, and refused with its place
    text, encoding = _or_refuse(name, "CSV", lambda: decoded(name, unpacked(name, content)))
    unread = () if encoding.startswith("UTF") else (f"no UTF-8: read as {encoding}",)
    said = SAYS_SEPARATOR.match(text)
    if said:  # Excel's line; it is blank from here on, so that the others keep their numbers
        text, separator = text[said.end() :], separator or said["mark"]
    if page := PAGE.match(text):
        kind = "a page of the web" if page[1] == "<" else "JSON"
        raise DataRefused(f"{name}: is {kind}, and no table.", "Download the data as CSV.")
    separator = separator or separator_of(name, text)
    rows, lines = _or_refuse(name, "CSV", lambda: rows_of(text, separator))
    if not rows:
        raise DataRefused(f"{name}: names a separator, and no columns." if said else f"{name}: is empty.")
    lines = [line + 1 for line in lines] if said else lines
    in_quotes = '"' in text and any("," in cell and is_like_a_number(cell) for row in rows for cell in row)
    return _from_rows(name, content, rows, lines, table, unread=unread, plain=separator == "," and not in_quotes)


def _from_large(name: str, content: bytes, separator: str | None) -> Source:
    """Read a long text whose lines are all alike, from the header on, into columns that Arrow holds.

    Raises
    ------
    DataRefused, ValueError, pyarrow.ArrowException
        It is not such a text.
    """
    head = content[:SAMPLED].rpartition(b"\n")[0].decode("utf-8-sig")
    mark = separator or separator_of(name, head)
    rows, lines = rows_of(head, mark)
    found = find_rectangle(name, rows, lines)
    _check_columns(name, found.header)
    skipped = found.lines[0] - 1
    parsed = parse(content, found.header, skipped, mark)
    if len(parsed) != content.count(b"\n") + (not content.endswith(b"\n")) - skipped or len(found.lines) < 2:
        raise ValueError("a line is not a row")
    columns = {column: parsed.column(column) for column in found.header}
    plain = mark == "," and b'"' not in content
    lines_of = np.arange(skipped + 1, skipped + 1 + len(parsed))
    return Source(name, sha256_of(content), columns, lines_of, "line", plain, found.unread)


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
    _check_columns(name, found.header)
    values = [list(column) for column in zip(*found.rows, strict=True)] or [[] for _ in found.header]
    columns: dict[str, list[str] | pa.ChunkedArray] = dict(zip(found.header, values, strict=True))
    return Source(
        name, sha256_of(content), columns, np.array(found.lines, dtype=np.int64), unit, plain, (*unread, *found.unread)
    )


def _check_columns(name: str, columns: Sequence[str]) -> None:
    twice = [column for column in columns if columns.count(column) > 1]
    if twice:
        raise DataRefused(f"{name}: has more than one column '{twice[0]}'.")


def _or_refuse(name: str, form: str, read: Callable[[], Read]) -> Read:
    try:
        return read()
    except (pa.ArrowException, OSError, EOFError, zlib.error, zipfile.BadZipFile, csv.Error) as error:
        raise DataRefused(f"{name}: is not {form}: {error}.") from error
