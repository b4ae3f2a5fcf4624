"""A result as a workbook: a sheet that says what it is, and one sheet a table."""

from __future__ import annotations

import datetime as dt
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from backtest.errors import ExportRefused
from backtest.format import plain
from backtest.handout.handout import SIMULATED, Handout, meaning_of, unit_of

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

ROWS = 1_048_575
"""Rows of a sheet, less the line of names."""
NARROWEST, WIDEST = 9, 42
YELLOW, INK, GREY = "#ffd340", "#1d1500", "#f6f7f8"


def xlsx_bytes(handout: Handout, only: str | None = None) -> bytes:
    """Write a handout as a workbook of Excel.

    Numbers are unrounded and shown in the format of their unit; a column's name carries its unit and definition as a
    comment; texts are texts, whatever they begin with. The same record gives the same bytes.

    Parameters
    ----------
    handout : Handout
        What to write.
    only : str, optional
        The only table that is wanted.

    Raises
    ------
    ExportRefused
        XlsxWriter is not installed, there is no such table, or one is longer than a sheet.
    """
    names = [only] if only else list(handout.tables)
    tables = {name: handout.table(name) for name in names}
    for name, table in tables.items():
        if table.num_rows > ROWS:
            raise ExportRefused(f"table '{name}' has {table.num_rows:,} rows, a sheet {ROWS:,}.", "Use --to csv.")
    buffer = io.BytesIO()
    book = _book(buffer)
    made = dt.datetime.fromisoformat(handout.created).replace(tzinfo=None)
    book.set_properties(
        {"title": plain(handout.title)[:255], "comments": SIMULATED * handout.simulated, "created": made}
    )
    _about(book, handout)
    for name, table in tables.items():
        _sheet(book, name, table, simulated=handout.simulated)
    book.close()
    return buffer.getvalue()


def _book(buffer: io.BytesIO) -> Workbook:
    try:
        import xlsxwriter
    except ImportError:
        raise ExportRefused(
            "workbooks are written by XlsxWriter, which is not installed.",
            "Install it (pip install 'episode-backtest[export]'), or use --to csv.",
        ) from None
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    return xlsxwriter.Workbook(buffer, options)


def _about(book: Workbook, handout: Handout) -> None:
    sheet = book.add_worksheet("about")
    head = book.add_format({"bold": True, "font_size": 14})
    name, text = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True, "valign": "top"})
    alarm = book.add_format({"bold": True, "bg_color": YELLOW, "font_color": INK, "text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, plain(handout.title), head)
    for row, (what, said) in enumerate(handout.about, 2):
        loud = what == "SIMULATED"
        sheet.write_string(row, 0, what, alarm if loud else name)
        sheet.write_string(row, 1, said, alarm if loud else text)


def _sheet(book: Workbook, name: str, table: pa.Table, *, simulated: bool) -> None:
    sheet = book.add_worksheet(name[:31])
    head = book.add_format({"bold": True, "bg_color": YELLOW if simulated else GREY, "font_color": INK, "bottom": 1})
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    if simulated:
        sheet.set_tab_color(YELLOW)
        sheet.set_header(f"&C{SIMULATED}")
    for column, field in enumerate(table.schema):
        values = table.column(column).to_pylist()
        longest = max([len(field.name) + 2, *(len(_text(value)) for value in values[:200])])
        sheet.set_column(column, column, min(max(longest, NARROWEST), WIDEST))
        sheet.write_string(0, column, field.name, head)
        if comment := _comment(field):
            sheet.write_comment(0, column, comment, {"x_scale": 2})
        style = book.add_format({"num_format": _number_format(field), "align": "right"})
        for row, value in enumerate(values, 1):
            _write(sheet, row, column, value, style)


def _write(sheet: Worksheet, row: int, column: int, value: Any, style: Format) -> None:  # noqa: ANN401  any cell
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, column, plain(value))
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), style)
    else:
        sheet.write_number(row, column, value, style)


def _comment(field: pa.Field) -> str:
    unit, meaning = unit_of(field), meaning_of(field)
    return plain(f"{meaning}. Unit: {unit}." if unit not in ("", "1") else meaning)


def _number_format(field: pa.Field) -> str:
    if field.type == pa.date32():
        return "yyyy-mm-dd"
    if pa.types.is_integer(field.type):
        return "0"
    return {"fraction": "0.00%", "probability": "0.000"}.get(unit_of(field), "General")


def _text(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
