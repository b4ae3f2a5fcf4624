"""The strategist's table: each leg on its own beside its base rate, written out by hand."""

from __future__ import annotations

import pytest

from backtest.report.pages.run.page import run_page

from .html_tree import parse
from .records import small_run, without_benchmark, written


def figures(mean, n=3):
    own = {"n": n, "mean": mean, "median": 0.01, "hit_rate": 0.8, "best": 0.2, "worst": -0.15,
           "drawdown_mean": -0.05, "drawdown_median": -0.04, "drawdown_worst": -0.3}  # fmt: skip
    return own | {f"base_{key}": None if key == "worst" else value for key, value in own.items()} | {"base_n": 1_234}


@pytest.fixture
def run_of_legs():
    run, columns = small_run()
    for row in run["horizons"]:
        row["legs"] = {"asset": figures(0.0321), "benchmark": figures(-0.00456), "spread": figures(0.03666)}
    return run, columns


def test_every_leg_stands_at_every_horizon_beside_its_base_rate(tmp_path, run_of_legs):
    page = parse(run_page(written(tmp_path, *run_of_legs)))
    assert "Leg by leg" in page.headings
    heads = ["small", "mega", "Spread: above zero, the asset beat the benchmark"]
    at = [page.rows.index([head]) for head in heads]
    assert page.rows[at[0] + 1] == [
        "1 session", "3 1,234", "+3.21 +3.21", "+1.00 +1.00", "80% 80%", "+20.00 +20.00", "−15.00 –", "−5.00 −5.00",
        "−30.00 −30.00",
    ]  # fmt: skip
    assert [page.rows[line + 1][2] for line in at] == ["+3.21 +3.21", "−0.46 −0.46", "+3.67 +3.67"]
    assert all(page.rows[line + 2][0] == "5 sessions" for line in at)


def test_an_asset_alone_has_one_group_and_an_older_record_none(tmp_path, run_of_legs):
    assert "Leg by leg" not in parse(run_page(written(tmp_path / "older", *small_run()))).headings
    run, columns = run_of_legs
    for row in run["horizons"]:
        row["legs"] = {"asset": row["legs"]["asset"]}
    legs = [row.pop("legs") for row in run["horizons"]]
    without_benchmark(run, columns)
    for row, leg in zip(run["horizons"], legs, strict=True):
        row["legs"] = leg
    page = parse(run_page(written(tmp_path / "alone", run, columns)))
    assert "Its returns" in page.headings
    assert ["small"] in page.rows
    assert "spread" not in page.text.lower()
