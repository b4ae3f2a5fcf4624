"""Twelve traps that published packages fell into, each with the figures or the loop that shows it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from backtest import Dataset, Strategy, panel_of_frame, study_panel
from backtest.abnormal.abnormal_returns import abnormal_returns
from backtest.abnormal.across_events import BMP, BMP_MODEL, CROSS_SECTIONAL, KOLARI_PYNNONEN, PATELL
from backtest.abnormal.calendar_time import CALENDAR_TIME, portfolio_returns
from backtest.abnormal.classical import window_returns
from backtest.abnormal.event_positions import EventPositions, sessions_on_or_after
from backtest.abnormal.event_window import EventWindow
from backtest.abnormal.ranks import CORRADO_RANK
from backtest.abnormal.row_ranks import ranks_of
from backtest.abnormal.signs import SIGN
from backtest.panel.abnormal_tables import placebo_columns
from tests.abnormal.worlds import holed


@pytest.mark.parametrize(("n", "published"), [(120, 1.02), (30, 1.08)])
def test_trap_1_the_variance_of_a_car_has_three_terms(n, published):
    rng = np.random.default_rng(n)
    length, bare, whole, expected = 11, [], [], []
    for _ in range(60):
        market = rng.normal(0, 0.01, (n + length, 1))
        returns = market + rng.normal(0, 0.02, (n + length, 500))
        events = EventPositions(np.arange(500), np.full(500, n))
        found = abnormal_returns(returns, market, events, "market", EventWindow(0, length - 1, n, 0, n))
        returns_of = window_returns(found, 0, length - 1)
        whole.append((returns_of.scar**2).mean())
        bare.append((returns_of.car**2 / (found.estimated.sigma**2 * length)).mean())
        before, after = market[:n, 0], market[n:, 0]
        terms = length + length**2 / n + (after - before.mean()).sum() ** 2 / ((before - before.mean()) ** 2).sum()
        expected.append(terms / length * (n - 2) / (n - 4))
    assert np.mean(whole) == pytest.approx(published, abs=0.02)
    assert np.mean(bare) == pytest.approx(np.mean(expected), rel=0.02)
    assert np.mean(bare) > np.mean(whole) * (1 + 0.9 * length / n)


def test_trap_2_an_event_is_one_row_however_many_events_its_asset_has():
    """Given in no order: each row is that of its own asset and session, and there is one for each event."""
    returns = np.random.default_rng(4).normal(0, 0.02, (120, 3))
    events = EventPositions(np.array([1, 0, 1, 2, 1]), np.array([80, 60, 62, 60, 100]))
    found = abnormal_returns(returns, np.empty((120, 0)), events, "constant_mean", EventWindow(-1, 3, 40, 0, 40))
    assert found.position.tolist() == [0, 1, 2, 3, 4]
    for row, (asset, day0) in enumerate(zip(events.asset, events.day0, strict=True)):
        mean = returns[day0 - 41 : day0 - 1, asset].mean()
        np.testing.assert_allclose(found.ar[row], returns[day0 - 1 : day0 + 4, asset] - mean, rtol=0, atol=1e-15)
    assert window_returns(found, 0, 3).ar.shape == (5, 4)


def two_of_one_date(shared: int):
    """Two events of one date whose estimation windows share so many sessions."""
    rng = np.random.default_rng(5)
    residual = rng.normal(0, 0.02, (80, 2))
    residual[40 + shared :, 0] = np.nan
    residual[:40, 1] = np.nan
    returns = np.concatenate((residual, rng.normal(0, 0.02, (3, 2))))
    events, window = EventPositions(np.arange(2), np.full(2, 80)), EventWindow(0, 2, 80, 0, 30)
    return abnormal_returns(returns, np.empty((83, 0)), events, "constant_mean", window)


def test_trap_3_an_unknown_correlation_is_no_correction_of_one():
    for test in (KOLARI_PYNNONEN, CALENDAR_TIME):
        said = test(window_returns(two_of_one_date(9), 0, 0))
        assert said.statistic is None
        assert said.p_value is None
        assert said.reason == (
            "the correlation of 1 pair of events at the same time is unknown: their estimation windows share fewer "
            "than 10 sessions"
        )
        assert test(window_returns(two_of_one_date(10), 0, 0)).statistic is not None


def test_trap_3_each_day_has_its_own_number_of_events():
    found = holed()
    ar = found.ar.copy()
    ar[2, 4] = np.nan  # an event lacks offset 2
    some = replace(found, ar=ar)
    for test in (KOLARI_PYNNONEN, PATELL, CROSS_SECTIONAL, SIGN):
        without = test(window_returns(found.only(np.arange(8) != 2), 2, 2))
        assert test(window_returns(some, 2, 2)) == without
        assert without.n == 7
        assert test(window_returns(some, 1, 1)).n == 8


def test_trap_4_two_events_of_a_firm_are_two():
    found = holed()
    firm = found.only(found.events.asset == 0)
    assert len(firm) == 2
    assert {SIGN(window_returns(firm, 0, 0)).n, CORRADO_RANK(window_returns(firm, 0, 0)).n} == {2}
    everything = np.concatenate((firm.residual, firm.ar), axis=1)
    for row, ranks in zip(everything, ranks_of(everything), strict=True):
        known = row[np.isfinite(row)]
        np.testing.assert_array_equal(ranks[np.isfinite(row)], [(known <= one).sum() for one in known])


@pytest.mark.parametrize(("model", "k", "parameters"), [("constant_mean", 0, 1), ("market", 1, 2), ("ff3", 3, 4)])
def test_trap_5_patells_degrees_of_freedom_count_the_parameters(model, k, parameters):
    rng = np.random.default_rng(6)
    factors = rng.normal(0, 0.01, (53, k))
    events, window = EventPositions(np.arange(5), np.full(5, 50)), EventWindow(0, 2, 50, 0, 50)
    found = abnormal_returns(rng.normal(0, 0.02, (53, 5)), factors, events, model, window)
    returns = window_returns(found, 0, 0)
    freedom = 50 - parameters
    expected = returns.scar.sum() / np.sqrt(5 * freedom / (freedom - 2))
    assert PATELL(returns).statistic == pytest.approx(expected, rel=1e-12)


def test_trap_6_the_portfolios_deviation_comes_from_the_estimation_window():
    found = holed()
    wild = replace(found, ar=10 * found.ar)
    calm, moved = (portfolio_returns(window_returns(one, 0, 3)) for one in (found, wild))
    np.testing.assert_array_equal(calm[1], moved[1])
    np.testing.assert_allclose(moved[0], 10 * calm[0], rtol=1e-9, atol=1e-15)


def test_trap_7_a_market_adjusted_return_has_no_forecast_error():
    rng = np.random.default_rng(7)
    market = rng.normal(0, 0.01, (44, 1))
    events, window = EventPositions(np.arange(5), np.full(5, 40)), EventWindow(0, 3, 40, 0, 40)
    found = abnormal_returns(rng.normal(0, 0.02, (44, 5)), market, events, "market_adjusted", window)
    returns = window_returns(found, 0, 3)
    np.testing.assert_allclose(returns.scar, returns.car / (2 * found.estimated.sigma), rtol=1e-12)
    assert BMP(returns).statistic == pytest.approx(BMP_MODEL(returns).statistic, rel=1e-12)


def test_trap_8_bmp_is_offered_with_either_sigma_and_says_which():
    returns = window_returns(holed(), -2, 5)
    forecast, model = BMP(returns).statistic, BMP_MODEL(returns).statistic
    assert abs(forecast - model) > 1e-3
    assert (BMP.name, BMP_MODEL.name) == ("BMP, forecast-error sigma", "BMP, model sigma")


def test_trap_9_missing_draws_leave_the_denominator():
    drawn = np.array([[0.5], [np.nan], [-0.1], [np.nan], [0.05]])
    table = placebo_columns(np.array([0]), np.array([0.2]), drawn)
    assert table["shifts"].tolist() == [3]
    assert table["p_value"].tolist() == [(1 + 1) / (1 + 3)]
    assert table["placebo_mean"].tolist() == [pytest.approx(0.15)]
    assert (table["placebo_low"].tolist(), table["placebo_high"].tolist()) == ([-0.1], [0.5])
    none = placebo_columns(np.array([0]), np.array([0.2]), np.full((2, 1), np.nan))
    assert np.isnan(none["p_value"]).all()
    assert np.isnan(none["placebo_low"]).all()


def test_trap_10_an_event_off_sessions_belongs_to_the_next_session():
    sessions = np.array(["2022-02-03", "2022-02-04", "2022-02-07"], dtype="datetime64[D]")
    given = np.array(["2022-02-03", "2022-02-05", "2022-02-06", "2022-02-08"], dtype="datetime64[D]")
    assert sessions_on_or_after(sessions, given).tolist() == [0, 2, 2, 3]


def test_trap_11_returns_are_compounded_and_logs_are_not_summed():
    rng = np.random.default_rng(11)
    returns = rng.normal(0, 0.03, (300, 200))
    market = np.zeros((300, 1))
    events, window = EventPositions(np.arange(200), np.full(200, 50)), EventWindow(0, 249, 50, 0, 50)
    found = abnormal_returns(returns, market, events, "market_adjusted", window)
    compounded = np.prod(1 + returns[50:], axis=0) - 1
    np.testing.assert_allclose(found.bhar[:, -1], compounded, rtol=1e-9)
    np.testing.assert_allclose(found.car[:, -1], returns[50:].sum(axis=0), rtol=1e-9, atol=1e-12)
    logs = np.log1p(returns[50:]).sum(axis=0)
    assert (found.car[:, -1] - logs).mean() == pytest.approx(250 * 0.03**2 / 2, rel=0.05)


def test_trap_12_a_placebo_shows_a_normal_return_that_drifts_by_itself():
    """Assets gain 0.1% a session more than the market: what a market-adjusted event gives, any other date gives."""
    rng = np.random.default_rng(12)
    days = pd.bdate_range("2001-01-01", periods=800)
    market = rng.normal(0, 0.01, 800)
    levels = np.cumprod(1 + market[:, None] + 0.001 + rng.normal(0, 0.005, (800, 12)), axis=0)
    common = Dataset.from_frame(pd.DataFrame({"market": np.cumprod(1 + market)}, index=days), simulated=True)
    long = pd.DataFrame(levels, days, list("ABCDEFGHIJKL")).rename_axis("session").reset_index()
    panel = panel_of_frame(long.melt("session", var_name="symbol", value_name="close"), common)
    falls = Strategy.of(
        {"use": "move", "series": "close", "sessions": 1, "threshold": 0.02, "direction": "down"},
        measure={"asset": "close", "benchmark": "market"},
        study={"model": "market_adjusted", "event_window": [1, 120], "estimation": 60, "minimum": 60},
    )
    abnormal = study_panel(falls, panel).abnormal
    reasons = abnormal.classical_tests.set_index("test")["reason"]
    assert "share fewer than 10 sessions" in reasons["kolari_pynnonen"]  # windows twice as long as those of estimation
    last = abnormal.placebo(19).set_index("offset").loc[120]
    assert last["caar"] == pytest.approx(0.12, abs=0.03)
    assert abnormal.classical_tests.set_index("test").loc["cross_sectional_t", "p_value"] < 0.001
    assert last["placebo_mean"] == pytest.approx(0.12, abs=0.03)
    assert last["p_value"] > 0.1
    assert last["shifts"] == 19
    assert last["placebo_low"] < last["placebo_mean"] < last["placebo_high"]  # other times, and not the same again
