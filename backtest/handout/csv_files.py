"""Tables as CSV: numbers with all their digits, dates in ISO, a missing value empty, and no text that a sheet runs."""

from __future__ import annotations

import io

import pyarrow as pa

from backtest import arrow
from backtest.format import plain
from backtest.handout.handout import Handout, meaning_of, unit_of

RUNS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of a text that a spreadsheet takes for a formula."""


def csv_bytes(table: pa.Table) -> bytes:
    """Write a table as CSV in UTF-8, with a line of column names.

    A text that a spreadsheet would run as a formula gets an apostrophe at its head; texts are on one line.
    """
    from pyarrow import csv  # imports pyarrow.compute

    columns = [_harmless(column) if column.type == pa.string() else column for column in table.columns]
    buffer = io.BytesIO()
    csv.write_csv(pa.table(dict(zip(table.column_names, columns, strict=True))), buffer)
    return buffer.getvalue()


def about_csv(handout: Handout) -> bytes:
    """Write what a handout is: one line for each thing that its tables must not be parted from."""
    names, texts = zip(*handout.about, strict=True)
    return csv_bytes(pa.table({"what": arrow.texts(names), "text": arrow.texts(texts)}))


def columns_csv(handout: Handout) -> bytes:
    """Write the unit and the definition of each column of each table, which a CSV file itself cannot hold."""
    fields = [(name, field) for name in handout.tables for field in handout.table(name).schema]
    told = {
        "table": [name for name, _ in fields],
        "column": [field.name for _, field in fields],
        "unit": [unit_of(field) for _, field in fields],
        "definition": [meaning_of(field) for _, field in fields],
    }
    return csv_bytes(pa.table({head: arrow.texts(texts) for head, texts in told.items()}))


def _harmless(column: pa.ChunkedArray) -> pa.Array:
    return pa.array([None if value is None else harmless(value) for value in column.to_pylist()], pa.string())


def harmless(text: str) -> str:
    """Return a text on one line that no spreadsheet runs."""
    line = plain(text)
    return f"'{line}" if line.lstrip().startswith(RUNS) or text.startswith(RUNS) else line
