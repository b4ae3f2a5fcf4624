"""Files in files: what is in a gzipped or zipped one, and the rows of a sheet of Excel."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import zipfile

from backtest.errors import DataRefused

TEXTS = (".csv", ".txt", ".tsv", ".dat", ".prn")
"""Endings of files of text."""
ZIPPED, GZIPPED, EXCEL = ".zip", ".gz", (".xlsx", ".xlsm")
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
        members = [item for item in archive.infolist() if item.filename.lower().endswith(TEXTS)]
        if len(members) != 1:
            names = ", ".join(item.filename for item in members[:5]) or "none"
            raise DataRefused(
                f"{name}: must hold one file that ends with {', '.join(TEXTS)}: it holds {names}.",
                "Unpack it, and name the folder: --from DIR",
            )
        if members[0].file_size > MOST_BYTES:
            raise DataRefused(f"{name}: unpacks to {members[0].file_size:,} bytes: at most {MOST_BYTES:,} are read.")
        return archive.read(members[0])


def sheet_rows(name: str, content: bytes) -> tuple[list[list[str]], list[int], tuple[str, ...]]:
    """Return the rows of the first sheet that has two or more, the row of each, and what is not read.

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
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise DataRefused(f"{name}: is not an Excel workbook: {error}.", "Save the sheet as CSV.") from error
    for sheet in book.worksheets:
        numbered = [
            (line, ["" if cell is None else _text(cell) for cell in row])
            for line, row in enumerate(sheet.iter_rows(values_only=True), 1)
        ]
        filled = [(line, row) for line, row in numbered if any(cell.strip() for cell in row)]
        if len(filled) > 1:
            others = tuple(f'sheet "{other.title}"' for other in book.worksheets if other is not sheet)
            return [row for _, row in filled], [line for line, _ in filled], others
    raise DataRefused(f"{name}: no sheet has rows.")


def _text(cell: object) -> str:
    if isinstance(cell, dt.datetime):
        return str(cell.date() if cell.time() == dt.time() else cell)
    if isinstance(cell, float):
        return repr(cell) if cell != int(cell) or abs(cell) >= 1e15 else str(int(cell))
    return str(cell)
