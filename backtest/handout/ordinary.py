"""How a measure is spread over ordinary sessions: what the outcomes of the events stand beside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.handout.handout import horizon_in
from backtest.model import Floats, Record, measured_by

RANGES = 60
TAIL = 0.005
"""Share of the sessions on each side that is not drawn."""
AGREES = 1e-9
LAGS = {"close": 0, "next_close": 1}
"""Sessions from day 0 to entry, where entry is at a close: a record holds closes alone."""


@dataclass(frozen=True)
class Ordinary:
    """Sessions of the base rate in ranges of what is judged, without the outermost ones.

    Attributes
    ----------
    edges : ndarray of shape (n + 1,)
        Ends of the ranges, as fractions.
    density : ndarray of shape (n,)
        Sessions in each range, over the highest such number.
    sessions : int
        All sessions, those in the tails included.
    """

    edges: Floats
    density: Floats
    sessions: int


def ordinary_sessions(record: Record, horizon: int | str) -> Ordinary | None:
    """Return how ordinary sessions are spread at a horizon.

    Parameters
    ----------
    record : Record
        The record of one asset.
    horizon : int or str
        The horizon: sessions, or a length of time.

    Returns
    -------
    Ordinary or None
        From the record's own table. A record of an earlier version has none: then from its history of closes, if that
        gives number and mean of the base rate to nine digits; else None. A record of a panel has neither.
    """
    table = record.tables.get("base_distribution")
    if table is not None:
        return _of_table(table, horizon)
    return _of_history(record, horizon) if "history" in record.tables else None


def _of_table(table: pa.Table, horizon: int | str) -> Ordinary | None:
    rows = [row for row in table.to_pylist() if horizon_in(row) == horizon and row["low"] is not None]
    inner = rows[1:-1]  # the first and the last range are the tails
    if len(inner) < 2 or not any(row["n"] for row in inner):
        return None
    edges = np.array([*(row["low"] for row in inner), inner[-1]["high"]])
    return _ordinary(edges, np.array([row["n"] for row in inner], dtype=np.float64), sum(row["n"] for row in rows))


def _of_history(record: Record, horizon: int | str) -> Ordinary | None:
    lag = LAGS.get(str(record.run["parameters"].get("measure.entry")))
    if lag is None or not isinstance(horizon, int):
        return None
    of, history = measured_by(record.run["legs"]), record.tables["history"]
    first, last = (np.datetime64(record.run["sample"][end]) for end in ("first", "last"))
    sessions = arrow.to_days(history["session"])
    inside = (sessions >= first) & (sessions <= last)
    legs = {leg: _forward(arrow.to_floats(history[leg]), lag, horizon) for leg in of.held}
    values = legs["asset"] - legs["benchmark"] if of.has_benchmark else legs["asset"]
    known = values[inside & np.isfinite(values)]
    return _spread(known) if _is_base_rate(known, record, horizon) else None


def _forward(level: Floats, lag: int, horizon: int) -> Floats:
    returns = np.full(len(level), np.nan)
    n = len(level) - lag - horizon
    if n > 0:
        returns[:n] = level[lag + horizon :] / level[lag : lag + n] - 1
    return returns


def _is_base_rate(known: Floats, record: Record, horizon: int) -> bool:
    """Return whether these are the sessions of the base rate: as many, with the same mean."""
    of = measured_by(record.run["legs"])
    rows: list[Mapping[str, Any]] = record.tables["base_rates"].to_pylist()
    row = next(row for row in rows if horizon_in(row) == horizon)
    return len(known) > 1 and len(known) == row["n"] and abs(known.mean() - row[of.mean]) < AGREES


def _spread(known: Floats) -> Ordinary | None:
    low, high = np.quantile(known, (TAIL, 1 - TAIL))
    if not high > low:
        return None
    counts, edges = np.histogram(known, RANGES, (low, high))
    return _ordinary(edges, counts.astype(np.float64), len(known))


def _ordinary(edges: Floats, counts: Floats, sessions: int) -> Ordinary:
    density = counts / np.where(np.diff(edges) > 0, np.diff(edges), np.inf)
    return Ordinary(edges, density / density.max(), sessions)
