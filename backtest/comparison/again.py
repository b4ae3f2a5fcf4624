"""Make a recorded run again, for what its record does not keep: parameters and unchanged data say how."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backtest.comparison.found_on_asset import FoundOnAsset
from backtest.comparison.found_on_panel import FoundOnPanel
from backtest.comparison.panel_entries import events_of
from backtest.errors import BacktestError
from backtest.model import Asked, Dataset
from backtest.model.panel import Panel
from backtest.panel.panel_horizons import PanelHorizons
from backtest.panel.panel_study import run_on_panel
from backtest.plan import Plan
from backtest.spec.strategy import Strategy, parse_strategy
from backtest.study.asset_result import AssetResult, measure_assets
from backtest.study.detect_events import detect_events
from backtest.untyped import Json, Parameters
from backtest.workspace import Workspace

DATES = ("episodes.since", "episodes.until")
OTHER_NUMBERS = "it gives other numbers today, as its own Python or this program has changed since"
CLOSE = 1e-6
"""Relative difference of two means that are the same but for rounding."""
_Row = tuple[Asked, int, float | None, float | None, int]
"""A horizon: events with a complete window, excess, p, and from how many shifts."""


def made_again(workspace: Workspace, run: Json, data: Dataset) -> tuple[FoundOnAsset, ...]:
    """Detect and measure the events of a recorded run again.

    Parameters
    ----------
    workspace : Workspace
        Where its strategy's own Python is looked up.
    run : dict
        The content of ``run.json``.
    data : Dataset
        Its data, unchanged.

    Returns
    -------
    tuple of FoundOnAsset
        One an asset; empty if events or numbers are not those of the record.

    Raises
    ------
    BacktestError
        It cannot be run again.
    """
    plan = Plan(strategy_of(workspace, run), data, workspace)
    detection = detect_events(plan, allow_lookahead=bool(run.get("lookahead")))
    dates = data.prices.sessions[detection.events.day0].astype(str).tolist()
    if not dates or dates != [event["day0"] for event in run["events"]]:
        return ()
    assets = measure_assets(plan, detection)
    recorded = [one["horizons"] for one in run["assets"]] if "assets" in run else [run["horizons"]]
    same = len(assets) == len(recorded) and all(map(_agrees, assets, recorded))
    last = detection.window[1]
    return tuple(FoundOnAsset(asset, data.prices.sessions, last) for asset in assets) if same else ()


def panel_made_again(workspace: Workspace, run: Json, data: Dataset, panel: Panel) -> tuple[FoundOnPanel, ...]:
    """Run a recorded study on a panel again; as `made_again`, with its ``events`` in `run`, and its panel."""
    plan = Plan(strategy_of(workspace, run), data, workspace)
    study = run_on_panel(plan, panel, allow_lookahead=bool(run.get("lookahead")))
    if events_of(study.panel, study.found) != run["events"]:
        return ()
    tests = [0 if look is None else len(look.statistic) for look in study.inference.shifts]
    results = zip(PanelHorizons(study).results, tests, strict=True)
    rows = [(one.horizon.label, one.n, one.excess, one.null_test.p_value, shifts) for one, shifts in results]
    return (FoundOnPanel(study),) if _agree(rows, run["horizons"]) else ()


def strategy_of(workspace: Workspace, run: Json) -> Strategy:
    """Return the strategy of a recorded run, made from its parameters: its file may have changed since."""
    name = str(run["strategy"])
    path = workspace.strategies().get(name, Path(f"{name}.toml"))
    return parse_strategy({"schema": 1, "title": run["title"] or name, **_tables(run["parameters"])}, path)


def _tables(parameters: Mapping[str, Any]) -> Parameters:
    """Return the tables of a strategy file from dotted keys."""
    whole: Parameters = {}
    for key, value in parameters.items():
        if value is None:
            continue
        *tables, last = key.split(".")
        table = whole
        for name in tables:
            table = table.setdefault(name, {})
        table[last] = dt.date.fromisoformat(value) if key in DATES else value
    return whole


def _agrees(asset: AssetResult, recorded: Sequence[Json]) -> bool:
    results = asset.results
    rows = [(one.horizon.label, one.n, one.excess, one.null_test.p_value, len(one.null_test.shifts)) for one in results]
    return _agree(rows, recorded)


def _agree(rows: Sequence[_Row], recorded: Sequence[Json]) -> bool:
    """Return whether a study gives the recorded numbers; a shift more or less is rounding."""
    return len(rows) == len(recorded) and all(
        label == row["horizon"]
        and n == row["n"]
        and _close(excess, row["excess"], CLOSE * abs(row["excess"] or 0.0) + 1e-12)
        and _close(p_value, row["p_value"], 2.0 / max(shifts, 1))
        for (label, n, excess, p_value, shifts), row in zip(rows, recorded, strict=True)
    )


def _close(now: float | None, then: float | None, apart: float) -> bool:
    if now is None or then is None:
        return now is then
    return math.isclose(now, then, rel_tol=0.0, abs_tol=apart)


def why_not(error: BacktestError) -> str:
    """Return why a run could not be made again, as a clause."""
    return error.message.rstrip(".")
