"""The events of a run as rows: their dates, and what followed each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest import format as words
from backtest.model import Asked, Record
from backtest.untyped import Json


@dataclass(frozen=True)
class EventRow:
    """One event: its dates, and what followed at every horizon."""

    number: int
    start: str
    trigger: str
    end: str
    day0: str
    ongoing: bool
    outcomes: dict[Asked, Json]
    """By horizon: ``status``, and the returns, ``mae`` and ``mfe`` as fractions or None."""


def event_rows(record: Record, rows: Sequence[int], *, with_outcomes: bool = True) -> list[EventRow]:
    """Read these rows of the table of events, and what followed each."""
    found = _taken(record.tables["events"], rows).to_pylist()
    outcomes: dict[int, dict[Asked, Json]] = {}
    if with_outcomes:
        table = record.tables["forward_returns"]
        wanted = np.isin(arrow.to_floats(table["event"]), [row["event"] for row in found])
        for row in _taken(table, np.flatnonzero(wanted).tolist()).to_pylist():
            outcomes.setdefault(row["event"], {})[row.get("calendar") or row["horizon"]] = row
    return [
        EventRow(
            number=row["event"],
            start=words.day(row["start"]),
            trigger=words.day(row["trigger"]),
            end=words.day(row["end"]),
            day0=words.day(row["day0"]),
            ongoing=bool(row["ongoing"]),
            outcomes=outcomes.get(row["event"], {}),
        )
        for row in found
    ]


def _taken(table: pa.Table, rows: Sequence[int]) -> pa.Table:
    return arrow.take(table, np.array(rows, dtype=np.int64))
