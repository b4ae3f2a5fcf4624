"""Abnormal returns, compared with R's estudy2, with statsmodels and with counts by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from backtest.abnormal.abnormal_returns import abnormal_returns
from backtest.abnormal.event_positions import AFTER_DATA, BEFORE_DATA, NO_RETURN, SINGULAR, TOO_FEW, EventPositions
from backtest.abnormal.event_window import EventWindow
from backtest.errors import StudyRefused

WINDOW = EventWindow(-2, 3, 60, 4, 30)


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(5)
    factors = rng.normal(0.0003, 0.01, (200, 3))
    returns = 0.0002 + factors @ rng.normal(1.0, 0.3, (3, 6)) + rng.normal(0, 0.02, (200, 6))
    returns[rng.random(returns.shape) < 0.05] = np.nan
    return returns, factors


def events(*pairs):
    return EventPositions(
        np.array([a for a, _ in pairs], dtype=np.int64), np.array([t for _, t in pairs], dtype=np.int64)
    )


@pytest.fixture(scope="module")
def estudy2(shared: Path) -> Path:
    folder = shared / "oracles" / "estudy2"
    if not folder.is_dir():
        pytest.skip("needs the published answers of estudy2, which are not part of this repository")
    return folder


def rows_of(path):
    with path.open() as file:
        return list(csv.DictReader(file))


def test_estudy2_coefficients_and_mean_abnormal_returns(estudy2):
    prices, market = rows_of(estudy2 / "prices.csv"), rows_of(estudy2 / "prices_indx.csv")
    names = list(prices[0])[1:]
    levels = np.array([[float(row[n]) if row[n] != "NA" else np.nan for n in names] for row in prices])
    index = np.array([[float(row["^GSPC"])] for row in market])
    day0 = [row["date"] for row in prices].index("2020-03-16") - 1  # a return fewer than prices
    logs = [np.diff(np.log(of), axis=0) for of in (levels, index)]  # the vignette cumulates log returns
    found = abnormal_returns(*logs, events(*((i, day0) for i in range(7))), "market", EventWindow(0, 4, 240))
    expected = rows_of(estudy2 / "market_model_coefficients.csv")
    assert found.estimated.observations.tolist() == [int(row["est_len"]) for row in expected]
    np.testing.assert_allclose(found.estimated.alpha, [float(r["alpha"]) for r in expected], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.estimated.beta[:, 0], [float(r["beta"]) for r in expected], rtol=0, atol=1e-10)
    means = [float(row["mean"]) for row in rows_of(estudy2 / "expected_parametric.csv")]
    np.testing.assert_allclose(found.aar, means, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("model", "k"), [("constant_mean", 0), ("market", 1), ("ff3", 3)])
def test_estimate_and_forecast_error_are_those_of_statsmodels(panel, model, k):
    returns, factors = panel[0], panel[1][:, :k]
    given = events((0, 100), (1, 120), (1, 122))
    found = abnormal_returns(returns, factors, given, model, WINDOW)
    for i, (asset, day0) in enumerate(zip(given.asset, given.day0, strict=True)):
        before, during = slice(day0 - 66, day0 - 6), slice(day0 - 2, day0 + 4)
        fit = sm.OLS(returns[before, asset], sm.add_constant(factors[before], has_constant="add"), missing="drop").fit()
        x = sm.add_constant(factors[during], has_constant="add")
        if not k:
            fit = sm.OLS(returns[before, asset], np.ones(60), missing="drop").fit()
            x = np.ones((6, 1))
        np.testing.assert_allclose([found.estimated.alpha[i], *found.estimated.beta[i]], fit.params, atol=1e-12)
        np.testing.assert_allclose(found.estimated.sigma[i] ** 2, fit.scale, rtol=1e-10)
        np.testing.assert_allclose(found.ar[i], returns[during, asset] - x @ fit.params, atol=1e-12)
        ahead = fit.get_prediction(x)
        np.testing.assert_allclose(np.diag(found.covariance[i]), ahead.se_obs**2, rtol=1e-10)
        whole = fit.scale * np.eye(6) + x @ fit.cov_params() @ x.T
        np.testing.assert_allclose(found.covariance[i], whole, rtol=1e-9, atol=1e-16)
        np.testing.assert_allclose(found.car_deviation[i] ** 2, whole.sum(), rtol=1e-9)


def test_market_adjusted_returns_have_no_forecast_error(panel):
    returns, market = panel[0], panel[1][:, :1]
    found = abnormal_returns(returns, market, events((0, 100)), "market_adjusted", WINDOW)
    away = (returns[:, 0] - market[:, 0])[34:94]
    np.testing.assert_allclose(found.ar[0], returns[98:104, 0] - market[98:104, 0], atol=1e-15)
    np.testing.assert_allclose(found.covariance[0], np.nanvar(away, ddof=1) * np.eye(6), atol=1e-15)


def test_buy_and_hold_by_hand():
    returns = np.zeros((12, 1))
    returns[:10, 0] = [0.01, -0.01] * 5
    returns[10:, 0] = [0.1, -0.2]
    found = abnormal_returns(returns, np.empty((12, 0)), events((0, 10)), "constant_mean", EventWindow(0, 1, 10, 0, 5))
    np.testing.assert_allclose(found.car[0], [0.1, -0.1], atol=1e-15)
    np.testing.assert_allclose(found.bhar[0], [0.1, 1.1 * 0.8 - 1], atol=1e-15)


def test_every_event_is_measured_or_left_out_for_a_reason(panel):
    returns, market = panel[0].copy(), panel[1][:, :1].copy()
    returns[150:, 4] = np.nan  # delisted
    returns[:90, 5] = np.nan  # listed late
    given = events((0, 100), (0, 1), (0, 198), (0, 20), (4, 160), (5, 110), (0, 103))
    found = abnormal_returns(returns, market, given, "market", WINDOW)
    assert {reason: which.tolist() for reason, which in found.excluded.items()} == {
        BEFORE_DATA: [1],
        AFTER_DATA: [2],
        TOO_FEW: [3, 5],
        NO_RETURN: [4],
    }
    assert found.position.tolist() == [0, 6]
    assert found.overlapping.tolist() == [True, True]
    market[:] = 0.01
    assert list(abnormal_returns(returns, market, events((0, 100)), "market", WINDOW).excluded) == [SINGULAR]


def test_an_event_outside_the_panel_is_refused(panel):
    with pytest.raises(StudyRefused, match="asset 6 of event 0: 0 to 5"):
        abnormal_returns(panel[0], panel[1][:, :1], events((6, 100)), "market", WINDOW)


def test_blocks_of_events_change_nothing(panel, monkeypatch):
    rng = np.random.default_rng(9)
    given = EventPositions(rng.integers(0, 6, 50), rng.integers(0, 200, 50))
    whole = abnormal_returns(panel[0], panel[1][:, :1], given, "market", WINDOW)
    monkeypatch.setattr("backtest.abnormal.abnormal_returns.BLOCK", 7)
    parts = abnormal_returns(panel[0], panel[1][:, :1], given, "market", WINDOW)
    for name in ("position", "ar", "normal", "residual", "covariance", "untraded", "overlapping"):
        np.testing.assert_array_equal(getattr(parts, name), getattr(whole, name))
    np.testing.assert_array_equal(parts.estimated.beta, whole.estimated.beta)
    assert {why: which.tolist() for why, which in parts.excluded.items()} == {
        why: which.tolist() for why, which in whole.excluded.items()
    }
    assert sorted([*parts.position, *(one for which in parts.excluded.values() for one in which)]) == list(range(50))


def test_no_events_at_all(panel):
    found = abnormal_returns(panel[0], panel[1][:, :1], events(), "market", WINDOW)
    assert (len(found), found.excluded) == (0, {})
    assert np.isnan(found.caar).all()
