"""A run as large as they come: every list as long as asked, with spikes of one session in its lines."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from .firm_record import with_robustness
from .records import TABLES, small_run

LEVEL = 123.456


def large_run(n: int, many: int, horizons: list[int], window: tuple[int, int] = (-21, 126)):
    """Return the run and the columns of `many` events in `n` sessions, both legs watched, one trade an event."""
    run, columns = small_run()
    rng = np.random.default_rng(1)
    days = np.datetime64("1930-01-01") + np.arange(n)
    names = ("observed", "indicator", "asset", "benchmark")
    columns["history"] = {"session": days} | {name: LEVEL + rng.normal(0, 1, n) for name in names}
    columns["history"]["observed"] = np.full(n, np.nan)
    run.update(observed=None, n_events=many, n_episodes=many)
    at = np.linspace(10, n - 2, many).astype(int)
    columns["events"] = {
        "event": np.arange(1, many + 1), "start": days[at - 4], "trigger": days[at], "end": days[at + 1],
        "day0": days[at], "ongoing": [False] * many, "indicator": np.ones(many),
    }  # fmt: skip
    run["horizons"] = [{**deepcopy(run["horizons"][0]), "horizon": horizon} for horizon in horizons]
    columns["horizons"] = {name: [row.get(name) for row in run["horizons"]] for name in TABLES["horizons"].names}
    size = many * len(horizons)
    columns["forward_returns"] = {
        "event": np.repeat(np.arange(1, many + 1), len(horizons)), "horizon": np.tile(horizons, many),
        "status": ["complete"] * size,
        **{key: rng.normal(0, 0.1, size) for key in ("asset", "benchmark", "spread", "mae", "mfe")},
        **{f"{leg}_drawdown": -abs(rng.normal(0, 0.1, size)) for leg in ("asset", "benchmark", "spread")},
    }  # fmt: skip
    columns["average_path"] = _average(window, rng)
    columns["equity"] = {"session": days, "equity": 1 + rng.normal(0, 0.01, n), "exposure": np.arange(n) % 2.0}
    columns["trades"] = {
        "trade": np.arange(1, many + 1), "events": [1] * many, "entry": days[at], "exit": days[at + 1],
        "sessions": [1] * many,
        **{key: rng.normal(0, 0.1, many) for key in ("asset_return", "benchmark_return", "costs", "net_return")},
    }  # fmt: skip
    return run, columns


def with_large_robustness(run: dict[str, Any], columns: dict[str, dict[str, Any]], many: int) -> None:
    """Let each of `many` events be left out in turn at every horizon, in place; seven tests and five remarks each."""
    small, found = small_run()
    with_robustness(small, found)
    row, rests = small["horizons"][0], small["robustness"]
    horizons = [one["horizon"] for one in run["horizons"]]
    for one in run["horizons"]:
        one.update({key: value for key, value in row.items() if key not in one or one[key] is None})
        one.update(remarks={str(i): "x" * 200 for i in range(5)})
    rests["horizons"] = horizons
    rests["opinions"] = [{**rests["opinions"][0], "method": str(i), "takes_for_granted": "x" * 90} for i in range(7)]
    rests["matched"] *= 2
    rests["sides"] = rests["halves"] * 2
    for one in rests["opinions"]:
        one["by_horizon"] = one["by_horizon"][:1] * len(horizons)
    for one in (*rests["matched"], *rests["influence"], *rests["halves"]):
        one.update({key: values[:1] * len(horizons) for key, values in one.items() if isinstance(values, list)})
    run["robustness"] = rests
    groups = [("event", many), ("year", 90), ("decade", 10)]
    size = sum(n for _, n in groups) * len(horizons)
    columns["influence"] = {
        "horizon": np.tile(horizons, size // len(horizons)),
        "unit": [unit for unit, n in groups for _ in range(n * len(horizons))],
        "label": [f"{unit} {i}" for unit, n in groups for i in range(n) for _ in horizons],
        "left_out": np.ones(size),
        "n": np.full(size, many),
        "excess": np.random.default_rng(3).normal(0, 0.05, size).clip(-0.005, 0.05),
        "p_value": np.full(size, 0.5),
    }


def _average(window: tuple[int, int], rng: np.random.Generator) -> dict[str, Any]:
    offsets = np.arange(window[0], window[1] + 1)
    lines = {name: rng.normal(0, 0.1, len(offsets)) for name in TABLES["average_path"].names}
    return {**lines, "offset": offsets, "n": np.full(len(offsets), 9)}
