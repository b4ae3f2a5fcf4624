"""The rows of an Excel sheet, as the texts that a reader sees."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from backtest.data.files.rectangle import DATES
from backtest.data.files.shapes import is_like_a_date, is_like_a_number
from backtest.errors import DataRefused, did_you_mean

SERIAL = (15_000, 75_000)
"""Days since 1900 for dates from 1941 to 2105, in a column named as a date."""
MOST_BYTES, MOST_ROWS, MOST_CELLS = 256_000_000, 1_048_576, 5_000_000
"""Largest size of an unpacked workbook, the rows that Excel can hold, and the cells of a sheet."""
Row = tuple[int, list[str]]


def sheet_rows(
    name: str, content: bytes, wanted: str | None = None
) -> tuple[list[list[str]], list[int], tuple[str, ...]]:
    """Return the rows of a sheet, the row number of each, and what is not read.

    Parameters
    ----------
    name : str
        The file, for refusals.
    content : bytes
        The workbook.
    wanted : str, optional
        The sheet; default: the first one with dates.

    Raises
    ------
    DataRefused
        openpyxl is not installed, there is no such sheet, no sheet has rows, or a formula has no value.
    """
    try:
        import openpyxl
    except ImportError:
        raise DataRefused(
            f"{name}: reading an Excel file needs openpyxl, which is not installed.",
            "Install it (pip install 'episode-backtest[xlsx]'), or save the sheet as CSV.",
        ) from None
    with _damage_refused(name):
        _refuse_bomb(name, content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {sheet.title: _filled_rows(sheet, book.epoch) for sheet in book.worksheets}
    dated = [title for title, filled in sheets.items() if sum(_has_date(row) for _, row in filled) > 1]
    title = wanted or next(iter([*dated, *(title for title, filled in sheets.items() if len(filled) > 1)]), None)
    if title is None:
        with _damage_refused(name):
            for sheet in openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[:1]:
                _refuse_formulas(name, sheet, {})
        raise DataRefused(f"{name}: no sheet has rows.")
    if title not in sheets:
        names = ", ".join(f'"{other}"' for other in sheets)
        raise DataRefused(f'{name}: has no sheet "{title}": it has {names[:200]}.', did_you_mean(title, sheets))
    with _damage_refused(name):
        _refuse_formulas(name, openpyxl.load_workbook(io.BytesIO(content), read_only=True)[title], dict(sheets[title]))
    others = tuple(
        f'sheet "{other}"{f" (sheet = {chr(34)}{other}{chr(34)} reads it)" if other in dated else ""}'
        for other in sheets
        if other != title
    )
    return [row for _, row in sheets[title]], [line for line, _ in sheets[title]], others


@contextlib.contextmanager
def _damage_refused(name: str) -> Iterator[None]:
    """Refuse a damaged workbook, which can raise anything: from XML, archives or styles."""
    try:
        yield
    except DataRefused:
        raise
    except Exception as error:
        raise DataRefused(f"{name}: is not an Excel workbook: {error}.", "Save the sheet as CSV.") from error


def _refuse_bomb(name: str, content: bytes) -> None:
    """Refuse a workbook that unpacks to more than anybody types."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = sum(member.file_size for member in archive.infolist())
        if size > MOST_BYTES:
            raise DataRefused(
                f"{name}: unpacks to {size:,} bytes: at most {MOST_BYTES:,} are read.", "Save the sheet as CSV."
            )


def _refuse_formulas(name: str, sheet: Any, values: dict[int, list[str]]) -> None:  # noqa: ANN401  openpyxl has no types
    """Refuse a formula whose value was not saved: it would be read as missing."""
    sheet.reset_dimensions()
    for line, row in enumerate(sheet.iter_rows(values_only=True), 1):
        held = values.get(line, [])
        for at, cell in enumerate(row):
            empty = at >= len(held) or not held[at]
            if empty and isinstance(cell, str) and cell.startswith("="):
                raise DataRefused(
                    f"{name} row {line}: column {at + 1} holds the formula {cell[:40]} without a saved value.",
                    "Open the file in Excel and save it, which stores the values; or save the sheet as CSV.",
                )


def _filled_rows(sheet: Any, epoch: dt.datetime) -> list[Row]:  # noqa: ANN401
    sheet.reset_dimensions()  # some exporters write wrong ones
    filled, cells = list[Row](), 0
    for line, row in enumerate(sheet.iter_rows(), 1):
        cells += len(row)
        if line > MOST_ROWS or cells > MOST_CELLS:
            raise ValueError(f"a sheet has more than {MOST_ROWS:,} rows or {MOST_CELLS:,} cells")
        texts = [_text(cell) for cell in row]
        if any(cell.strip() for cell in texts):
            filled.append((line, texts))
    width = max((len(row) for _, row in filled), default=0)
    if width * len(filled) > MOST_CELLS:
        raise ValueError(f"a sheet of {len(filled):,} rows and {width:,} columns has more than {MOST_CELLS:,} cells")
    return _with_dates([(line, row + [""] * (width - len(row))) for line, row in filled], epoch)


def _with_dates(rows: list[Row], epoch: dt.datetime) -> list[Row]:
    """Read days since 1900 as dates, in a column that is named as a date and holds nothing else."""
    for begin, (_, row) in enumerate(rows):
        at = next((at for at, cell in enumerate(row) if cell.strip().lower() in DATES), None)
        below = [cells[at] for _, cells in rows[begin + 1 :] if cells[at].strip()] if at is not None else []
        if at is not None and len(below) > 1 and all(map(_is_serial, below)):
            for _, cells in rows[begin + 1 :]:
                if cells[at].strip():
                    cells[at] = str((epoch + dt.timedelta(days=float(cells[at]))).date())
            break
    return rows


def _is_serial(text: str) -> bool:
    return is_like_a_number(text) and text.replace(".", "", 1).isdigit() and SERIAL[0] <= float(text) <= SERIAL[1]


def _has_date(row: Sequence[str]) -> bool:
    return any(map(is_like_a_date, row))


def _text(cell: Any) -> str:  # noqa: ANN401
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return str(value.date() if value.time() == dt.time() else value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and "%" in (cell.number_format or ""):
        return f"{round(value * 100, 10):.10g}%"  # as displayed, and as a CSV file would have it
    if isinstance(value, float):
        return repr(value) if value != int(value) or abs(value) >= 1e15 else str(int(value))
    return str(value)
