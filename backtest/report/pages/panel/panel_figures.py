"""All that the page of a study on a panel shows, computed from its record and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest import format as words
from backtest.model import Asked, Floats, Measured, Record, measured_by
from backtest.model.by_asset import spoken_of
from backtest.model.horizon import about
from backtest.report.kit.plot.drawn import STAMP, Drawn
from backtest.report.pages.panel.crowding_words import crowding_words
from backtest.report.pages.panel.panel_charts.crowding_chart import crowding_chart
from backtest.report.pages.panel.panel_charts.outcome_histogram import outcome_histogram
from backtest.report.pages.panel.panel_charts.through_time import through_time_charts
from backtest.report.pages.panel.panel_evidence import AbnormalFigures, abnormal_figures, opinion_rows
from backtest.report.pages.panel.panel_firm import PanelFirm, firm_of_panel, group_rows
from backtest.report.pages.run.charts.path_charts import average_chart
from backtest.report.pages.run.command import replay
from backtest.untyped import Json

COLUMNS = ("ci_low", "mde", "p_value", "p_adjusted")
MONTH = 21
"""Sessions of a month."""
TABLED = ("pending", "ended", "missing", "firewall")
"""Codes of notes whose content stands under what was left out."""
OTHERS = {"rest": "the rest", "group": "its group"}
"""What the benchmarks that are made of the other assets are called."""
LISTED = 10
"""Busiest dates and assets, best and worst events that are listed."""


@dataclass(frozen=True)
class PanelFigures:
    """The figures of a study on a panel, ready to be drawn."""

    run: Json
    spoken: bool
    """Whether there is a test, so that the finding speaks of a horizon."""
    key_row: Json
    """The horizon of the finding or, without a test, the one nearest to a month."""
    columns: dict[str, bool]
    """Which optional columns of the table of horizons hold any number."""
    outcomes: Drawn | None
    legs_path: Drawn | None
    spread_path: Drawn | None
    """None without a benchmark."""
    through_time: tuple[Drawn, Drawn]
    """Events by year or month, and for 1,000 asset-sessions."""
    crowded: str
    """How far the events crowd, in sentences."""
    crowding: Drawn | None
    """Their share on the busiest dates and assets; None where all have as many."""
    busiest: Mapping[str, list[Json]]
    """The busiest dates and assets."""
    best: list[Json]
    """The events with the highest outcome over the horizon of the finding."""
    worst: list[Json]
    firm: PanelFirm | None
    """What the finding rests on; None for an older record."""
    groups: list[tuple[str, list[Json]]]
    """Groups side by side, by what is grouped."""
    opinions: list[Json]
    """Classical tests of the forward returns, one row each."""
    abnormal: AbnormalFigures | None
    findings: list[Json]
    """What did not fit when the panel was read, by rule."""
    parameters: list[tuple[str, str]]
    replay: str
    tables: Mapping[str, pa.Table]

    @property
    def measured(self) -> Measured:
        """What is judged: the spread, or the asset alone."""
        return measured_by(self.run["legs"])

    @property
    def labels(self) -> dict[str, str]:
        """What each leg is called."""
        return labels_of(self.run)

    @property
    def notes(self) -> list[Json]:
        """The notes, but for those that the page shows as a table or list of what was left out."""
        return [note for note in self.run["notes"] if note.get("code") not in TABLED]

    @property
    def hover(self) -> Json:
        """What a pointer is told, by chart."""
        drawn = {"legs": self.legs_path, "spread": self.spread_path}
        if self.abnormal is not None:
            drawn["caar"] = self.abnormal.caar
        return {name: one.hover for name, one in drawn.items() if one is not None and one.hover is not None}

    def where(self, table: str, *columns: str) -> list[Json]:
        """Say where the columns of a table come from, in the words of the record: column, unit, meaning."""
        fields = [self.tables[table].schema.field(name) for name in columns if name in self.tables[table].column_names]
        about = [(field.name, field.metadata or {}) for field in fields]
        return [
            {"column": name, "unit": told.get(b"unit", b"").decode(), "text": told.get(b"description", b"").decode()}
            for name, told in about
        ]


def panel_figures(record: Record) -> PanelFigures:
    """Compute every figure of the page."""
    run, tables = record.run, record.tables
    of, stamp = measured_by(run["legs"]), STAMP if run["dataset"].get("synthetic") else ""
    look = spoken_of([run])
    key_row = run["horizons"][look[1]] if look else _nearest_to_month(run["horizons"])
    outcomes = _outcomes(record, key_row["horizon"])
    judged = outcomes[of.key]
    complete = np.flatnonzero(np.isfinite(judged))
    order = complete[np.argsort(judged[complete], kind="stable")].tolist()
    path, labels = tables["average_path"], labels_of(run)
    counted = _counted(tables["concentration"])
    return PanelFigures(
        run=run,
        spoken=look is not None,
        key_row=key_row,
        columns={key: any(row.get(key) is not None for row in run["horizons"]) for key in COLUMNS},
        outcomes=outcome_histogram(judged[complete], key_row[of.base_mean], of.word, stamp),
        legs_path=average_chart(path, of.held, labels, run["n_events"], stamp),
        spread_path=average_chart(path, ["spread"], labels, run["n_events"], stamp) if of.has_benchmark else None,
        through_time=_through_time(tables["through_time"], stamp),
        crowded=crowding_words(run),
        crowding=crowding_chart({kind: counted[kind][1] for kind in ("date", "asset")}, stamp),
        busiest={kind: counted[kind][0] for kind in ("date", "asset")},
        best=_events(record, outcomes, order[::-1][:LISTED]),
        worst=_events(record, outcomes, order[: max(0, min(LISTED, len(order) - LISTED))]),
        firm=firm_of_panel(run),
        groups=group_rows(run),
        opinions=opinion_rows(record),
        abnormal=abnormal_figures(record, stamp),
        findings=tables["findings"].to_pylist(),
        parameters=[(key, words.parameter(value)) for key, value in run["parameters"].items()],
        replay=replay(run),
        tables=tables,
    )


def labels_of(run: Json) -> dict[str, str]:
    """Return what each leg is called: the assets, the benchmark as the strategy names it, and their spread."""
    named = {"asset": "the assets", "spread": "spread"}
    if "benchmark" in run["legs"]:
        name = str(run["parameters"].get("measure.benchmark"))
        named["benchmark"] = OTHERS.get(name, name)
    return named


def _nearest_to_month(rows: Sequence[Json]) -> Json:
    complete = [row for row in rows if row["n"]] or rows
    return min(complete, key=lambda row: abs(about(row["horizon"]) - MONTH))


def _outcomes(record: Record, horizon: Asked) -> dict[str, Floats]:
    """Return the returns after each event over one horizon, by leg; NaN where the window is not complete."""
    table, horizons = record.tables["forward_returns"], [row["horizon"] for row in record.run["horizons"]]
    legs = measured_by(record.run["legs"]).legs
    return {leg: arrow.to_floats(table[leg])[horizons.index(horizon) :: len(horizons)] for leg in legs}


def _events(record: Record, outcomes: Mapping[str, Floats], places: Sequence[int]) -> list[Json]:
    """Return some events with what came after them."""
    events = record.tables["events"]
    return [
        {**events.slice(at, 1).to_pylist()[0], "returns": {leg: float(of[at]) for leg, of in outcomes.items()}}
        for at in places
    ]


def _through_time(table: pa.Table, stamp: str) -> tuple[Drawn, Drawn]:
    events, asset_sessions = (arrow.to_floats(table[name]) for name in ("events", "asset_sessions"))
    return through_time_charts(arrow.to_days(table["month"]), events, asset_sessions, stamp)


def _counted(table: pa.Table) -> dict[str, tuple[list[Json], Floats]]:
    kinds = np.array(table["of"].to_pylist(), dtype=object)
    share = arrow.to_floats(table["cumulative_share"])
    found = {}
    for kind in dict.fromkeys(kinds.tolist()):
        rows = np.flatnonzero(kinds == kind)
        found[str(kind)] = arrow.take(table, rows[:LISTED]).to_pylist(), share[rows]
    return found
