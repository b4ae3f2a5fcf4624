"""Which input is missing where a strategy cannot be judged."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from backtest.rates.meetings import BUILT_IN
from backtest.watch.result import watch_on

NAN = float("nan")


@pytest.fixture
def row_of(history_of, plan_of, workspace):
    """Look at a strategy on the last of 30 sessions; the legs are there, the rest a test gives."""

    def look(columns, detector, sessions=None, **more):
        walk = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 30)))
        prices = history_of({"A": walk, "B": walk, **columns}, sessions=sessions, **more)
        plan = plan_of(prices)
        text = f'schema = 1\ntitle = "T"\n[detector]\n{detector}\n[measure]\nasset = "A"\nbenchmark = "B"\n'
        (workspace.root / "strategies" / "one.toml").write_text(text, encoding="utf-8")
        (row,) = watch_on(plan.dataset, workspace, ["one"])["strategies"]
        return row

    return look


STREAK = 'use = "streak"\nseries = "C"\nsessions = 3\nthreshold = 0.0'


def test_a_gap_in_the_pattern_is_named(row_of):
    rising = [100.0 * 1.01**t for t in range(30)]
    assert row_of({"C": rising}, STREAK)["missing"] == []
    rising[28] = NAN  # sessions are weekdays from Monday 2000-01-03 on: number 28 is Thursday 2000-02-10
    row = row_of({"C": rising}, STREAK)
    assert (row["known"], row["missing"]) == (False, ["C (none on 2000-02-10)"])
    assert row_of({"C": rising}, STREAK.replace("sessions = 3", "sessions = 1"))["missing"] == [
        "C (none on 2000-02-10)"
    ]


def test_a_gap_is_looked_for_beyond_the_pattern(row_of):
    walk = [100.0 * 1.01**t for t in range(30)]
    walk[22] = NAN  # Wednesday 2000-02-02
    average = 'use = "moving_average"\nseries = "C"\nfast = 2\nslow = 10'
    assert row_of({"C": walk}, average)["missing"] == ["C (none on 2000-02-02)"]


def test_a_decision_that_is_not_known_yet_is_named(row_of):
    with BUILT_IN.open(encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(line for line in file if not line.startswith("#")) if not row["withdrawn"]
        ]
    day = next(row["date"] for row in rows if not row["target_after"])
    sessions = np.busday_offset(day, np.arange(-20, 10), roll="forward").astype("datetime64[D]")
    row = row_of({}, 'use = "policy_change"\nmove = "cut"', sessions)
    assert row["missing"] == [f"the decision of the FOMC meeting of {day} (meetings = FILE.csv adds it)"]


def test_what_cannot_be_told_is_said_to_be_among_what_is_read(row_of, workspace):
    own = "import numpy as np\nfrom backtest.model import Condition\n\n\ndef detect(prices, *, series: str = 'C'):\n"
    own += "    values = prices.close(series)\n    return Condition(values < 0, np.zeros(len(values), dtype=bool))\n"
    (workspace.root / "strategies" / "own.py").write_text(own, encoding="utf-8")
    assert row_of({"C": [1.0] * 30}, 'use = "own.py"')["missing"] == ["something among C"]
