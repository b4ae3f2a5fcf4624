"""A record's figures: all numbers that a run's page shows, computed here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from backtest import arrow
from backtest.model import Record
from backtest.report import series, words
from backtest.report.replay import replay

LEGS = ("asset", "benchmark", "spread")
OPTIONAL_COLUMNS = ("ci_low", "mde", "p_value", "p_adjusted")
SHOWN_EVENTS = 1000
SHOWN_TRADES = 500


@dataclass(frozen=True)
class EventRow:
    """One event: its dates, and what followed at every horizon."""

    number: int
    start: str
    trigger: str
    end: str
    day0: str
    ongoing: bool
    outcomes: dict[int, dict[str, Any]]
    """By horizon: ``status``, and the returns, ``mae`` and ``mfe`` as fractions or None."""


@dataclass(frozen=True)
class RunFigures:
    """The figures of one run, ready to be drawn."""

    run: dict[str, Any]
    labels: dict[str, str]
    """What each leg is called: as the strategy names it (a role such as small), or else its series."""
    horizons: list[dict[str, Any]]
    columns: dict[str, bool]
    """Which optional columns of the table of horizons hold any number."""
    chosen: int | None
    """The horizon whose outcomes are shown first."""
    events: list[EventRow]
    trades: list[dict[str, Any]]
    parameters: list[tuple[str, str]]
    replay: str
    charts: dict[str, Any]
    """What the scripts draw: plain lists and strings."""

    @property
    def shown_events(self) -> list[EventRow]:
        """The latest events, as many as a page can hold."""
        return self.events[-SHOWN_EVENTS:]

    @property
    def shown_trades(self) -> list[dict[str, Any]]:
        """The latest trades, as many as a page can hold."""
        return self.trades[-SHOWN_TRADES:]


def run_figures(record: Record) -> RunFigures:
    """Compute every figure of a run's page."""
    run = record.run
    horizons = list(run.get("horizons") or [])
    events = _events(record)
    chosen = _first_choice(horizons)
    labels = {leg: _label(run, leg) for leg in ("asset", "benchmark")}
    sessions = arrow.to_days(record.tables["history"]["session"])
    charts = {
        "kind": "run",
        "synthetic": bool(run["dataset"].get("synthetic")),
        "legs": labels,
        "path": _path(record.tables["average_path"]),
        "history": _history(record, sessions),
        "episodes": _episodes(events, sessions),
        "outcomes": _outcomes(events, horizons, chosen),
        "equity": _equity(record.tables.get("equity")),
    }
    return RunFigures(
        run=run,
        labels=labels,
        horizons=horizons,
        columns={key: any(row.get(key) is not None for row in horizons) for key in OPTIONAL_COLUMNS},
        chosen=chosen,
        events=events,
        trades=_trades(record.tables.get("trades")),
        parameters=[(key, words.parameter(value)) for key, value in (run.get("parameters") or {}).items()],
        replay=replay(run),
        charts=charts,
    )


def _label(run: Mapping[str, Any], leg: str) -> str:
    asked = (run.get("parameters") or {}).get(f"measure.{leg}")
    return str(asked or run["legs"][leg]["name"])


def _first_choice(horizons: Sequence[Mapping[str, Any]]) -> int | None:
    """Choose the horizon nearest to a month, in sessions, among those with a complete window."""
    complete = [row["horizon"] for row in horizons if row.get("n")] or [row["horizon"] for row in horizons]
    return min(complete, key=lambda horizon: (abs(horizon - 21), horizon), default=None)


def _events(record: Record) -> list[EventRow]:
    outcomes: dict[int, dict[int, dict[str, Any]]] = {}
    for row in record.tables["forward_returns"].to_pylist():
        outcomes.setdefault(row["event"], {})[row["horizon"]] = row
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
        for row in record.tables["events"].to_pylist()
    ]


def _trades(table: pa.Table | None) -> list[dict[str, Any]]:
    return [] if table is None else list(table.to_pylist())


