"""The five-session streak on 1,193 US stocks, against figures computed outside of this package."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from backtest.detect.tree import make_recipe
from backtest.model import horizons_of
from backtest.panel.on_block import Detectors
from backtest.panel.on_every_asset import detect_on_panel
from backtest.panel.panel_abnormal import abnormal_of_panel
from backtest.panel.panel_benchmark import benchmark_of
from backtest.panel.panel_forward import measure_panel
from backtest.panel.scan import scan_panel
from backtest.spec.strategy import strategy_of_text

TEXT = """
schema = 1
title = "Five straight sessions of +1%"

[detector]
use = "streak"
series = "close"
sessions = 5
threshold = 0.01

[measure]
asset = "close"
benchmark = "market"
horizons = [1, 5, 21, 63]
"""


@pytest.fixture(scope="module")
def us_stocks(us_stocks_dataset):
    return us_stocks_dataset.panel.read()


def test_events_windows_and_means(us_stocks):
    strategy = strategy_of_text(TEXT, Path("streak5_panel.toml"))
    found = detect_on_panel(us_stocks, make_recipe(strategy), strategy.episodes, (0, len(us_stocks.common) - 1))
    busiest, count = np.unique(found.day0, return_counts=True)
    assert (len(found), len(np.unique(found.asset)), len(busiest)) == (3906, 772, 1856)
    (on,) = np.flatnonzero(us_stocks.common.sessions == np.datetime64("2008-11-28"))
    assert count[busiest == on] == [59]
    forward = measure_panel(us_stocks, found, horizons_of([1, 5, 21, 63], 252), benchmark_of(us_stocks, "market"))
    assert forward.n.tolist() == [3898, 3892, 3878, 3797]
    np.testing.assert_allclose(forward.mean * 100, [-0.0037, -0.4526, 0.4509, 1.1186], atol=5.1e-5)
    np.testing.assert_allclose(forward.base * 100, [0.0249, 0.0623, 0.1786, 0.4691], atol=5.1e-5)


FALLS = TEXT.replace("streak", "move").replace("= 5", "= 1").replace("0.01", '0.10\ndirection = "down"')


def test_falls_of_a_tenth_in_a_session(us_stocks):
    strategy = strategy_of_text(FALLS, Path("falls.toml"))
    found = [(asset, one) for _, asset, one in Detectors(make_recipe(strategy), {}).episodes(us_stocks)]
    falls = sum(int((one.end - one.trigger + 1).sum()) for _, one in found)
    assert falls == 15_067
    assert max(int(asset.max()) for asset, _ in found) < len(us_stocks) == 1193


FF3 = """
[study]
model = "ff3"
factors = ["mkt_rf", "smb", "hml"]
riskless = "rf"
gap = 5
"""


def test_abnormal_returns_are_those_of_statsmodels(us_stocks):
    strategy = strategy_of_text(TEXT + FF3, Path("streak5_panel.toml"))
    found = detect_on_panel(us_stocks, make_recipe(strategy), strategy.episodes, (0, len(us_stocks.common) - 1))
    abnormal = abnormal_of_panel(us_stocks, found, strategy)
    events, counted = abnormal.events, abnormal.exclusions
    assert len(events) + counted.query("kind == 'left out'")["n"].sum() == len(found)
    common = us_stocks.common
    factors = np.stack([common.close(name) / 100 for name in ("mkt_rf", "smb", "hml")], axis=1)
    riskless = common.close("rf") / 100
    for row in np.random.default_rng(0).choice(len(events), 20, replace=False):
        event = events.iloc[row]
        close = us_stocks.close[:, us_stocks.assets.index(event["asset"])]
        returns = np.append(np.nan, close[1:] / close[:-1] - 1)
        day0 = int(np.searchsorted(common.sessions, np.datetime64(event["day0"], "D")))
        before, during = slice(max(day0 - 265, 0), day0 - 15), slice(day0 - 10, day0 + 11)
        fit = sm.OLS((returns - riskless)[before], sm.add_constant(factors[before]), missing="drop").fit()
        normal = riskless[during] + sm.add_constant(factors[during], has_constant="add") @ fit.params
        assert event["estimation_n"] == fit.nobs
        assert event["sigma"] == pytest.approx(np.sqrt(fit.scale), rel=1e-9)
        assert event["car"] == pytest.approx((returns[during] - normal).sum(), abs=1e-10, nan_ok=True)
        bhar = np.prod(1 + returns[during]) - np.prod(1 + normal)
        assert event["bhar"] == pytest.approx(bhar, abs=1e-10, nan_ok=True)


def test_a_scan_of_the_stored_blocks_gives_the_same(us_stocks_dataset):
    found = scan_panel(strategy_of_text(TEXT, Path("streak5_panel.toml")), us_stocks_dataset.panel, workers=1)
    assert repr(found).endswith("3,906 events on 772 of 1,193 assets, 1,856 dates)")
    table = found.horizons
    assert table["n"].tolist() == [3898, 3892, 3878, 3797]
    np.testing.assert_allclose(table["mean"] * 100, [-0.0037, -0.4526, 0.4509, 1.1186], atol=5.1e-5)
    np.testing.assert_allclose(table["base_mean"] * 100, [0.0249, 0.0623, 0.1786, 0.4691], atol=5.1e-5)
