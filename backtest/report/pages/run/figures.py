"""A record's figures: all numbers that a run's page shows, computed here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest import format as words
from backtest.model import Asked, Measured, Record, measured_by
from backtest.model.by_asset import asset_records, said_beside_verdict, spoken_of
from backtest.model.horizon import about
from backtest.report.kit import downsample as thin
from backtest.report.kit import packing as series
from backtest.report.kit.plot.drawn import STAMP, Drawn
from backtest.report.pages.run.charts.episode_history import History, draw_history
from backtest.report.pages.run.command import replay
from backtest.report.pages.run.condition_strips import condition_rows
from backtest.report.pages.run.event_rows import EventRow, event_rows
from backtest.report.pages.run.expectations import expectation_figures
from backtest.report.pages.run.firm import Firm, firm_figures
from backtest.report.pages.run.lines import lines_of
from backtest.report.pages.run.looks import Look, look_charts
from backtest.report.pages.run.of_asset import AssetFigures, asset_figures
from backtest.report.pages.run.rarity import heat
from backtest.report.pages.run.sizes import reasons_without_size
from backtest.untyped import Json

OPTIONAL_COLUMNS = ("ci_low", "mde", "p_value", "p_adjusted")
MONTH = 21
"""Sessions of a month."""
SHOWN_EVENTS = 150
SHOWN_TRADES = 120
MARKED = 200
"""Events that are marked in the history; where there are more, these are spread as all of them are."""

CELLS = 1_200
"""Events times horizons that fit a page; where there are many horizons, fewer events are shown."""

FEW_TRADES = 20
"""Trades below which a page lists them and draws no curve: a line of years without a position says nothing."""


@dataclass(frozen=True)
class RunFigures:
    """The figures of one run, ready to be drawn."""

    run: Json
    assets: list[AssetFigures]
    """What is measured, one asset or several; the figures of the first are shown first."""
    spoken: tuple[int, int] | None
    """The look that the finding speaks of: the positions of its asset and its horizon; none where there is no test."""
    looks: list[Look]
    """The outcomes of every look, as many as fit; that of the finding is chosen."""
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
    history: History
    conditions: list[Json]
    """What the strategy combines, one row each; none where it is one detector."""
    rarity: Json | None
    expected: Json | None
    """What futures expected, as `expectation_figures` has it."""
    account: Drawn | None
    """The value of the account; none where there are so few trades that a list says more."""
    excess: Drawn | None
    """The excess of several assets by horizon."""
    trades: list[Json]
    """The latest trades, as many as a page can hold."""
    n_trades: int
    parameters: list[tuple[str, str]]
    replay: str
    tables: Mapping[str, pa.Table]
    """The tables of the record."""
    charts: Json
    """What the scripts write: plain lists and strings."""

    @property
    def measured(self) -> Measured:
        """What is judged: the spread, or the asset alone."""
        return measured_by(self.labels)

    @property
    def key_row(self) -> Json | None:
        """The row of the horizon that the finding speaks of, or else of the chosen horizon."""
        if self.spoken is not None:
            asset, at = self.spoken
            return self.assets[asset].horizons[at]
        return next((row for row in self.horizons if row["horizon"] == self.chosen), None)

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

    @property
    def looks_by_asset(self) -> list[tuple[str, list[tuple[int, Look]]]]:
        """The looks of each asset, each with its position."""
        names = dict.fromkeys(look.name for look in self.looks)
        return [(name, [(i, one) for i, one in enumerate(self.looks) if one.name == name]) for name in names]

    def where(self, table: str, *columns: str) -> list[Json]:
        """Say where the columns of a table come from, in the words of the record: column, unit, meaning."""
        found = self.tables.get(table)
        if found is None:
            return []
        fields = [found.schema.field(name) for name in columns if name in found.schema.names]
        about = [(field.name, field.metadata or {}) for field in fields]
        return [
            {"column": name, "unit": told.get(b"unit", b"").decode(), "text": told.get(b"description", b"").decode()}
            for name, told in about
        ]


def run_figures(record: Record) -> RunFigures:
    """Compute every figure of a run's page."""
    records, run = asset_records(record), record.run
    stamp = STAMP if run["dataset"].get("synthetic") else ""
    rows = [row for one in records for row in one.run.get("horizons") or []]
    spoken = spoken_of([one.run for one in records])
    chosen = _chosen(records, spoken)
    n_events = record.tables["events"].num_rows
    shown = range(max(0, n_events - _shown(len(rows))), n_events)
    events = [event_rows(one, shown) for one in records]
    assets = [asset_figures(one, of, chosen, stamp) for one, of in zip(records, events, strict=True)]
    sessions = arrow.to_days(record.tables["history"]["session"])
    marked = _marked(record, sessions)
    conditions = condition_rows(record)
    history = draw_history(sessions, lines_of(records[0]), marked, conditions, stamp)
    looks = look_charts(records, [one.name for one in assets], spoken or _first_look(rows, chosen), stamp)
    expected, account = expectation_figures(record, stamp), _account(record, stamp)
    return RunFigures(
        run=run,
        assets=assets,
        spoken=spoken,
        looks=looks,
        columns=_columns(rows),
        firm=firm_figures(records, [one.name for one in assets]),
        chosen=chosen,
        events=events[0],
        marked=marked,
        n_events=n_events,
        history=history,
        conditions=conditions,
        rarity=heat(run.get("rarity")),
        expected=expected,
        account=account,
        excess=_excess(assets, stamp) if len(assets) > 1 else None,
        trades=_trades(record.tables.get("trades")),
        n_trades=_rows(record, "trades"),
        parameters=[(key, words.parameter(value)) for key, value in (run.get("parameters") or {}).items()],
        replay=replay(run),
        tables=record.tables,
        charts=_for_scripts(assets, history, expected, account),
    )


