"""What futures expected around the events: the implied path, and the odds of each target after the next meetings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backtest import arrow
from backtest import format as words
from backtest.model import Floats, Record
from backtest.rates.curve import MOVE
from backtest.report.kit import packing as series
from backtest.report.pages.run.charts.rate_chart import rate_chart
from backtest.untyped import Json

SHOWN, FEWER = 24, 12
"""The latest events that can be chosen; where the page is full of outcomes already, fewer."""
FULL = 4_000
"""Events times horizons from which on it is."""
LEAST = 0.001
"""An outcome to which no meeting gives so much has no column."""


def expectation_figures(record: Record, stamp: str = "") -> Json | None:
    """Return what the section on expectations shows; None for a run without futures, or without events when quoted.

    Parameters
    ----------
    record : Record
        The run.
    stamp : str
        What must be known of each picture wherever it is copied to.

    Returns
    -------
    dict
        ``about``, as ``run.json`` has it; ``events``, the latest of them, the last one first, each with its ``path``
        by contract month, the ``drawn`` chart of it, and its ``odds``: headings, rows of texts, the place of today's
        target; ``n_events``; ``n_quoted``, those on whose day futures were quoted; ``n_recorded``, those of them that
        were looked at.
    """
    about = record.run.get("expectations")
    path, odds = (record.tables.get(name) for name in ("expected_path", "expected_odds"))
    if not about or path is None or odds is None or not path.num_rows:
        return None
    listed = record.tables["events"].select(["event", "day0"]).to_pylist()
    told = set(path["event"].to_pylist())
    shown = SHOWN if record.tables["forward_returns"].num_rows <= FULL else FEWER
    chosen = [row for row in listed if row["event"] in told][-shown:][::-1]
    wanted = {row["event"] for row in chosen}
    paths, tables = (_by_event(table.to_pylist(), wanted) for table in (path, odds))
    before = f"{words.plural(about['before'], 'session')} before"
    events = []
    for row in chosen:
        day0, implied = words.day(row["day0"]), _path(paths.get(row["event"], []))
        odds = odds_of(tables.get(row["event"], []))
        events.append({"day0": day0, "path": implied, "odds": odds, "drawn": rate_chart(implied, before, day0, stamp)})
    quoted = len(listed) - int(about.get("unquoted", 0))  # a record of an earlier version does not say
    recorded = int(about.get("events", quoted))
    counts = {"n_events": len(listed), "n_quoted": quoted, "n_recorded": recorded}
    return {"about": about, "events": events, **counts}


def _by_event(rows: Sequence[Json], wanted: set[int]) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = {}
    for row in rows:
        if row["event"] in wanted:
            found.setdefault(row["event"], []).append(row)
    return found


def _path(rows: Sequence[Mapping[str, Any]]) -> Json:
    """Return months without a gap between them, and the rates of both days; None where a month was not quoted."""
    if not rows:
        return {"months": [], "rate": [], "before": []}
    at = np.array([row["month"] for row in rows], dtype="datetime64[M]")
    months = np.arange(at[0], at[-1] + 1)
    found: Json = {"months": [str(month) for month in months]}
    for key in ("rate", "before"):
        values = np.full(len(months), np.nan)
        values[(at - at[0]).astype(np.int64)] = [np.nan if row[key] is None else row[key] for row in rows]
        found[key] = series.rounded(values)
    return found


def odds_of(rows: Sequence[Mapping[str, Any]]) -> Json:
    """Return one event's table: texts in percent, blank where they round to nothing, and what was left out."""
    most: dict[int, float] = {0: 1.0}
    for row in rows:
        if row["moves"] is not None:
            moves = int(row["moves"])
            most[moves] = max(most.get(moves, 0.0), row["probability"])
    seen = [moves for moves, odds in most.items() if odds >= LEAST]
    columns = list(range(min(seen), max(seen) + 1))  # an unlikely outcome between two others leaves no hole
    meetings: dict[str, Json] = {}
    for row in rows:
        day = words.day(row["meeting"])
        one = meetings.setdefault(day, {"meeting": day, "reason": row["reason"], "cells": [""] * len(columns)})
        if row["moves"] is not None and int(row["moves"]) in columns:
            text = f"{row['probability'] * 100:.1f}"
            one["cells"][columns.index(int(row["moves"]))] = "" if text == "0.0" else text
    bounds = (rows[0]["lower"], rows[0]["upper"]) if rows else (None, None)
    return {
        "columns": [_heading(moves, *bounds) for moves in columns],
        "now": columns.index(0),
        "rows": list(meetings.values()),
        "left_out": len(most.keys() - set(columns)),
        "known": bounds[1] is not None,
        "version": rows[0].get("version") if rows else None,
    }


def _heading(moves: int, lower: float | None, upper: float | None) -> str:
    if lower is None or upper is None:
        return words.number(moves, 0) if moves <= 0 else f"+{moves}"
    ends = dict.fromkeys(_rate(bound + moves * MOVE) for bound in (lower, upper))
    return "–".join(ends)


def _rate(value: float) -> str:
    return words.number(value, 2 if round(value, 2) == round(value, 4) else 3)


def cuts_priced(record: Record) -> tuple[str, str, Floats] | None:
    """Return the cuts priced: name, unit, a value for each session of the history; None where not recorded so."""
    table, about = record.tables.get("expected_cuts"), record.run.get("expectations")
    if table is None or not about or table.num_rows != record.tables["history"].num_rows:
        return None
    over = about.get("cuts_over", 12)
    return f"Cuts priced over {over} months", "moves of 25 basis points", arrow.to_floats(table["cuts"])
