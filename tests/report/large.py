"""A run as large as they come: every list as long as asked, with spikes of one session in its lines."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

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
    }  # fmt: skip
    columns["average_path"] = _average(window, rng)
    columns["equity"] = {"session": days, "equity": 1 + rng.normal(0, 0.01, n), "exposure": np.arange(n) % 2.0}
    columns["trades"] = {
        "trade": np.arange(1, many + 1), "events": [1] * many, "entry": days[at], "exit": days[at + 1],
        "sessions": [1] * many,
        **{key: rng.normal(0, 0.1, many) for key in ("asset_return", "benchmark_return", "costs", "net_return")},
    }  # fmt: skip
    return run, columns


def _average(window: tuple[int, int], rng: np.random.Generator) -> dict[str, Any]:
    offsets = np.arange(window[0], window[1] + 1)
    lines = {name: rng.normal(0, 0.1, len(offsets)) for name in TABLES["average_path"].names}
    return {**lines, "offset": offsets, "n": np.full(len(offsets), 9)}
