"""A small run, written out by hand: three events, two horizons, ten sessions; every number can be checked by eye."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from backtest.model import SPREAD, measured_by
from backtest.record.read import Record, read_run
from backtest.record.schema import schemas
from backtest.record.tables import to_table
from backtest.record.write import write_run

SESSIONS = np.array(
    [f"2024-07-{day:02}" for day in (1, 2, 3, 5, 8, 9, 10, 11, 12, 15)],
    dtype="datetime64[D]",
)
NAN = float("nan")

TABLES = schemas(SPREAD)

RUN: dict[str, Any] = {
    "schema": 1,
    "run_id": "20260901T120000Z-0a1b2c3d",
    "created": "2026-09-01T12:30:00Z",
    "version": "0.1.0",
    "strategy": "streak5",
    "title": "Three straight sessions",
    "question": "What comes after three straight sessions?",
    "dataset": {"name": "tiny", "title": "A tiny history", "sha256": "ab" * 32, "synthetic": False},
    "parameters": {
        "detector.use": "streak",
        "detector.threshold": 0.01,
        "episodes.since": "2024-07-01",
        "episodes.until": None,
        "measure.asset": "small",
        "measure.benchmark": "mega",
        "measure.horizons": [1, 5],
    },
    "sample": {"first": "2024-07-01", "last": "2024-07-15", "sessions": 10},
    "legs": {
        "asset": {"name": "S30", "title": "Lowest three deciles", "kind": "total_return_index",
                  "unit": "", "derivation": "chained"},
        "benchmark": {"name": "B10", "title": "Highest decile", "kind": "total_return_index",
                      "unit": "", "derivation": "as published"},
    },
    "observed": {"name": "IDX", "title": "The index", "kind": "price_index", "unit": "points"},
    "indicator": {"name": "streak length", "unit": "sessions"},
    "n_events": 3,
    "n_episodes": 4,
    "events": [],
    "horizons": [
        {"horizon": 1, "n": 3, "pending": 0, "not_covered": 0, "asset_mean": 0.0321, "benchmark_mean": -0.00456,
         "spread_mean": 0.03666, "spread_median": 0.0125, "hit_rate": 2 / 3, "base_spread_mean": 0.0001,
         "base_hit_rate": 0.512, "excess": 0.03656, "statistic": 2.5, "p_value": 0.00042, "p_adjusted": 0.0113,
         "ci_low": None, "ci_high": None, "mde": None},
        {"horizon": 5, "n": 1, "pending": 1, "not_covered": 1, "asset_mean": -0.12, "benchmark_mean": 0.005,
         "spread_mean": -0.125, "spread_median": -0.125, "hit_rate": 0.0, "base_spread_mean": None,
         "base_hit_rate": None, "excess": None, "statistic": None, "p_value": 0.374, "p_adjusted": 1.0,
         "ci_low": None, "ci_high": None, "mde": None},
    ],
    "trade": {"hold": 21, "cost_bps": 5.0, "entry": "next_close", "n_trades": 2, "open_trades": 1,
              "total_return": 0.0234, "sharpe": -0.456, "max_drawdown": -0.0789, "exposure": 0.4, "hit_rate": 0.5},
    "verdict": "Three events cannot tell.",
    "notes": [{"about": "ci_low", "text": "Not given: no interval is computed."}],
    "files": {},
}  # fmt: skip

COLUMNS: dict[str, dict[str, Any]] = {
    "events": {
        "event": [1, 2, 3],
        "start": SESSIONS[[0, 3, 7]],
        "trigger": SESSIONS[[2, 5, 8]],
        "end": SESSIONS[[2, 6, 9]],
        "day0": SESSIONS[[2, 5, 8]],
        "ongoing": [False, False, True],
        "indicator": [3.0, 3.0, 3.0],
    },
    "forward_returns": {
        "event": [1, 1, 2, 2, 3, 3],
        "horizon": [1, 5, 1, 5, 1, 5],
        "status": ["complete", "complete", "complete", "not covered", "complete", "pending"],
        "asset": [0.01, -0.12, 0.0863, NAN, 0.0, NAN],
        "benchmark": [-0.0025, 0.005, -0.0112, NAN, 0.0, NAN],
        "spread": [0.0125, -0.125, 0.0975, NAN, 0.0, NAN],
        "mae": [0.0, -0.14, 0.0, NAN, 0.0, NAN],
        "mfe": [0.0125, 0.02, 0.0975, NAN, 0.0, NAN],
        "asset_drawdown": [0.0, -0.13, 0.0, NAN, 0.0, NAN],
        "benchmark_drawdown": [-0.0025, -0.01, -0.0112, NAN, 0.0, NAN],
        "spread_drawdown": [0.0, -0.145, 0.0, NAN, 0.0, NAN],
    },
    "horizons": {name: [row.get(name) for row in RUN["horizons"]] for name in TABLES["horizons"].names},
    "base_rates": {name: [1, 5] if name in ("horizon", "n") else [0.0, 0.0] for name in TABLES["base_rates"].names},
    "paths": {"event": [1], "offset": [0], "asset": [0.0], "benchmark": [0.0], "spread": [0.0]},
    "average_path": {
        name: [-1, 0, 1] if name == "offset" else [3, 3, 2] if name == "n" else [-0.0123456789, 0.0, NAN]
        for name in TABLES["average_path"].names
    },
    "history": {
        "session": SESSIONS,
        "observed": np.array([100, 101, 102.123456789, 103, 104, 105, 106, 107, 108, 109]),
        "indicator": np.array([NAN, 0, 3, 1, 2, 3, 0, 1, 3, 0]),
        "asset": np.array([NAN, NAN, 50, 51, 52, 53, 54, 55, 56, 57]),
        "benchmark": np.array([10.0, 20, 25, 26, 27, 28, 29, 30, 31, 32]),
    },
    "trades": {
        "trade": [1, 2],
        "events": [1, 2],
        "entry": SESSIONS[[3, 6]],
        "exit": np.array(["2024-07-09", "NaT"], dtype="datetime64[D]"),
        "sessions": [2, 3],
        "asset_return": [0.02, 0.01],
        "benchmark_return": [0.01, 0.03],
        "costs": [0.001, 0.001],
        "net_return": [0.009, -0.021],
    },
    "equity": {
        "session": SESSIONS,
        "equity": np.array([1, 1, 1, 1.01, 1.009, 1.009, 1, 0.99, 0.988, 0.988]),
        "exposure": np.array([0.0, 0, 0, 1, 1, 0, 1, 1, 1, 1]),
    },
}


def small_run() -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return the run and its columns, to be changed at will."""
    return deepcopy(RUN), deepcopy(COLUMNS)


