"""A provider's answer as a tidy table with one row per date, and a check for web pages sent in place of data."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest import arrow
from backtest.model import Floats, Sessions

DATE = "date"


@dataclass(frozen=True, eq=False)
class Table:
    """Dates as given, and columns of shape (n_dates,), NaN where the provider has no value."""

    dates: Sessions
    columns: dict[str, Floats]
    facts: dict[str, str] = field(default_factory=dict)
    """What the provider says about the whole table, such as its currency."""
    notes: list[str] = field(default_factory=list)
    """Where the values differ from what the provider wrote."""

    def to_parquet(self) -> bytes:
        """Return dates and columns as the bytes of a Parquet file; equal tables give equal bytes."""
        arrays = [arrow.days(self.dates), *(arrow.floats(values) for values in self.columns.values())]
        sink = pa.BufferOutputStream()
        pq.write_table(pa.table(arrays, names=[DATE, *self.columns]), sink, compression="zstd")
        content: bytes = sink.getvalue().to_pybytes()
        return content

    @classmethod
    def from_parquet(cls, content: bytes, facts: dict[str, str], notes: list[str]) -> Table:
        """Read what `to_parquet` wrote."""
        table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
        columns = {name: arrow.to_floats(table.column(name)) for name in table.column_names if name != DATE}
        return cls(arrow.to_days(table.column(DATE)), columns, facts, notes)


@dataclass(frozen=True, eq=False)
class Fetched:
    """The answer to one request: its raw body, and the table in it."""

    raw: bytes
    suffix: str
    """Suffix for the file name of the raw body."""
    table: Table


def is_html(content: bytes) -> bool:
    """Tell whether a body is a web page."""
    start = content[:1000].lstrip().lower()
    return start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml"))


def days_of(index: object) -> Sessions:
    """Return the dates of a pandas index, as local dates in its own time zone.

    Raises
    ------
    TypeError
        It holds no dates.
    """
    import pandas as pd

    if isinstance(index, pd.PeriodIndex):
        index = index.to_timestamp()
    if not isinstance(index, pd.DatetimeIndex):
        raise TypeError("its rows are not dated")
    days: Sessions = index.tz_localize(None).to_numpy().astype("datetime64[D]")
    if np.isnat(days).any():
        raise TypeError("a row has no date")
    return days
