"""Read a long text file with uniform lines into Arrow columns, piece by piece."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from backtest.data.files.column_names import check_columns
from backtest.data.files.delimited import rows_of, separator_of
from backtest.data.files.rectangle import find_rectangle
from backtest.data.files.shapes import is_like_a_date, is_like_a_number
from backtest.data.files.source import Source
from backtest.data.files.text_columns import parse

SAMPLED = 100_000
"""The number of bytes in which the header is looked for."""
PIECE = 1_000_000
"""The number of bytes read at a time."""


@dataclass(frozen=True)
class _Scan:
    """What is known about a file after one pass over it."""

    sha256: str
    lines: int
    quotes: bool


def read_long(path: Path, name: str, separator: str | None, wanted: Collection[str] = ()) -> Source:
    """Read a long text file from its header on; its text is never in memory as a whole.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Its path, as in the manifest.
    separator : str or None
        The separator of its columns; None: the one that isolates the dates.
    wanted : collection of str, optional
        The columns to keep, if all of them exist; default: all.

    Raises
    ------
    DataRefused, ValueError, pyarrow.ArrowException
        It is not a text of this form.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLED).rpartition(b"\n")[0].decode("utf-8-sig")
    mark = separator or separator_of(name, head)
    rows, lines = rows_of(head, mark)
    found = find_rectangle(name, rows, lines)
    check_columns(name, found.header)
    skipped = found.lines[0] - 1
    # If a column is missing, the refusal names all columns of the file.
    kept = [column for column in found.header if column in wanted] if set(wanted) <= set(found.header) else []
    parsed = parse(path, found.header, skipped, mark, kept or found.header, _words(found.header, found.rows))
    looked = _scan(path)
    if len(parsed) != looked.lines - skipped or len(found.lines) < 2:
        raise ValueError("a line is not a row")
    if not _ends_as_it_begins(parsed, found.rows[0], found.header):
        raise ValueError("its last row is another kind of row")
    columns = {column: parsed.column(column) for column in parsed.column_names}
    lines_of = np.arange(skipped + 1, skipped + 1 + len(parsed), dtype=np.int64)
    return Source(name, looked.sha256, columns, lines_of, "line", mark == "," and not looked.quotes, found.unread)


def _words(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Name the columns of dates and words; unlike numbers, their values repeat."""
    cells = {column: [row[at] for row in rows if row[at].strip()] for at, column in enumerate(header)}
    return [
        column
        for column, filled in cells.items()
        if filled and all(is_like_a_date(cell) or not is_like_a_number(cell) for cell in filled)
    ]


def _ends_as_it_begins(parsed: pa.Table, first: Sequence[str], header: Sequence[str]) -> bool:
    """Tell whether the last row has dates where the first has them; a total or a note below the data has none."""
    last = {column: parsed.column(column)[-1].as_py() or "" for column in parsed.column_names}
    dated = [column for cell, column in zip(first, header, strict=True) if is_like_a_date(cell) and column in last]
    return all(is_like_a_date(last[column]) for column in dated)


def _scan(path: Path) -> _Scan:
    """Hash a file and count its lines."""
    digest, lines, quotes, last = hashlib.sha256(), 0, False, b"\n"
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            lines += piece.count(b"\n")
            quotes = quotes or b'"' in piece
            last = piece[-1:]
    return _Scan(digest.hexdigest(), lines + (last != b"\n"), quotes)
