"""The same condition under other rules, against lists written by hand and loops."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.model import horizons_of
from backtest.spec.strategy import EpisodesTable
from backtest.study.base_rate import BaseRate
from backtest.study.robustness.counting_rules import rules_for
from backtest.study.run import run_plan

from ...slow_shift import slow_statistics

MET = [3, 4, 6, 10, 20, 21, 38, 39]


@pytest.fixture
def study(history_of, plan_of):
    """Forty weekdays with runs on sessions 3-4, 6, 10, 20-21 and, still running, 38-39."""

    def build(overrides=None):
        rng = np.random.default_rng(3)
        walk = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 40)))
        marks = np.zeros(40)
        marks[MET] = 1
        prices = history_of({"A": walk, "B": [50.0] * 40, "M": marks}, kinds={"M": "rate"})
        return run_plan(plan_of(prices, overrides))

    return build


def rows(study, rule):
    (found,) = (item for item in study.summary["rules"] if item["rule"] == rule)
    return found["horizons"]


EXPECTED = {
    "own": {1: [3, 6, 10, 20, 38], 3: [3, 6, 10, 20, 38]},
    "first": {1: [3, 6, 10, 20, 38], 3: [3, 6, 10, 20, 38]},
    "apart": {1: [3, 6, 10, 20, 38], 3: [3, 10, 20, 38]},  # 6 lies within three sessions of 3
    "cooldown_21": {1: [3, 38], 3: [3, 38]},
    "cooldown_63": {1: [3], 3: [3]},
    "cooldown_252": {1: [3], 3: [3]},
    "every": {1: MET, 3: MET},
    "end": {1: [4, 6, 10, 21], 3: [4, 6, 10, 21]},  # the last run has no seen end
}


def test_events_and_means_under_each_rule(study):
    made = study({"episodes.cooldown": 2})
    walk = made.tables["history"].column("asset").to_pylist()
    assert [item["rule"] for item in made.summary["rules"]] == list(EXPECTED)
    for rule, days in EXPECTED.items():
        for row in rows(made, rule):
            h = row["horizon"]
            spreads = [walk[t + h] / walk[t] - 1 for t in days[h] if t + h < 40]
            assert (row["events"], row["n"]) == (len(days[h]), len(spreads)), rule
            assert row["spread_mean"] == pytest.approx(sum(spreads) / len(spreads), abs=1e-14)
            assert row["hit_rate"] == sum(spread > 0 for spread in spreads) / len(spreads)
            usual = [walk[t + h] / walk[t] - 1 for t in range(40 - h)]
            assert row["base_spread_mean"] == pytest.approx(sum(usual) / len(usual), abs=1e-14)


def test_the_p_of_a_rule_is_the_share_of_shifts_that_give_as_much(study):
    made = study()
    for row, circle in zip(rows(made, "every"), made.assets[0].base_rate.circles, strict=True):
        position = circle.position.tolist()
        at = [position.index(day) for day in MET if day in position]
        size = np.abs(slow_statistics(circle, at))
        assert row["p_value"] == sum(value >= size[0] - 1e-9 for value in size) / len(position)


def test_the_strategys_own_rule_says_what_the_table_of_horizons_says(study):
    made = study({"episodes.cooldown": 4})
    for row, horizon in zip(rows(made, "own"), made.summary["horizons"], strict=True):
        for key in ("horizon", "n", "spread_mean", "hit_rate", "base_spread_mean", "p_value"):
            assert row[key] == horizon[key], key


def test_the_table_and_the_summary_are_the_same(study):
    made = study()
    flat = [{"rule": item["rule"], **row} for item in made.summary["rules"] for row in item["horizons"]]
    verdicts = {row.pop("verdict") for row in flat}
    assert made.tables["rules"].to_pylist() == flat
    assert verdicts <= {"does not stand out", "stands out, taken alone", "no test", "no complete window"}


@pytest.mark.parametrize(
    ("own", "horizons", "pattern", "missing"),
    [
        ({}, [1, 5], 5, {"first"}),
        ({"cooldown": 5}, [1, 5], 5, set()),
        ({"cooldown": 5}, [5], 5, {"apart"}),
        ({"day0": "start"}, [5], 5, {"start"}),
        ({"day0": "start"}, [5], 1, {"first", "start"}),  # a pattern of one session starts on its trigger
        ({"day0": "end"}, [5], 5, {"end"}),
        ({"cooldown": 5}, [1, 5], 1, {"start"}),
        ({"cooldown": 63}, [1, 5], 5, {"cooldown_63"}),
        ({"cooldown": 0}, [252], 5, {"first", "cooldown_252"}),  # as long as the only horizon
        ({"cooldown": 5}, ["1w"], 5, set()),  # about five sessions are not five
    ],
)
def test_a_rule_that_differs_by_name_alone_is_not_listed(own, horizons, pattern, missing):
    rules = rules_for(EpisodesTable(**own), horizons_of(horizons), pattern)
    assert rules[0].key == "own"
    cooldowns = {"cooldown_21", "cooldown_63", "cooldown_252"}
    assert {rule.key for rule in rules[1:]} == {"first", "apart", *cooldowns, "every", "start", "end"} - missing


def test_a_day_0_that_looks_ahead_is_marked(study):
    made = study({"detector.pattern": 2})
    marked = {item["rule"]: item["investable"] for item in made.summary["rules"]}
    counted = ("own", "apart", "cooldown_21", "cooldown_63", "cooldown_252", "every")
    assert marked == {**dict.fromkeys(counted, True), "start": False, "end": False}
    # The start of a pattern of two is the session before the trigger.
    walk = made.tables["history"].column("asset").to_pylist()
    spreads = [walk[t + 1] / walk[t] - 1 for t in (2, 5, 9, 19, 37)]
    assert rows(made, "start")[0]["spread_mean"] == pytest.approx(sum(spreads) / 5, abs=1e-14)


def test_only_the_sample_window_counts(study):
    days = study().plan.dataset.prices.sessions.tolist()
    made = study({"episodes.since": days[4], "episodes.until": days[20]})
    # The run of 3-4 was triggered before; its second session and its end lie inside.
    assert [rows(made, rule)[0]["events"] for rule in ("own", "every", "end")] == [3, 4, 3]


def test_without_a_complete_window_there_is_no_number_and_the_verdict_says_so(history_of, plan_of):
    marks = [0.0] * 39 + [1.0]
    prices = history_of({"A": np.arange(1.0, 41), "B": [5.0] * 40, "M": marks}, kinds={"M": "rate"})
    row = rows(run_plan(plan_of(prices)), "every")[0]
    assert (row["events"], row["n"], row["spread_mean"], row["p_value"]) == (1, 0, None, None)
    assert row["verdict"] == "no complete window"


def test_each_rule_is_compared_with_the_sessions_it_could_have_taken(history_of, plan_of):
    # Sessions 12 to 18 cannot be judged; runs on 3-4, 10-11 (its end is not seen) and 20-21, patterns of two.
    rng = np.random.default_rng(4)
    walk = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 40)))
    marks = np.zeros(40)
    marks[[3, 4, 10, 11, 19, 20, 21]] = 1
    marks[12:19] = np.nan
    prices = history_of({"A": walk, "B": [50.0] * 40, "M": marks}, kinds={"M": "rate"})
    made = run_plan(plan_of(prices, {"detector.pattern": 2}))
    possible = {
        "own": [*range(12), *range(19, 40)],
        "every": [*range(12), *range(19, 40)],
        "start": [*range(11), *range(18, 39)],  # the session before one that is judged
        "end": [*range(11), *range(19, 39)],  # judged itself, and the next one too
    }
    events = {"own": [3, 10, 19], "every": [3, 4, 10, 11, 19, 20, 21], "start": [2, 9, 18], "end": [4, 21]}
    for rule, days in possible.items():
        (row, _) = rows(made, rule)
        after = {t: walk[t + 1] / walk[t] - 1 for t in days if t + 1 < 40}
        taken = [after[t] for t in events[rule]]
        assert row["base_spread_mean"] == pytest.approx(sum(after.values()) / len(after), abs=1e-14), rule
        assert (row["events"], row["n"]) == (len(taken), len(taken)), rule
        assert row["spread_mean"] == pytest.approx(sum(taken) / len(taken), abs=1e-14), rule
        circle = BaseRate(made.assets[0].base_rate.every, np.isin(np.arange(40), days)).circles[0]
        assert circle.position.tolist() == list(after)
        size = np.abs(slow_statistics(circle, [list(after).index(t) for t in events[rule]]))
        assert row["p_value"] == sum(value >= size[0] - 1e-9 for value in size) / len(size), rule


def test_dust_of_arithmetic_is_no_hit_under_any_rule(history_of, plan_of):
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.01, 40)))
    marks = np.isin(np.arange(40), MET).astype(float)
    prices = history_of({"A": walk, "B": walk * 0.37, "M": marks}, kinds={"M": "rate"})
    made = run_plan(plan_of(prices))
    spreads = made.forward_returns["spread"].dropna()
    assert (spreads > 0).any()  # 1e-17 or so: both legs returned the same
    assert {cell["hit_rate"] for rule in made.summary["rules"] for cell in rule["horizons"]} == {0.0}