def _for_scripts(
    assets: Sequence[AssetFigures], history: History, expected: Json | None, account: Drawn | None
) -> Json:
    """Return what the scripts need: the texts of pointers by chart, and the tables that a choice fills."""
    drawn = {"account": account, **history.charts}
    for at, one in enumerate(assets):
        drawn |= {f"legs-{at}": one.legs_path, f"spread-{at}": one.spread_path}
    return {
        "hover": {name: one.hover for name, one in drawn.items() if one is not None and one.hover is not None},
        "assets": [one.charts for one in assets],
        "odds": [{"day0": event["day0"], **event["odds"]} for event in expected["events"]] if expected else [],
    }


def _chosen(records: Sequence[Record], spoken: tuple[int, int] | None) -> Asked | None:
    """Choose the horizon of the finding or, without a test, the one nearest to a month with a complete window."""
    if spoken is not None:
        asked: Asked = records[spoken[0]].run["horizons"][spoken[1]]["horizon"]
        return asked
    rows = [row for one in records for row in one.run.get("horizons") or []]
    complete = [row["horizon"] for row in rows if row.get("n")] or [row["horizon"] for row in rows]
    return min(complete, key=lambda horizon: (abs(about(horizon) - MONTH), about(horizon)), default=None)


def _columns(rows: Sequence[Json]) -> dict[str, bool]:
    return {key: any(row.get(key) is not None for row in rows) for key in OPTIONAL_COLUMNS}


def _first_look(rows: Sequence[Json], chosen: Asked | None) -> tuple[int, int]:
    return 0, next((at for at, row in enumerate(rows) if row["horizon"] == chosen), 0)


def _account(record: Record, stamp: str) -> Drawn | None:
    if _rows(record, "trades") < FEW_TRADES:
        return None
    from backtest.report.pages.run.charts.account_chart import account_chart

    return account_chart(record.tables["equity"], stamp)


def _excess(assets: Sequence[AssetFigures], stamp: str) -> Drawn:
    from backtest.report.pages.run.charts.excess_chart import excess_chart

    horizons = [{"label": words.period(row["horizon"])} for row in assets[0].horizons]
    return excess_chart([one.name for one in assets], horizons, [one.horizons for one in assets], stamp)


def _shown(n_horizons: int) -> int:
    return min(SHOWN_EVENTS, CELLS // max(n_horizons, 1))


def _marked(record: Record, sessions: np.ndarray) -> list[EventRow]:
    triggers = series.positions(sessions, arrow.to_days(record.tables["events"]["trigger"]))
    rows = thin.spread_out([-1 if at is None else at for at in triggers], MARKED)
    return event_rows(record, rows, with_outcomes=False)


def _rows(record: Record, name: str) -> int:
    return record.tables[name].num_rows if name in record.tables else 0


def _trades(table: pa.Table | None) -> list[Json]:
    return [] if table is None else list(table.slice(max(0, table.num_rows - SHOWN_TRADES)).to_pylist())
