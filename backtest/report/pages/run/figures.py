"""A record's figures: all numbers that a run's page shows, computed here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from backtest import arrow
from backtest import format as words
from backtest.model import Measured, Record, measured_by
from backtest.model.run_lengths import runs
from backtest.report.kit import downsample as thin
from backtest.report.kit import packing as series
from backtest.report.pages.run.command import replay
from backtest.report.pages.run.condition_strips import condition_rows
from backtest.report.pages.run.expectations import cuts_line, expectation_figures
from backtest.report.pages.run.rarity import heat
from backtest.untyped import Json

PARTS = ("start", "trigger", "end", "day0")
OPTIONAL_COLUMNS = ("ci_low", "mde", "p_value", "p_adjusted")
SHOWN_EVENTS = 500
SHOWN_TRADES = 300
MARKED = 500
"""Events that are marked in the history; where there are more, these are spread as all of them are."""

CELLS = 8_000
"""Events times horizons that fit a page; where there are many horizons, fewer events are shown."""

HISTORY = 30_000
"""Values of the history that fit a page: sessions times lines."""

ACCOUNT = 10_000
PATH = 1_000


@dataclass(frozen=True)
class EventRow:
    """One event: its dates, and what followed at every horizon."""

    number: int
    start: str
    trigger: str
    end: str
    day0: str
    ongoing: bool
    outcomes: dict[int, Json]
    """By horizon: ``status``, and the returns, ``mae`` and ``mfe`` as fractions or None."""


@dataclass(frozen=True)
class RunFigures:
    """The figures of one run, ready to be drawn."""

    run: Json
    labels: dict[str, str]
    """What each leg that is held is called: as the strategy names it (a role such as small), or else its series."""
    horizons: list[Json]
    columns: dict[str, bool]
    """Which optional columns of the table of horizons hold any number."""
    chosen: int | None
    """The horizon whose outcomes are shown first."""
    events: list[EventRow]
    """The latest events, as many as a page can hold."""
    marked: list[EventRow]
    """The events that the history shows: all, or as many as can be told apart, from its beginning to its end."""
    n_events: int
    conditions: list[Json]
    """What the strategy combines, one row each; none where it is one detector."""
    rules: list[Json]
    """How the condition counts by other rules, as ``run.json`` has it."""
    rarity: Json | None
    trades: list[Json]
    """The latest trades, as many as a page can hold."""
    n_trades: int
    parameters: list[tuple[str, str]]
    replay: str
    charts: Json
    """What the scripts draw: plain lists and strings."""

    @property
    def measured(self) -> Measured:
        """What is judged: the spread, or the asset alone."""
        return measured_by(self.run["legs"])


def run_figures(record: Record) -> RunFigures:
    """Compute every figure of a run's page."""
    run = record.run
    horizons = list(run.get("horizons") or [])
    n_events = record.tables["events"].num_rows
    events = _events(record, range(max(0, n_events - _shown(len(horizons))), n_events))
    sessions = arrow.to_days(record.tables["history"]["session"])
    marked = _marked(record, sessions)
    chosen = _first_choice(horizons)
    conditions = condition_rows(record)
    charts = {
        "kind": "run",
        "synthetic": bool(run["dataset"].get("synthetic")),
        **_held(run),
        "path": _path(record.tables["average_path"]),
        "n_events": n_events,
        **_history(record, sessions, marked),
        "conditions": [{"name": row["name"], "stretches": row["stretches"]} for row in conditions],
        "expected": expectation_figures(record),
        "outcomes": _outcomes(events, run, chosen),
        "equity": _equity(record.tables.get("equity")),
    }
    return RunFigures(
        run=run,
        labels=charts["legs"],
        horizons=horizons,
        columns={key: any(row.get(key) is not None for row in horizons) for key in OPTIONAL_COLUMNS},
        chosen=chosen,
        events=events,
        marked=marked,
        n_events=n_events,
        conditions=conditions,
        rules=list(run.get("rules") or []),
        rarity=heat(run.get("rarity")),
        trades=_trades(record.tables.get("trades")),
        n_trades=_rows(record, "trades"),
        parameters=[(key, words.parameter(value)) for key, value in (run.get("parameters") or {}).items()],
        replay=replay(run),
        charts=charts,
    )


