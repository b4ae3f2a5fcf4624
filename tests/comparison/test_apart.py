"""Whether any two studies differ."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.comparison.apart import ALL, OTHER_MEASURE, SHARED, SIMULATED, differences_at, differences_json, said_of
from backtest.comparison.entries import NOT_HELD, Entry
from backtest.inference.contrast import THE_SAME
from backtest.study.run import run_plan

N = 150


@pytest.fixture
def plan(history_of, plan_of):
    rng = np.random.default_rng(43)
    a, b, c = (100 * np.exp(np.cumsum(rng.normal(0, 0.01, N))) for _ in range(3))
    marks = np.zeros(N)
    marks[[10, 40, 70, 100, 130]] = 1
    marks[[25, 55, 85]] = 2
    return plan_of(history_of({"A": a, "B": b, "C": c, "M": marks}, kinds={"M": "rate"}))


def entry(plan, **settings):
    study = run_plan(plan.vary({key.replace("__", "."): value for key, value in settings.items()}))
    return Entry(study.summary, study)


def returns_after(plan, asset, benchmark, horizon):
    """The spread over the horizon from each close, and NaN at the end."""
    found = np.full(N, np.nan)
    for series, sign in ((asset, 1.0), (benchmark, -1.0)):
        close = plan.dataset.prices.columns[series]
        gain = close[horizon:] / close[:-horizon] - 1.0
        found[: N - horizon] = sign * gain + (0.0 if sign > 0 else found[: N - horizon])
    return found


def test_the_difference_is_that_of_two_excesses_by_hand(plan):
    every, some = entry(plan), entry(plan, detector__least=2.0)
    (row,) = differences_json([every, some], ["every", "some"], 3)
    spread = returns_after(plan, "A", "B", 3)
    assert row["difference"] == pytest.approx(
        np.mean(spread[[10, 25, 40, 55, 70, 85, 100, 130]]) - np.mean(spread[[25, 55, 85]]), abs=1e-12
    )
    assert (row["n"], row["of"], row["on"]) == ([8, 3], [8, 3], ALL)
    assert row["p_adjusted"] == row["p_value"]  # there is one
    assert row["ci_low"] < row["difference"] < row["ci_high"]


def test_two_assets_of_the_same_events_are_pairs(plan):
    one, other = entry(plan), entry(plan, measure__asset="C")
    (row,) = differences_json([one, other], ["A", "C"], 1)
    days = [10, 25, 40, 55, 70, 85, 100, 130]
    paired = returns_after(plan, "A", "C", 1)
    assert row["difference"] == pytest.approx(paired[days].mean() - np.nanmean(paired), abs=1e-12)
    assert row["n"] == [8, 8]


def test_events_that_both_date_alike_are_compared_as_pairs_too(plan):
    one, other = entry(plan), entry(plan, measure__asset="C", detector__least=2.0)
    found = {row["on"]: row for row in differences_json([one, other], ["A", "C"], 1)}
    assert found.keys() == {ALL, SHARED}
    paired = returns_after(plan, "A", "C", 1)
    assert found[SHARED]["difference"] == pytest.approx(paired[[25, 55, 85]].mean() - np.nanmean(paired), abs=1e-12)
    assert (found[ALL]["n"], found[SHARED]["n"]) == ([8, 3], [3, 3])
    assert "on the 3 events that both have" in said_of([found[SHARED]], 1, 2)


def test_events_of_one_measure_that_both_have_are_no_news(plan):
    # On the shared events alone nothing differs: no second test, and no look to pay for.
    assert [one.on for one in differences_at([entry(plan), entry(plan, detector__least=2.0)], 3)] == [ALL]


def test_an_episode_that_two_date_differently_is_no_pair(history_of, plan_of):
    # To take only the runs of four that became five would be to know the fifth day on the fourth.
    rng = np.random.default_rng(47)
    up = [*range(5, 10), *range(20, 24), *range(30, 36), *range(50, 54), *range(80, 85)]
    step = np.where(np.isin(np.arange(N), up), 0.02, rng.normal(-0.002, 0.004, N))
    prices = history_of({"A": 100 * np.cumprod(1 + step), "B": [50.0] * N, "M": [1.0] * N}, kinds={"M": "rate"})
    streak = {"detector.use": "streak", "detector.series": "A", "detector.threshold": 0.015}
    studies = [run_plan(plan_of(prices, {**streak, "detector.sessions": n})) for n in (5, 4)]
    found = differences_at([Entry(study.summary, study) for study in studies], 3)
    assert [one.on for one in found] == [ALL]
    assert found[0].test.n == (3, 5)


def test_every_pair_is_adjusted_for_all(plan):
    entries = [entry(plan), entry(plan, detector__least=2.0), entry(plan, measure__asset="C")]
    rows = differences_json(entries, ["a", "b", "c"], 3)
    assert {(row["first"], row["second"]) for row in rows} == {("a", "b"), ("a", "c"), ("b", "c")}
    assert all(row["p_adjusted"] >= row["p_value"] for row in rows)
    adjusted = [row["p_adjusted"] for row in rows]
    assert adjusted == sorted(adjusted)
    assert max(p - row["p_value"] for p, row in zip(adjusted, rows, strict=True)) > 0


def test_what_is_not_tested_has_its_reason(plan):
    one = entry(plan)
    alone = entry(plan, measure__benchmark="")
    same = entry(plan, trade__hold=3)
    recorded = Entry(entry(plan, detector__least=2.0).run, None)
    fake = {**one.run, "dataset": {**one.run["dataset"], "synthetic": True, "sha256": "1" * 64}}
    for other, reason in (
        (alone, OTHER_MEASURE),
        (same, THE_SAME),
        (recorded, NOT_HELD),
        (Entry(fake, one.study), SIMULATED),
    ):
        (found,) = differences_json([one, other], ["one", "other"], 3)
        assert (found["p_value"], found["reason"]) == (None, reason)
        assert said_of([found], 3, 2) == f"The difference was left untested: {reason}."
    (found,) = differences_json([one, same], ["one", "other"], 3)
    assert found["difference"] == 0.0
    assert differences_json([one, entry(plan, measure__horizons=[1])], ["a", "b"], 3)[0]["n"] == [0, 0]


def test_on_other_data_the_days_that_both_have_count(plan, history_of, plan_of):
    prices = plan.dataset.prices
    later = history_of(
        {name: values[30:] for name, values in prices.columns.items()},
        kinds={"M": "rate"},
        sessions=prices.sessions[30:],
    )
    short = run_plan(plan_of(later).vary({"detector.least": 2.0}))
    other = Entry({**short.summary, "dataset": {**short.summary["dataset"], "sha256": "2" * 64}}, short)
    (row,) = differences_json([entry(plan), other], ["long", "short"], 3)
    assert row["sessions"] == N - 30 - 3
    assert (row["n"], row["of"]) == ([6, 2], [8, 2])
    assert "on the sessions that both use (6 of 8 and 2 of 2 events)" in said_of([row], 3, 2)


def test_horizons_by_the_calendar_are_compared_at_their_own_ends(plan):
    every, some = (entry(plan, measure__horizons=[5, "1m"], detector__least=n) for n in (1.0, 2.0))
    (row,) = differences_json([every, some], ["every", "some"], "1m")
    days = plan.dataset.prices.sessions
    close = {name: plan.dataset.prices.columns[name] for name in "AB"}

    def spread(at):
        year, month, day = (int(part) for part in str(days[at]).split("-"))
        last = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31}[month + 1]
        end = np.datetime64(f"{year}-{month + 1:02}-{min(day, last):02}")
        leave = int(np.searchsorted(days, end, side="right")) - 1
        return close["A"][leave] / close["A"][at] - close["B"][leave] / close["B"][at]

    marks = [10, 25, 40, 55, 70, 85, 100]  # what follows 130 is not over
    assert row["n"] == [7, 3]
    means = [np.mean([spread(at) for at in of]) for of in (marks, [25, 55, 85])]
    assert row["difference"] == pytest.approx(means[0] - means[1], abs=1e-12)
    assert "over 1 month" in said_of([row], "1m", 2)


ROW = {
    "first": "a", "second": "b", "on": ALL, "n": [5, 6], "of": [5, 6], "difference": 0.0123, "ci_low": -0.01,
    "ci_high": 0.0346, "p_value": 0.2, "p_adjusted": 0.31, "reason": None,
}  # fmt: skip


def test_the_sentence_says_which_and_how_sure():
    assert said_of([ROW], 21, 2) == (
        "The difference over 21 sessions is consistent with chance: a minus b, +1.23 pp (95% interval −1.00 to "
        "+3.46 pp); chance alone gives as much in 31% of cases."
    )
    assert said_of([ROW, ROW, ROW], 1, 3).startswith(
        "All 3 differences over 1 session are consistent with chance. The most remarkable: a minus b, +1.23 pp"
    )
    assert said_of([ROW, ROW], 1, 3).endswith("in 31% of cases, with both differences counted.")
    sure = {**ROW, "p_adjusted": 0.02, "ci_low": 0.001}
    assert said_of([sure, ROW, ROW], 21, 3) == (
        "One of 3 differences over 21 sessions is unlikely to be chance: a minus b, +1.23 pp (95% interval +0.10 to "
        "+3.46 pp); chance alone gives as much in 2.0% of cases, with all 3 differences counted."
    )
    many = said_of([sure] * 5, 21, 5)
    assert many.startswith("5 of 5 differences over 21 sessions are unlikely to be chance, all counted: a minus b")
    assert said_of([sure], 21, 2).startswith("The difference over 21 sessions is unlikely to be chance: a minus b")
    assert many.endswith("; and 2 more.")
    assert said_of([], None, 3) == "Differences were left untested: there is no horizon."
    assert "interval" not in said_of([{**ROW, "ci_low": None}], 21, 2)