def _path(table: pa.Table) -> dict[str, Any]:
    def line(name: str) -> list[float | None]:
        return series.rounded(arrow.to_floats(table[name]), 4)

    legs = {leg: {what: line(f"{leg}_{what}") for what in ("mean", "low", "high", "base")} for leg in LEGS}
    return {"offset": table["offset"].to_pylist(), "n": table["n"].to_pylist(), **legs}


def _history(record: Record, sessions: NDArray[np.datetime64]) -> dict[str, Any]:
    table = record.tables["history"]
    lines = _watched(record.run, table)
    indicator = _line(record.run.get("indicator"), arrow.to_floats(table["indicator"]), "indicator")
    return {"calendar": series.calendar(sessions), "lines": lines, "indicator": indicator}


def _watched(run: Mapping[str, Any], table: pa.Table) -> list[dict[str, Any]]:
    """Return the series the detector watches; where there is none, both legs from a common start of 100."""
    observed = run.get("observed")
    line = _line(observed, arrow.to_floats(table["observed"]), "observed")
    if observed is not None and line is not None:
        same = [leg for leg in ("asset", "benchmark") if run["legs"][leg]["name"] == observed["name"]]
        return [{**line, "role": same[0] if same else "observed"}]
    legs = {leg: arrow.to_floats(table[leg]) for leg in ("asset", "benchmark")}
    both = np.flatnonzero(np.isfinite(legs["asset"]) & np.isfinite(legs["benchmark"]))
    if not len(both):
        return []
    about = {"unit": "100 at the common start"}
    rebased = {leg: 100 * values / values[both[0]] for leg, values in legs.items()}
    found = [_line({"name": _label(run, leg), **about}, rebased[leg], leg) for leg in rebased]
    return [line for line in found if line is not None]


def _line(about: Mapping[str, Any] | None, values: NDArray[np.float64], role: str) -> dict[str, Any] | None:
    if about is None or not np.isfinite(values).any():
        return None
    return {
        "name": str(about.get("title") or about["name"]),
        "unit": str(about.get("unit") or ""),
        "role": role,
        "log": series.wants_log(values) and about.get("kind") != "rate" and role != "indicator",
        "values": series.rounded(values),
    }


def _episodes(events: Sequence[EventRow], sessions: NDArray[np.datetime64]) -> dict[str, Any]:
    """Return where each episode stands in the history, by position."""
    parts = ("start", "trigger", "end", "day0")
    found = {}
    for part in parts:
        dates = np.array([getattr(event, part).replace(words.NONE, "NaT") for event in events])
        found[part] = series.positions(sessions, dates.astype("datetime64[D]"))
    return {**found, "ongoing": [event.ongoing for event in events]}


def _outcomes(events: Sequence[EventRow], horizons: Sequence[Mapping[str, Any]], chosen: int | None) -> dict[str, Any]:
    by_horizon = {}
    for row in horizons:
        found = [event.outcomes.get(row["horizon"], {}) for event in events]
        numbers = {
            key: series.rounded(np.array([cell.get(key) for cell in found], dtype=np.float64))
            for key in (*LEGS, "mae", "mfe")
        }
        by_horizon[str(row["horizon"])] = {
            **numbers,
            "status": [str(cell.get("status", "missing")) for cell in found],
            "mean": row.get("spread_mean"),
            "base": row.get("base_spread_mean"),
            "words": words.length(row["horizon"]),
        }
    return {"chosen": chosen, "day0": [event.day0 for event in events], "by_horizon": by_horizon}


def _equity(table: pa.Table | None) -> dict[str, Any] | None:
    if table is None or not table.num_rows:
        return None
    values = arrow.to_floats(table["equity"])
    return {
        "calendar": series.calendar(arrow.to_days(table["session"])),
        "values": series.rounded(values),
        "held": series.spans(arrow.to_floats(table["exposure"]) > 0),
        "log": series.wants_log(values),
    }
