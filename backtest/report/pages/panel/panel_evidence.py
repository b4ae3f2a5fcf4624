"""What classical tests say on the page of a study on a panel: of forward returns, and of abnormal returns."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from backtest.format import minus
from backtest.model import Record
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.pages.panel.panel_charts.caar_chart import caar_chart
from backtest.untyped import Json


@dataclass(frozen=True)
class AbnormalFigures:
    """Abnormal returns, ready to be drawn."""

    caar: Drawn | None
    windows: list[tuple[str, Json, list[Json]]]
    """Each window that was tested: its words, its first row, and its tests."""
    counts: list[Json]
    """What was left out, what is incomplete, and what calls for caution; only what holds for some event."""


def opinion_rows(record: Record) -> list[Json]:
    """Return one row a test of the forward returns: what it assumes, and its p by horizon, or why there is none.

    Parameters
    ----------
    record : Record
        The run.
    """
    found: dict[str, Json] = {}
    for row in record.tables["opinions"].to_pylist():
        of = found.setdefault(row["test"], {"name": row["name"], "assumes": row["assumes"], "p": {}, "reasons": []})
        of["p"][row.get("calendar") or row["horizon"]] = row["p_value"]
        if row["reason"] and row["reason"] not in of["reasons"]:
            of["reasons"].append(row["reason"])
    return list(found.values())


def abnormal_figures(record: Record, stamp: str) -> AbnormalFigures | None:
    """Return what the page shows of abnormal returns; None where the strategy names no model."""
    if "classical_tests" not in record.tables:
        return None
    return AbnormalFigures(
        caar_chart(record.tables["abnormal_by_offset"], stamp),
        _windows(record.tables["classical_tests"]),
        [row for row in record.tables["abnormal_counts"].to_pylist() if row["n"]],
    )


def _windows(table: pa.Table) -> list[tuple[str, Json, list[Json]]]:
    found: dict[tuple[int, int], list[Json]] = {}
    for row in table.to_pylist():
        found.setdefault((row["first"], row["last"]), []).append(row)
    return [(_words(*window), rows[0], rows) for window, rows in found.items()]


def _words(first: int, last: int) -> str:
    if first == last == 0:
        return "day 0"
    begin, end = (minus(f"{at:+d}") if at else "0" for at in (first, last))
    return f"sessions {begin} to {end}"
