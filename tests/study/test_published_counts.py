"""The days of +5% in the S&P 500: CLAIMS.md, and pandas on the prices themselves, against a study."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from backtest.data.store.read import load_dataset
from backtest.plan import plan_on
from backtest.study.run import run_plan

YEAR = 252
STRATEGY = """
schema = 1
title = "Days of +5% in the S&P 500"

[detector]
use = "move"
series = "GSPC"
sessions = 1
threshold = 0.05

[measure]
asset = "GSPC"
benchmark = ""
horizons = [21, 252]
"""


@pytest.fixture(scope="module")
def study(us_size, tmp_path_factory):
    path = tmp_path_factory.mktemp("strategy") / "plus5.toml"
    path.write_text(STRATEGY, encoding="utf-8")
    return run_plan(plan_on(load_dataset(us_size.dataset("us-size")), us_size, str(path)))


@pytest.fixture(scope="module")
def close(shared):
    prices = pd.read_csv(shared / "data" / "prices" / "GSPC.csv", parse_dates=["date"], index_col="date")
    return prices["close"].dropna()


def counted(close, days):
    after = [close.iloc[t + YEAR] / close.iloc[t] - 1 for t in days if t + YEAR < len(close)]
    return len(after), sum(after) / len(after), sum(value > 0 for value in after) / len(after)


def days_by_rule(close):
    jumps = [t for t in range(1, len(close)) if close.iloc[t] / close.iloc[t - 1] - 1 >= 0.05]
    first = [t for t in jumps if t - 1 not in jumps]
    rules = {"every": jumps, "own": first}
    for name, cooldown in {"cooldown_21": 21, "cooldown_63": 63, "cooldown_252": 252, "apart": YEAR}.items():
        kept = []
        for t in first:
            if not kept or t - kept[-1] > cooldown:
                kept.append(t)
        rules[name] = kept
    return rules


def test_every_rule_counts_as_pandas_does(study, close):
    found = {rule["rule"]: rule["horizons"][1] for rule in study.summary["rules"]}
    for rule, days in days_by_rule(close).items():
        n, mean, hits = counted(close, days)
        assert (found[rule]["n"], found[rule]["hit_rate"]) == (n, hits), rule
        assert found[rule]["asset_mean"] == pytest.approx(mean, abs=1e-12), rule


def test_they_are_the_figures_of_the_claim(study, shared):
    (line,) = [row for row in (shared / "CLAIMS.md").read_text(encoding="utf-8").splitlines() if "| Carson |" in row]
    pattern = r"included: (\d+); .*sessions \+([\d.]+)%, ([\d.]+)%\)\..*: (\d+) events, \+([\d.]+)%, (\d+)%"
    days, mean, hits, events, apart, left = re.search(pattern, line).groups()
    found = {rule["rule"]: rule["horizons"][1] for rule in study.summary["rules"]}
    assert (found["every"]["n"], found["apart"]["n"]) == (int(days), int(events)) == (24, 9)
    assert f"{100 * found['every']['asset_mean']:.2f}" == mean
    assert f"{100 * found['every']['hit_rate']:.1f}" == hits
    assert f"{100 * found['apart']['asset_mean']:.1f}" == apart
    assert f"{100 * found['apart']['hit_rate']:.0f}" == left
    assert study.summary["horizons"][1]["remarks"]["counting"] == (
        "The 24 sessions on which the condition is met are 22 events, and only 9 lie more than 252 sessions (about a "
        f"year) apart: over 252 sessions, a mean of +{mean}% becomes +16.37%, and hits of 92% become 78%."
    )


def test_the_table_of_the_asset_is_that_of_pandas(study, close):
    (row,) = study.legs.query("horizon == 252").to_dict("records")
    windows = np.lib.stride_tricks.sliding_window_view(close.to_numpy(), YEAR + 1)
    fallen = (windows / np.maximum.accumulate(windows, axis=1) - 1).min(axis=1)
    every = pd.DataFrame({"after": close.iloc[YEAR:].to_numpy() / close.iloc[:-YEAR].to_numpy() - 1, "fallen": fallen})
    events = every.iloc[days_by_rule(close)["own"]]
    base = every.iloc[1:]  # the first session has no return of its own to be judged by
    assert (row["n"], row["base_n"]) == (len(events), len(base))
    for prefix, frame in (("", events), ("base_", base)):
        assert row[f"{prefix}median"] == pytest.approx(frame["after"].median(), abs=1e-12)
        assert row[f"{prefix}best"] == pytest.approx(frame["after"].max(), abs=1e-12)
        assert row[f"{prefix}worst"] == pytest.approx(frame["after"].min(), abs=1e-12)
        assert row[f"{prefix}drawdown_mean"] == pytest.approx(frame["fallen"].mean(), abs=1e-12)
        assert row[f"{prefix}drawdown_median"] == pytest.approx(frame["fallen"].median(), abs=1e-12)
        assert row[f"{prefix}drawdown_worst"] == pytest.approx(frame["fallen"].min(), abs=1e-12)
