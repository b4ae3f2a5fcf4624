"""Make a recorded run again, for what its record does not keep: parameters and unchanged data say how."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from backtest.comparison.entries import Found
from backtest.errors import BacktestError
from backtest.model import Dataset
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


def made_again(workspace: Workspace, run: Json, data: Dataset) -> tuple[Found, ...]:
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
    tuple of Found
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
    return tuple(Found(asset, data.prices.sessions) for asset in assets) if same else ()


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
    """Return whether a study gives the recorded numbers; a shift more or less is rounding."""
    return len(asset.results) == len(recorded) and all(
        result.horizon.label == row["horizon"]
        and result.n == row["n"]
        and _close(result.excess, row["excess"], CLOSE * abs(row["excess"] or 0.0) + 1e-12)
        and _close(result.null_test.p_value, row["p_value"], 2.0 / max(len(result.null_test.shifts), 1))
        for result, row in zip(asset.results, recorded, strict=True)
    )


def _close(now: float | None, then: float | None, apart: float) -> bool:
    if now is None or then is None:
        return now is then
    return math.isclose(now, then, rel_tol=0.0, abs_tol=apart)


def why_not(error: BacktestError) -> str:
    """Return why a run could not be made again, as a clause."""
    return error.message.rstrip(".")
