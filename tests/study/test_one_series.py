"""A study without a benchmark: the asset's own forward returns beside its own base rate."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest

from backtest.record.read import read_run
from backtest.study.run import run_plan

from .test_pipeline import slow_study

ALONE = {"measure.benchmark": ""}
LEVEL = [100, 110, 121, 110, 110, 121, 108.9, 119.79, 119.79, 131.769]
MARKS = [0, 1, 0, 0, 1, 0, 0, 1, 0, 0]
# From close to close: +10%, +10%, -1/11, 0, +10%, -10%, +10%, 0, +10%; the last session has no next.


@pytest.fixture
def study(history_of, plan_of):
    prices = history_of({"A": LEVEL, "M": MARKS}, kinds={"M": "rate"})
    return run_plan(plan_of(prices, {**ALONE, "measure.horizons": [1, 3]}, more="\n[trade]\nhold = 1\ncost_bps = 0\n"))


def test_every_figure_is_the_assets_own(study):
    row = study.summary["horizons"][0]
    # After sessions 1, 4 and 7: +10%, +10% and 0, which is no hit. Of nine sessions five rose.
    base = (0.1 + 0.1 - 1 / 11 + 0 + 0.1 - 0.1 + 0.1 + 0 + 0.1) / 9
    expected = {
        "n": 3,
        "asset_mean": 0.2 / 3,
        "asset_median": 0.1,
        "hit_rate": 2 / 3,
        "base_asset_mean": base,
        "base_hit_rate": 5 / 9,
        "excess": 0.2 / 3 - base,
    }
    assert {key: row[key] for key in expected} == pytest.approx(expected, abs=1e-12)
    assert not [key for key in row if "spread" in key or "benchmark" in key]


def test_excursions_and_status_are_the_assets_own(study):
    rows = {(row["event"], row["horizon"]): row for row in study.tables["forward_returns"].to_pylist()}
    # From session 1 at 110: 121 (+10%), 110 (0), 110 (0). From session 4 at 110: 121, 108.9 (-1%), 119.79 (+8.9%).
    first, second = rows[1, 3], rows[2, 3]
    assert (first["asset"], first["mae"], first["mfe"]) == pytest.approx((0.0, 0.0, 0.1), abs=1e-12)
    assert (second["asset"], second["mae"], second["mfe"]) == pytest.approx((0.089, -0.01, 0.1), abs=1e-12)
    assert (rows[3, 3]["status"], rows[3, 3]["asset"]) == ("pending", None)


def test_the_average_path_is_that_of_the_asset(study):
    row = next(row for row in study.tables["average_path"].to_pylist() if row["offset"] == 1)
    assert set(row) == {"offset", "n", "asset_mean", "asset_low", "asset_high", "asset_base"}
    assert (row["n"], row["asset_mean"]) == (3, pytest.approx(0.2 / 3))


def test_the_verdict_speaks_of_the_asset(study):
    assert re.search(r"over \d sessions?, A returned [\d.]+ points (more|less) than the base rate", study.verdict)
    assert "minus" not in study.verdict


def test_an_asset_that_does_not_move_has_no_test(history_of, plan_of):
    still = run_plan(plan_of(history_of({"A": [50.0] * 10, "M": MARKS}, kinds={"M": "rate"}), ALONE))
    assert "the return does not vary" in still.verdict
    assert "the return does not vary" in next(n["text"] for n in still.summary["notes"] if n["code"] == "no_test")


@pytest.mark.parametrize("entry", ["close", "next_open", "next_close"])
def test_p_is_that_of_the_slow_twin_against_money_that_earns_nothing(history_of, plan_of, entry):
    # Against a level that never moves the spread is the asset's return, and both variances are the asset's own.
    rng = np.random.default_rng(4)
    n, horizons = 260, [1, 2, 5, 21]
    level = 100 * np.exp(np.cumsum(rng.normal(0, 1, n) * np.repeat(rng.uniform(0.005, 0.03, 13), 20)))
    level[:30], level[120] = np.nan, np.nan
    marks = np.zeros(n)
    marks[[5, 28, 60, 90, 110, 118, 150, 200, 240, 255, 258]] = 1
    opens = level * np.exp(rng.normal(0, 0.002, n))
    asset = {"A": level, "A.open": opens, "M": marks}
    prices = history_of(asset, kinds={"M": "rate"})
    still = history_of({**asset, "B": [50.0] * n, "B.open": [50.0] * n}, kinds={"M": "rate"})
    study = run_plan(plan_of(prices, {**ALONE, "measure.horizons": horizons, "measure.entry": entry}))
    twin = slow_study(still, horizons, entry, 0, n - 1, np.flatnonzero(marks).tolist())
    renamed = {"spread_mean": "asset_mean", "spread_median": "asset_median", "base_spread_mean": "base_asset_mean"}
    for row, expected in zip(study.summary["horizons"], twin, strict=True):
        for key, value in expected.items():
            if key not in ("asset_mean", "benchmark_mean"):
                assert row[renamed.get(key, key)] == pytest.approx(value, rel=1e-9, abs=1e-12), key


def test_other_counting_rules_measure_the_asset(study):
    own = study.summary["rules"][0]["horizons"][0]
    assert (own["asset_mean"], own["n"]) == (pytest.approx(0.2 / 3), 3)
    assert "spread_mean" not in own


def test_the_trade_is_long_the_asset(study):
    traded = study.with_trade()
    # Known on 1, 4 and 7, entered a session later and held for one: 121 to 110, 121 to 108.9, 119.79 to 131.769.
    returns = [110 / 121 - 1, -0.1, 0.1]
    rows = traded.tables["trades"].to_pylist()
    assert [row["asset_return"] for row in rows] == pytest.approx(returns)
    assert [row["net_return"] for row in rows] == pytest.approx(returns)
    assert "benchmark_return" not in rows[0]
    assert traded.summary["trade"]["total_return"] == pytest.approx(110 / 121 * 0.9 * 1.1 - 1)


def test_a_record_and_its_page_know_no_benchmark(study, workspace):
    folder = study.with_trade().save(workspace)
    record = read_run(folder)
    assert list(record.run["legs"]) == ["asset"]
    for name, table in record.tables.items():
        assert not [key for key in table.column_names if "spread" in key or "benchmark" in key], name
        texts = [str(field.metadata[b"description"]) for field in table.schema]
        assert not [text for text in texts if "spread" in text or "benchmark" in text], name
    page = (folder / "report.html").read_text(encoding="utf-8")
    shown = html.unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", "", page, flags=re.S))
    assert "spread" not in shown.lower()
    assert "measure.benchmarknone" in shown.replace("\n", "")
    assert "There is no benchmark: A stands beside its own base rate." in shown
    assert "--set 'measure.benchmark=\"\"'" in shown  # to repeat the run


def test_a_notebook_shows_the_asset_alone(study):
    shown = study._repr_html_()
    assert "<th>asset_mean</th>" in shown
    assert "<th>base_asset_mean</th>" in shown
    assert "spread" not in shown


def test_the_benchmark_that_is_the_asset_is_refused_with_the_way_out(history_of, plan_of):
    prices = history_of({"A": LEVEL, "M": MARKS}, kinds={"M": "rate"})
    with pytest.raises(Exception, match=r'measure\.benchmark="" measures the asset alone'):
        run_plan(plan_of(prices, {"measure.benchmark": "A"}))
    with pytest.raises(Exception, match=r'no such role or series\..*measure.benchmark="" measures the asset alone'):
        run_plan(plan_of(prices, {"measure.benchmark": "other"}))


@pytest.mark.parametrize("none", ["", "none", None])
def test_none_has_three_spellings(history_of, plan_of, none):
    prices = history_of({"A": LEVEL, "B": LEVEL, "M": MARKS}, kinds={"M": "rate"})
    plan = plan_of(prices, {"measure.benchmark": none})
    assert plan.strategy.measure.legs == {"asset": "A"}
    assert plan.parameters["measure.benchmark"] == ""