def _held(run: Mapping[str, Any]) -> Json:
    """Return what each leg is called, and what is judged of them."""
    of = measured_by(run["legs"])
    return {"legs": {leg: _label(run, leg) for leg in of.held}, "measured": {"key": of.key, "word": of.word}}


def _label(run: Mapping[str, Any], leg: str) -> str:
    asked = (run.get("parameters") or {}).get(f"measure.{leg}")
    return str(asked or run["legs"][leg]["name"])


def _first_choice(horizons: Sequence[Mapping[str, Any]]) -> int | None:
    """Choose the horizon nearest to a month, in sessions, among those with a complete window."""
    complete = [row["horizon"] for row in horizons if row.get("n")] or [row["horizon"] for row in horizons]
    return min(complete, key=lambda horizon: (abs(horizon - 21), horizon), default=None)


def _shown(n_horizons: int) -> int:
    return min(SHOWN_EVENTS, CELLS // max(n_horizons, 1))


def _events(record: Record, rows: Sequence[int], *, with_outcomes: bool = True) -> list[EventRow]:
    """Read these rows of the table of events, and what followed each."""
    found = _taken(record.tables["events"], rows).to_pylist()
    outcomes: dict[int, dict[int, Json]] = {}
    if with_outcomes:
        table = record.tables["forward_returns"]
        wanted = np.isin(arrow.to_floats(table["event"]), [row["event"] for row in found])
        for row in _taken(table, np.flatnonzero(wanted).tolist()).to_pylist():
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
        for row in found
    ]


def _taken(table: pa.Table, rows: Sequence[int]) -> pa.Table:
    return arrow.take(table, np.array(rows, dtype=np.int64))


def _marked(record: Record, sessions: NDArray[np.datetime64]) -> list[EventRow]:
    triggers = series.positions(sessions, arrow.to_days(record.tables["events"]["trigger"]))
    rows = thin.spread_out([-1 if at is None else at for at in triggers], MARKED)
    return _events(record, rows, with_outcomes=False)


def _rows(record: Record, name: str) -> int:
    return record.tables[name].num_rows if name in record.tables else 0


def _trades(table: pa.Table | None) -> list[Json]:
    return [] if table is None else list(table.slice(max(0, table.num_rows - SHOWN_TRADES)).to_pylist())


def _path(table: pa.Table) -> Json:
    columns = {name: arrow.to_floats(table[name]) for name in table.column_names if name not in ("offset", "n")}
    offset = table["offset"].to_pylist()
    names = [name.removesuffix("_mean") for name in columns if name.endswith("_mean")]
    means = [columns[f"{leg}_mean"] for leg in names]
    kept = thin.extremes(means, PATH, [offset.index(0)] if 0 in offset else [])

    def line(name: str) -> list[float | None]:
        return series.rounded(columns[name][kept], 4)

    legs = {leg: {what: line(f"{leg}_{what}") for what in ("mean", "low", "high", "base")} for leg in names}
    n = table["n"].to_pylist()
    return {"offset": [offset[at] for at in kept], "n": [n[at] for at in kept], **legs}


