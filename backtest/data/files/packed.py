"""Files in files: what is in a gzipped or zipped one, and the rows of a sheet of Excel."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import re
import zipfile
from typing import Any

from backtest.data.files.shapes import is_like_a_date
from backtest.errors import DataRefused

TEXTS = (".csv", ".txt", ".tsv", ".dat", ".prn")
"""Endings of files of text."""
ZIPPED, GZIPPED, EXCEL = ".zip", ".gz", (".xlsx", ".xlsm")
BESIDE = re.compile(r"(^|/)(__MACOSX/|\._|read.?me|licen[cs]e)", re.I)
"""Files that stand beside the data in an archive."""
MOST_BYTES = 4_000_000_000
"""What a packed file may unpack to."""


def unpacked(name: str, content: bytes) -> bytes:
    """Return the text of a file, of a gzipped one, or of the one file of text in a zipped one."""
    lower = name.lower()
    if lower.endswith(GZIPPED):
        return gzip.decompress(content)
    if not lower.endswith(ZIPPED):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = [item for item in archive.infolist() if item.filename.lower().endswith(TEXTS)]
        members = [item for item in texts if not BESIDE.search(item.filename)] or texts
        if len(members) != 1:
            names = ", ".join(item.filename for item in members[:5]) or "none"
            raise DataRefused(
                f"{name}: must hold one file that ends with {', '.join(TEXTS)}: it holds {names}.",
                "Unpack it, and name the folder: --from DIR",
            )
        if members[0].file_size > MOST_BYTES:
            raise DataRefused(f"{name}: unpacks to {members[0].file_size:,} bytes: at most {MOST_BYTES:,} are read.")
        try:
            return archive.read(members[0])
        except (RuntimeError, NotImplementedError) as error:  # encrypted, or packed by a way that Python has not
            raise DataRefused(f"{name}: cannot be unpacked: {error}.", "Unpack it, and name the file.") from error


def sheet_rows(name: str, content: bytes) -> tuple[list[list[str]], list[int], tuple[str, ...]]:
    """Return the rows of the first sheet with dates, the row of each, and what is not read.

    Raises
    ------
    DataRefused
        openpyxl is not installed, or no sheet has rows.
    """
    try:
        import openpyxl
    except ImportError:
        raise DataRefused(
            f"{name}: Excel files are read by openpyxl, which is not installed.",
            "Install it (pip install 'episode-backtest[xlsx]'), or save the sheet as CSV.",
        ) from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {sheet.title: _filled_rows(sheet) for sheet in book.worksheets}
    except Exception as error:  # whatever a damaged workbook makes of its readers: XML, archives, styles
        raise DataRefused(f"{name}: is not an Excel workbook: {error}.", "Save the sheet as CSV.") from error
    dated = [title for title, filled in sheets.items() if sum(_has_date(row) for _, row in filled) > 1]
    title = next(iter([*dated, *(title for title, filled in sheets.items() if len(filled) > 1)]), None)
    if title is None:
        raise DataRefused(f"{name}: no sheet has rows.")
    others = tuple(f'sheet "{other}"' for other in sheets if other != title)
    return [row for _, row in sheets[title]], [line for line, _ in sheets[title]], others


def _filled_rows(sheet: Any) -> list[tuple[int, list[str]]]:  # noqa: ANN401  openpyxl has no types
    sheet.reset_dimensions()  # exporters write wrong ones
    rows = enumerate(sheet.iter_rows(values_only=True), 1)
    numbered = [(line, ["" if cell is None else _text(cell) for cell in row]) for line, row in rows]
    filled = [(line, row) for line, row in numbered if any(cell.strip() for cell in row)]
    width = max((len(row) for _, row in filled), default=0)
    return [(line, row + [""] * (width - len(row))) for line, row in filled]


def _has_date(row: list[str]) -> bool:
    return any(map(is_like_a_date, row))


def _text(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return str(cell.date() if cell.time() == dt.time() else cell)
    if isinstance(cell, float):
        return repr(cell) if cell != int(cell) or abs(cell) >= 1e15 else str(int(cell))
    return str(cell)
