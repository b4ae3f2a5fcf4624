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
from backtest.model import Asked, Measured, Record, measured_by
from backtest.model.by_asset import asset_records, said_beside_verdict
from backtest.model.horizon import about
from backtest.model.run_lengths import runs
from backtest.report.kit import downsample as thin
from backtest.report.kit import packing as series
from backtest.report.pages.run.command import replay
from backtest.report.pages.run.condition_strips import condition_rows
from backtest.report.pages.run.event_rows import EventRow, event_rows
from backtest.report.pages.run.expectations import cuts_line, expectation_figures
from backtest.report.pages.run.firm import Firm, firm_figures
from backtest.report.pages.run.of_asset import AssetFigures, asset_figures, label, side_by_side
from backtest.report.pages.run.rarity import heat
from backtest.report.pages.run.sizes import reasons_without_size
from backtest.untyped import Json

PARTS = ("start", "trigger", "end", "day0")
OPTIONAL_COLUMNS = ("ci_low", "mde", "p_value", "p_adjusted")
MONTH = 21
"""Sessions of a month."""
SHOWN_EVENTS = 500
SHOWN_TRADES = 300
MARKED = 500
"""Events that are marked in the history; where there are more, these are spread as all of them are."""

CELLS = 4_500
"""Events times horizons that fit a page; where there are many horizons, fewer events are shown."""

HISTORY = 30_000
"""Values of the history that fit a page: sessions times lines."""

ACCOUNT = 10_000


@dataclass(frozen=True)
class RunFigures:
    """The figures of one run, ready to be drawn."""

    run: Json
    assets: list[AssetFigures]
    """What is measured, one asset or several; the figures of the first are shown first."""
    columns: dict[str, bool]
    """Which optional columns of the table of horizons hold any number."""
    firm: Firm | None
    """How firm the finding is; none in an older record."""
    chosen: Asked | None
    """The horizon whose outcomes are shown first."""
    events: list[EventRow]
    """The latest events, as many as a page can hold."""
    marked: list[EventRow]
    """The events that the history shows: all, or as many as can be told apart, from its beginning to its end."""
    n_events: int
    conditions: list[Json]
    """What the strategy combines, one row each; none where it is one detector."""
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
        return measured_by(self.labels)

    @property
    def beside_verdict(self) -> list[str]:
        """What must be known beside the verdict, as the terminal prints it."""
        return said_beside_verdict(self.run)

    @property
    def without_size(self) -> list[str]:
        """Over which horizons there is no interval or no detectable effect, and why."""
        return reasons_without_size({one.name: one.horizons for one in self.assets})

    @property
    def labels(self) -> dict[str, str]:
        """What each leg of the first asset is called."""
        return self.assets[0].labels

    @property
    def horizons(self) -> list[Json]:
        """The horizons, with the figures of the first asset."""
        return self.assets[0].horizons

    @property
    def by_horizon(self) -> list[tuple[Asked, list[tuple[AssetFigures, Json]]]]:
        """The figures of every asset at each horizon."""
        return [
            (row["horizon"], [(one, one.horizons[at]) for one in self.assets]) for at, row in enumerate(self.horizons)
        ]

    @property
    def samples(self) -> dict[str, Json]:
        """The sample window of each asset, by its name."""
        return {one.name: one.run["sample"] for one in self.assets}


def run_figures(record: Record) -> RunFigures:
    """Compute every figure of a run's page."""
    records = asset_records(record)
    first, run = records[0], record.run
    rows = [row for one in records for row in one.run.get("horizons") or []]
    chosen = _first_choice(rows)
    n_events = record.tables["events"].num_rows
    shown = range(max(0, n_events - _shown(len(rows))), n_events)
    events = [event_rows(one, shown) for one in records]
    assets = [asset_figures(one, of, chosen) for one, of in zip(records, events, strict=True)]
    sessions = arrow.to_days(record.tables["history"]["session"])
    marked = _marked(record, sessions)
    conditions = condition_rows(record)
    charts = {
        "kind": "run",
        "synthetic": bool(run["dataset"].get("synthetic")),
        **assets[0].charts,
        "n_events": n_events,
        **_history(first, sessions, marked),
        "conditions": [{"name": row["name"], "stretches": row["stretches"]} for row in conditions],
        "expected": expectation_figures(record),
        "equity": _equity(record.tables.get("equity")),
        **(side_by_side(assets) if len(assets) > 1 else {}),
    }
    return RunFigures(
        run=run,
        assets=assets,
        columns={key: any(row.get(key) is not None for row in rows) for key in OPTIONAL_COLUMNS},
        firm=firm_figures(records, [one.name for one in assets]),
        chosen=chosen,
        events=events[0],
        marked=marked,
        n_events=n_events,
        conditions=conditions,
        rarity=heat(run.get("rarity")),
        trades=_trades(record.tables.get("trades")),
        n_trades=_rows(record, "trades"),
        parameters=[(key, words.parameter(value)) for key, value in (run.get("parameters") or {}).items()],
        replay=replay(run),
        charts=charts,
    )


def _first_choice(horizons: Sequence[Mapping[str, Any]]) -> Asked | None:
    """Choose the horizon nearest to a month among those with a complete window."""
    complete = [row["horizon"] for row in horizons if row.get("n")] or [row["horizon"] for row in horizons]
    return min(complete, key=lambda horizon: (abs(about(horizon) - MONTH), about(horizon)), default=None)


def _shown(n_horizons: int) -> int:
    return min(SHOWN_EVENTS, CELLS // max(n_horizons, 1))


def _marked(record: Record, sessions: NDArray[np.datetime64]) -> list[EventRow]:
    triggers = series.positions(sessions, arrow.to_days(record.tables["events"]["trigger"]))
    rows = thin.spread_out([-1 if at is None else at for at in triggers], MARKED)
    return event_rows(record, rows, with_outcomes=False)


def _rows(record: Record, name: str) -> int:
    return record.tables[name].num_rows if name in record.tables else 0


def _trades(table: pa.Table | None) -> list[Json]:
    return [] if table is None else list(table.slice(max(0, table.num_rows - SHOWN_TRADES)).to_pylist())


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
    found = [_line({"name": label(run, leg), **about}, rebased[leg], leg) for leg in rebased]
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
