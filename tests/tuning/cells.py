"""Cells of a large random search against ``backtest run`` with the same ``--set``.

``python -m tests.tuning.cells [N]`` compares N cells of each search, 200 by default; the suite compares a few.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from backtest.cli import status_of
from backtest.plan import make_plan
from backtest.tuning.grid import parse_space
from backtest.tuning.sampling import random_sets
from backtest.tuning.search import Search, search
from backtest.workspace import Workspace

HORIZONS = {"measure.horizons": [1, 21, "3m"]}
MIXED = """
schema = 1
title = "A rise and no drawdown, or a streak"
[detector]
any = ["both", "streak"]
[conditions.both]
all = ["rise", "not deep"]
[conditions.rise]
use = "move"
series = "small_index"
[conditions.deep]
use = "drawdown"
series = "market_index"
[conditions.streak]
use = "streak"
[measure]
asset = "small"
benchmark = "mega"
"""
EVERYWHERE = (
    "episodes.day0=trigger,start,end",
    "episodes.cooldown=0:30",
    "episodes.since=1990-01-02,2001-05-15",
    "measure.entry=close,next_close",
)
SPACES = {
    "streak5": (
        "detector.sessions=1:6",
        "detector.threshold=0.0:0.02",
        "detector.direction=up,down",
        "detector.series=small_index,market_index,tech_index",
        *EVERYWHERE,
    ),
    "mixed": (
        "conditions.rise.sessions=2:15",
        "conditions.rise.threshold=0.01:0.06",
        "conditions.deep.threshold=0.03:0.2",
        "conditions.streak.sessions=3:6",
        "conditions.streak.threshold=0.002:0.012",
        *EVERYWHERE,
    ),
}
"""What sets are drawn from, by strategy."""


def searched(root: Path, name: str, sets: int) -> Search:
    """Search so many random sets of a strategy, in a workspace that has it."""
    (root / "strategies").mkdir(exist_ok=True)
    (root / "backtest.toml").touch()
    (root / "strategies" / "mixed.toml").write_text(MIXED, encoding="utf-8")
    plan = make_plan(Workspace(root, marked=True), name, "sample", HORIZONS)
    return search(plan, random_sets(parse_space(SPACES[name]), sets, seed=20240716))


def ran(name: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the command gives for one set; None if it says that there are no events."""
    settings = [f"--set={key}={value}" for key, value in parameters.items()]
    settings.append(f"--set=measure.horizons={json.dumps(HORIZONS['measure.horizons'])}")
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = status_of(["run", name, "--dataset", "sample", "--no-trade", "--json", *settings])
    assert status == 0 or "no event" in err.getvalue().lower(), err.getvalue()
    return json.loads(out.getvalue()) if status == 0 else None


def compare(found: Search, name: str, numbers: Iterable[int]) -> int:
    """Compare sets at every horizon; return how many cells have an event with a complete window."""
    cells = 0
    for i in numbers:
        parameters, run = found.trials[i].parameters, ran(name, found.trials[i].parameters)
        if run is None:
            assert not found.n[i].any(), parameters
            continue
        days = found.plan.dataset.prices.sessions[found.trials[i].day0]
        assert [event["day0"] for event in run["events"]] == [str(day) for day in days], parameters
        for column, row in enumerate(run["horizons"]):
            figures = {"n": found.n, **found.figures}
            for key in ("n", "spread_mean", "base_spread_mean", "excess", "hit_rate", "p_value"):
                ours = figures[key][i, column]
                assert ours == row[key] or (row[key] is None and np.isnan(ours)), (parameters, row["horizon"], key)
            cells += bool(found.n[i, column])
    return cells


def main(count: int) -> None:
    os.chdir(tempfile.mkdtemp(prefix="cells-"))
    for name in SPACES:
        found = searched(Path.cwd(), name, 2_000)
        numbers = random.Random(1).sample(range(len(found.trials)), count)
        cells = compare(found, name, numbers)
        print(f"{name}: {count} of {len(found.trials):,} sets x 3 horizons: {cells} cells with events, all the same")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