def written(folder: Path, run: dict[str, Any], columns: dict[str, dict[str, Any]]) -> Record:
    """Write a run and read it back."""
    measured = measured_by(run["legs"])
    write_run(folder / "run", run, {name: to_table(name, found, measured) for name, found in columns.items()})
    return read_run(folder / "run")


def alone(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row, or columns, as a study without a benchmark has them: what was the spread is the asset."""
    kept = {key: value for key, value in row.items() if "benchmark" not in key and not key.startswith("asset")}
    renamed = {key.replace("spread", "asset"): value for key, value in kept.items()}
    if "asset_return" in row or set(row) >= {"session", "asset"}:  # trades and levels are no spread
        renamed |= {key: value for key, value in row.items() if key.startswith("asset")}
    return renamed


def without_benchmark(run: dict[str, Any], columns: dict[str, dict[str, Any]]) -> None:
    """Take the benchmark out, in place."""
    del run["legs"]["benchmark"]
    run["parameters"]["measure.benchmark"] = ""
    run["horizons"] = [alone(row) for row in run["horizons"]]
    for name in columns:
        columns[name] = alone(columns[name])


def without_events(run: dict[str, Any], columns: dict[str, dict[str, Any]]) -> None:
    """Take all events out, in place: every mean becomes null."""
    run.update(n_events=0, n_episodes=0, events=[])
    kept = ("horizon", "base_spread_mean", "base_hit_rate")
    for row in run["horizons"]:
        row.update({key: None for key in row if key not in kept} | {"n": 0, "pending": 0, "not_covered": 0})
    for name in ("events", "forward_returns", "paths", "trades"):
        columns[name] = {key: values[:0] for key, values in columns[name].items()}
    shape = len(columns["average_path"]["offset"])
    for name in columns["average_path"]:
        if name not in ("offset", "n"):
            columns["average_path"][name] = np.full(shape, NAN)
