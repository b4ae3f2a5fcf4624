"""A study that has been run, and how it is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from backtest.errors import NoEvents, StudyRefused
from backtest.lookahead.guard import guard
from backtest.model import Detection, Field
from backtest.outlook.at_events import expectations_of
from backtest.plan import Plan, placed
from backtest.record.tables import to_table
from backtest.record.write import in_free_folder, write_run
from backtest.spec.strategy import TradeTable
from backtest.study.base_rate import Baseline, make_baseline
from backtest.study.detection import observe
from backtest.study.export import tables as build
from backtest.study.export.summary import summarise, trade_json
from backtest.study.measurement import measure_events
from backtest.study.notes import notes_on, notes_on_trade
from backtest.study.robustness.counting_rules import measure_rules, rules_for, rules_json
from backtest.study.robustness.rarity import rarity_json, rarity_of
from backtest.trade.simulation import TradeLevels, plan_holdings, simulate
from backtest.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Study:
    """One strategy on one dataset: events, forward returns, verdict.

    Attributes
    ----------
    summary : dict
        The content of ``run.json``. Returns are fractions; a number that cannot be given is None.
    tables : dict of str to pyarrow.Table
        The tables of the record.
    """

    summary: dict[str, Any]
    tables: dict[str, pa.Table]
    plan: Plan
    observation: Detection
    baseline: Baseline

    def __len__(self) -> int:
        return len(self.observation.events)

    @cached_property
    def events(self) -> pd.DataFrame:
        """One row an event: start, trigger, end, day 0."""
        return self.frame("events")

    @cached_property
    def horizons(self) -> pd.DataFrame:
        """One row a horizon: means, hit rates, base rates, p-values; fractions."""
        return self.frame("horizons")

    @cached_property
    def forward_returns(self) -> pd.DataFrame:
        """One row an event and horizon; fractions, missing where the window is not complete (see ``status``)."""
        return self.frame("forward_returns")

    def frame(self, table: str) -> pd.DataFrame:
        """Return a table of the record as a DataFrame."""
        frame: pd.DataFrame = self.tables[table].to_pandas(date_as_object=False)
        frame.attrs["synthetic"] = self.plan.dataset.synthetic
        return frame

    @property
    def verdict(self) -> str:
        """The verdict in plain words."""
        return str(self.summary["verdict"])

    def with_trade(self) -> Study:
        """Simulate the tradable version, where the strategy has one; importing vectorbt takes seconds.

        Where it cannot be simulated, ``trade`` stays None and a note says why: the study stands without it.
        """
        rules = self.plan.strategy.trade
        if rules is None:
            return self
        with placed(self.plan):
            levels = self._levels(rules)
        try:
            return self._traded(rules, levels)
        except StudyRefused as error:
            notes = [
                *self.summary["notes"],
                {"about": "trade", "text": f"{error.message[:1].upper()}{error.message[1:]}"},
            ]
            return replace(self, summary={**self.summary, "notes": notes})

    def _levels(self, rules: TradeTable) -> TradeLevels:
        prices, measure = self.plan.dataset.prices, self.plan.strategy.measure
        names = (measure.asset, measure.benchmark)
        of: Field = "open" if rules.entry == "next_open" else "close"
        return TradeLevels(*(prices.close(n) for n in names), *(prices.values(n, of) for n in names))

    def _traded(self, rules: TradeTable, levels: TradeLevels) -> Study:
        prices, first = self.plan.dataset.prices, self.observation.window[0]
        first = max(first, self.baseline.asset.span()[0], self.baseline.benchmark.span()[0])
        knowable = self.observation.events.knowable
        holdings = plan_holdings(knowable[knowable >= first], rules.hold, len(prices))
        simulation = simulate(levels, prices.sessions, holdings, first, rules.cost_bps)
        tables = {
            **self.tables,
            "trades": build.trades_table(prices, holdings, simulation),
            "equity": build.equity_table(prices, simulation),
        }
        trade = trade_json(self.plan, holdings, simulation)
        notes = [*self.summary["notes"], *notes_on_trade(trade)]
        return replace(self, summary={**self.summary, "trade": trade, "notes": notes}, tables=tables)

    def save(self, workspace: Workspace) -> Path:
        """Record the run with its report; return its folder."""
        from backtest.record.read import read_run
        from backtest.report.pages.run.page import run_page

        files = {name: f"{name}.parquet" for name in self.tables} | {"report": "report.html", "run": "run.json"}

        def draw(work: Path) -> None:
            (work / "report.html").write_text(run_page(read_run(work)), encoding="utf-8")

        def write(folder: Path) -> None:
            write_run(folder, {**self.summary, "run_id": folder.name, "files": files}, self.tables, draw)

        return in_free_folder(workspace.reports / self.plan.strategy.name / self.summary["run_id"], write)

    def _repr_html_(self) -> str:
        import html

        banner = "<p><b>Simulated data: these returns mean nothing.</b></p>" if self.plan.dataset.synthetic else ""
        if self.summary.get("lookahead"):
            text = html.escape(self.summary["lookahead"]["text"])
            banner += f'<p style="color: #b00020"><b>LOOK-AHEAD: {text}</b></p>'
        title, words = html.escape(self.plan.strategy.title), html.escape(self.verdict)
        shown = [
            "horizon",
            "n",
            "asset_mean",
            "benchmark_mean",
            "spread_mean",
            "hit_rate",
            "base_spread_mean",
            "p_adjusted",
        ]
        table = self.horizons[shown].to_html(index=False, float_format="{:.4f}".format, na_rep="")
        return f"{banner}<h3>{title}</h3><p>{words}</p>{table}"

    def __repr__(self) -> str:
        mark = " on SIMULATED data" if self.plan.dataset.synthetic else ""
        mark += ", LOOKS AHEAD" if self.summary.get("lookahead") else ""
        return f"<Study {self.plan.strategy.name}: {len(self)} events{mark}. {self.verdict}>"


def run_guarded(workspace: Workspace, plan: Plan, *, allow_lookahead: bool = False) -> Study:
    """Run a plan once its own Python passed the look-ahead guard; the study says what the guard found."""
    passed = guard(workspace, plan, allow=allow_lookahead)
    study = run_plan(plan)
    return replace(study, summary=passed.mark(study.summary))


def run_plan(plan: Plan) -> Study:
    """Detect, measure and judge; the trade and the record come after, where wanted.

    Raises
    ------
    NoEvents
        The detector found nothing in the sample window.
    """
    seen = observe(plan)
    prices, measure = plan.dataset.prices, plan.strategy.measure
    if not len(seen.events):
        first, last = (prices.sessions[i] for i in seen.window)
        known = int(np.count_nonzero(seen.condition.known[seen.window[0] : seen.window[1] + 1]))
        raise NoEvents(
            f"{plan.strategy.place}: no event between {first} and {last} on {plan.dataset.name} "
            f"({known:,} sessions could be judged).",
            "Loosen the detector's threshold with --set, or widen the sample window."
            if known
            else "An input is missing throughout; 'backtest show DATASET' says which series run from when.",
        )
    with placed(plan):
        baseline = make_baseline(prices, measure, seen.window)
    measured = measure_events(baseline, seen.events.day0, (measure.window[0], measure.window[1]))
    made = {
        "events": build.events_table(prices, seen),
        "forward_returns": build.forward_table(seen, baseline, measured),
        "horizons": build.horizons_table(baseline, measured),
        "base_rates": build.base_rates_table(baseline),
        "paths": build.paths_table(measured),
        "average_path": build.average_path_table(measured),
        "history": build.history_table(plan, seen, baseline),
    }
    if seen.parts:
        made["conditions"] = build.conditions_table(prices, seen)
    summary = summarise(plan, seen, made, notes_on(plan, seen, baseline, measured))
    return _beside(Study(summary, made, plan, seen, baseline))


def _beside(study: Study) -> Study:
    """Add how the condition would count by other rules, how rare it is among its neighbours, and what was expected."""
    plan, seen, baseline = study.plan, study.observation, study.baseline
    rules = rules_for(plan.strategy.episodes, baseline.forward.horizons, seen.pattern)
    tables = {"rules": to_table("rules", measure_rules(seen, baseline, rules))}
    rarity = rarity_of(plan, seen)
    if rarity is not None:
        tables["rarity"] = build.rarity_table(rarity)
    expected = expectations_of(plan, seen)
    if expected is not None:
        tables |= expected.tables
    summary = {
        **study.summary,
        "expectations": None if expected is None else expected.about,
        "rules": rules_json(rules, tables["rules"].to_pylist()),
        "rarity": rarity_json(rarity),
    }
    return replace(study, summary=summary, tables={**study.tables, **tables})