def _history(record: Record, sessions: NDArray[np.datetime64], marked: Sequence[EventRow]) -> Json:
    """Return the lines of the history, and where the marked episodes stand among the sessions that are drawn."""
    table = record.tables["history"]
    about = record.run.get("indicator")
    lines = _watched(record.run, table)
    indicator = _line(about, arrow.to_floats(table["indicator"]), "indicator")
    if about is not None and indicator is not None:
        indicator |= {"threshold": about.get("threshold"), "side": str(about.get("side") or "above")}
    cuts = cuts_line(record)
    drawn = [*lines, *(line for line in (indicator, cuts) if line)]
    whole = _episodes(marked, sessions)
    ends = sorted({at for part in PARTS for at in whole[part] if at is not None})
    kept = thin.extremes([line["values"] for line in drawn], HISTORY // max(len(drawn), 1), ends)
    for line in drawn:
        line["values"] = series.rounded(line["values"][kept])
    found = {"calendar": series.calendar(sessions[kept]), "lines": lines, "indicator": indicator, "cuts": cuts}
    told = {"sessions": len(sessions), "drawn": len(kept)}
    return {"history": {**found, **told}, "episodes": _episodes(marked, sessions[kept])}


def _watched(run: Mapping[str, Any], table: pa.Table) -> list[Json]:
    """Return the series the detector watches; where there is none, the legs from a common start of 100."""
    observed = run.get("observed")
    line = _line(observed, arrow.to_floats(table["observed"]), "observed")
    if observed is not None and line is not None:
        same = [leg for leg, held in run["legs"].items() if held["name"] == observed["name"]]
        return [{**line, "role": same[0] if same else "observed"}]
    legs = {leg: arrow.to_floats(table[leg]) for leg in run["legs"]}
    known = np.flatnonzero(np.isfinite(list(legs.values())).all(axis=0))
    if not len(known):
        return []
    about = {"unit": "100 at the common start"}
    rebased = {leg: 100 * values / values[known[0]] for leg, values in legs.items()}
    found = [_line({"name": _label(run, leg), **about}, rebased[leg], leg) for leg in rebased]
    return [line for line in found if line is not None]


def _line(about: Mapping[str, Any] | None, values: NDArray[np.float64], role: str) -> Json | None:
    if about is None or not np.isfinite(values).any():
        return None
    return {
        "name": str(about.get("title") or about["name"]),
        "unit": str(about.get("unit") or ""),
        "role": role,
        "log": series.wants_log(values) and about.get("kind") != "rate" and role != "indicator",
        "values": values,
    }


def _episodes(events: Sequence[EventRow], sessions: NDArray[np.datetime64]) -> Json:
    """Return where each episode stands in the history, by position."""
    found = {}
    for part in PARTS:
        dates = np.array([getattr(event, part).replace(words.NONE, "NaT") for event in events])
        found[part] = series.positions(sessions, dates.astype("datetime64[D]"))
    number, ongoing = [event.number for event in events], [event.ongoing for event in events]
    return {**found, "ongoing": ongoing, "number": number}


def _outcomes(events: Sequence[EventRow], run: Mapping[str, Any], chosen: int | None) -> Json:
    of, by_horizon = measured_by(run["legs"]), {}
    for row in run.get("horizons") or []:
        found = [event.outcomes.get(row["horizon"], {}) for event in events]
        numbers = {
            key: series.rounded(np.array([cell.get(key) for cell in found], dtype=np.float64))
            for key in (*of.legs, "mae", "mfe")
        }
        by_horizon[str(row["horizon"])] = {
            **numbers,
            "status": [str(cell.get("status", "missing")) for cell in found],
            "mean": row.get(of.mean),
            "base": row.get(of.base_mean),
            "words": words.length(row["horizon"]),
        }
    return {"chosen": chosen, "day0": [event.day0 for event in events], "by_horizon": by_horizon}


def _equity(table: pa.Table | None) -> Json | None:
    if table is None or not table.num_rows:
        return None
    values = arrow.to_floats(table["equity"])
    kept = thin.extremes([values], ACCOUNT)
    return {
        "calendar": series.calendar(arrow.to_days(table["session"])[kept]),
        "values": series.rounded(values[kept]),
        "held": np.column_stack(runs(arrow.to_floats(table["exposure"])[kept] > 0)).tolist(),
        "log": series.wants_log(values),
        "sessions": len(values),
        "drawn": len(kept),
    }
