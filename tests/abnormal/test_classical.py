"""The classical tests against statsmodels, SciPy and slow loops that do not use them."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats as st
import statsmodels.api as sm

from backtest.abnormal.abnormal_returns import abnormal_returns
from backtest.abnormal.across_events import BMP, BMP_MODEL, BY_DATE, CROSS_SECTIONAL, KOLARI_PYNNONEN, PATELL
from backtest.abnormal.all_tests import CLASSICAL_TESTS
from backtest.abnormal.brown_warner import BROWN_WARNER_1980, BROWN_WARNER_1985, LAMB
from backtest.abnormal.calendar_time import CALENDAR_TIME, portfolio_returns
from backtest.abnormal.classical import window_returns
from backtest.abnormal.dependence import dependence_of
from backtest.abnormal.event_positions import EventPositions
from backtest.abnormal.event_window import EventWindow
from backtest.abnormal.ranks import GRANK
from backtest.abnormal.row_ranks import ranks_of
from backtest.abnormal.signs import SIGN, WILCOXON
from backtest.errors import StudyRefused
from tests.abnormal.worlds import holed, one_date

WINDOWS = [(0, 0), (0, 3), (-2, 5)]


@pytest.fixture(scope="module")
def found():
    return holed()


def shared_residuals(found, i, j):
    """Residuals of two events on the sessions of the panel that both estimation windows hold, about their mean."""
    of = []
    for event in (i, j):
        mine = found.residual[event]
        scale = np.sqrt(found.estimated.observations[event] / found.estimated.freedom[event])
        rows = found.estimation_rows[event]
        of.append({row: value * scale for row, value in zip(rows, mine - np.nanmean(mine), strict=True)})
    both = [row for row in of[0] if row in of[1] and np.isfinite(of[0][row]) and np.isfinite(of[1][row])]
    return [np.array([one[row] for row in both]) for one in of]


def covariance_and_correlation(found, i, j):
    one, other = shared_residuals(found, i, j)
    return (one * other).mean(), (one @ other) / np.sqrt((one @ one) * (other @ other))


@pytest.mark.parametrize(("first", "last"), WINDOWS)
def test_t_and_clustered_t_are_those_of_statsmodels(found, first, last):
    returns = window_returns(found, first, last)
    fit = sm.OLS(returns.car, np.ones(len(returns)))
    plain = fit.fit()
    said = CROSS_SECTIONAL(returns)
    np.testing.assert_allclose([said.statistic, said.p_value], [plain.tvalues[0], plain.pvalues[0]], rtol=1e-10)
    groups = returns.found.events.day0
    clustered = fit.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": True}, use_t=True)
    said = BY_DATE(returns)
    assert said.freedom == len(set(groups)) - 1
    np.testing.assert_allclose([said.statistic, said.p_value], [clustered.tvalues[0], clustered.pvalues[0]], rtol=1e-9)


@pytest.mark.parametrize(("first", "last"), WINDOWS)
def test_standardised_tests_by_loop(found, first, last):
    returns = window_returns(found, first, last)
    own, forecast, freedom = [], [], []
    for event in range(len(returns)):
        sigma, car = returns.found.estimated.sigma[event], returns.ar[event].sum()
        whole = returns.found.covariance[event][first + 2 : last + 3, first + 2 : last + 3].sum()
        own.append(car / (sigma * np.sqrt(last - first + 1)))
        forecast.append(car / np.sqrt(whole))
        freedom.append(returns.found.estimated.observations[event] - 2)
    z = sum(forecast) / np.sqrt(sum(f / (f - 2) for f in freedom))
    said = PATELL(returns)
    np.testing.assert_allclose([said.statistic, said.p_value], [z, 2 * st.norm.sf(abs(z))], rtol=1e-10)
    for test, values in ((BMP, forecast), (BMP_MODEL, own)):
        said, other = test(returns), st.ttest_1samp(values, 0.0)
        np.testing.assert_allclose([said.statistic, said.p_value], [other.statistic, other.pvalue], rtol=1e-10)


@pytest.mark.parametrize(("first", "last"), WINDOWS)
def test_brown_warner_by_loop(found, first, last):
    returns = window_returns(found, first, last)
    n, length, residual = len(returns), last - first + 1, returns.found.residual
    squares = sum(float(np.nansum(residual[i] ** 2)) / (np.isfinite(residual[i]).sum() - 2) for i in range(n))
    z = returns.ar.sum() / np.sqrt(length * squares)
    said = BROWN_WARNER_1980(returns)
    np.testing.assert_allclose([said.statistic, said.p_value], [z, 2 * st.norm.sf(abs(z))], rtol=1e-10)
    means = [np.mean(column[np.isfinite(column)]) for column in residual.T if np.isfinite(column).any()]
    freedom = len(means) - 2
    t = returns.ar.sum() / n / np.sqrt(length * np.var(means) * len(means) / freedom)
    said = BROWN_WARNER_1985(returns)
    np.testing.assert_allclose(
        [said.statistic, said.freedom, said.p_value], [t, freedom, 2 * st.t.sf(abs(t), freedom)], rtol=1e-10
    )
    variance = sum(returns.found.covariance[i][first + 2 : last + 3, first + 2 : last + 3].sum() for i in range(n))
    lamb = t / np.sqrt(variance / (length * squares))
    said = LAMB(returns)
    np.testing.assert_allclose(
        [said.statistic, said.freedom, said.p_value], [lamb, freedom, 2 * st.t.sf(abs(lamb), freedom)], rtol=1e-10
    )


@pytest.mark.parametrize("length", [1, 5])
def test_lamb_is_the_t_of_dummy_variables_in_a_regression_of_the_portfolio(length):
    """On one date without holes: statsmodels, a dummy for each session of the window, and the test of their sum."""
    rng = np.random.default_rng(8)
    market = rng.normal(0.0003, 0.01, (60 + length, 1))
    returns = market * rng.normal(1, 0.3, 4) + rng.normal(0, 0.01, market.shape) + rng.normal(0, 0.02, (len(market), 4))
    events, window = EventPositions(np.arange(4), np.full(4, 60)), EventWindow(0, length - 1, 60, 0, 60)
    found = abnormal_returns(returns, market, events, "market", window)
    dummies = np.vstack((np.zeros((60, length)), np.eye(length)))
    fit = sm.OLS(returns.mean(axis=1), np.hstack((np.ones_like(market), market, dummies))).fit()
    expected = fit.t_test(np.array([0.0, 0.0, *[1.0] * length]))
    said = LAMB(window_returns(found, 0, length - 1))
    assert said.freedom == fit.df_resid == 58
    np.testing.assert_allclose(said.statistic, expected.tvalue.item(), rtol=1e-9)
    np.testing.assert_allclose(said.p_value, expected.pvalue.item(), rtol=1e-9)


def test_where_the_mean_does_not_vary_there_is_no_answer():
    up = np.random.default_rng(9).normal(size=(30, 1))
    found = one_date(np.hstack((up, -up)), np.array([[0.1, 0.2]]))
    for test in (BROWN_WARNER_1985, LAMB):
        said = test(window_returns(found, 0, 0))
        assert (said.n, said.statistic, said.p_value) == (2, None, None)
        assert said.reason == "the mean abnormal return does not vary in the estimation window"


@pytest.mark.parametrize(("first", "last"), WINDOWS)
def test_kolari_pynnonen_by_loop_over_pairs(found, first, last):
    returns = window_returns(found, first, last)
    n, length = len(returns), last - first + 1
    total = 0.0
    for i in range(n):
        for j in range(n):
            shared = length - abs(int(returns.found.events.day0[i] - returns.found.events.day0[j]))
            if i != j and shared > 0:
                total += shared / length * covariance_and_correlation(returns.found, i, j)[1]
    mean = total / (n * (n - 1))
    expected = BMP(returns).statistic * np.sqrt((1 - mean) / (1 + (n - 1) * mean))
    said = KOLARI_PYNNONEN(returns)
    assert abs(mean) > 0.01
    np.testing.assert_allclose(said.statistic, expected, rtol=1e-10)
    np.testing.assert_allclose(said.p_value, 2 * st.t.sf(abs(expected), n - 1), rtol=1e-9)


def test_the_correlation_of_events_of_one_date_is_numpys():
    rng = np.random.default_rng(2)
    found = one_date(rng.normal(size=(90, 5)) + rng.normal(size=(90, 1)), rng.normal(size=(1, 5)))
    expected = np.corrcoef(found.residual)[np.triu_indices(5, 1)].sum()
    np.testing.assert_allclose(dependence_of(found, 1).correlation, [expected], rtol=1e-10)


@pytest.mark.parametrize(("first", "last"), WINDOWS)
def test_calendar_time_portfolio_by_loop_over_sessions(found, first, last):
    returns = window_returns(found, first, last)
    day0 = returns.found.events.day0
    scaled = []
    means = []
    for session in range(int(day0.min()) + first, int(day0.max()) + last + 1):
        held = np.flatnonzero((session >= day0 + first) & (session <= day0 + last))
        if not len(held):
            continue
        variance = sum(covariance_and_correlation(returns.found, i, j)[0] for i in held for j in held)
        mean = np.mean([returns.ar[i, session - day0[i] - first] for i in held])
        means.append(mean)
        scaled.append(mean / (np.sqrt(variance) / len(held)))
    np.testing.assert_allclose(portfolio_returns(returns)[0], means, rtol=1e-9, atol=1e-15)
    z = sum(scaled) / np.sqrt(len(scaled))
    said = CALENDAR_TIME(returns)
    np.testing.assert_allclose([said.statistic, said.p_value], [z, 2 * st.norm.sf(abs(z))], rtol=1e-8)


def test_ranks_are_scipys_and_missing_ones_stay_missing(found):
    values = np.round(found.residual, 2)  # with ties
    expected = st.rankdata(values, axis=1, nan_policy="omit")
    np.testing.assert_array_equal(ranks_of(values), expected)


@pytest.mark.parametrize(("first", "last"), WINDOWS)
def test_grank_by_loop(found, first, last):
    returns = window_returns(found, first, last)
    scar = returns.scar / np.std(returns.scar, ddof=1)
    scores = []
    for event in range(len(returns)):
        row = np.append(returns.found.residual[event] / returns.found.estimated.sigma[event], scar[event])
        has = np.isfinite(row)
        one = np.full(len(row), np.nan)
        one[has] = st.rankdata(row[has]) / (has.sum() + 1) - 0.5
        scores.append(one)
    scores = np.array(scores)
    n_t = np.isfinite(scores).sum(axis=0)
    mean = np.array([np.nanmean(column) if n else np.nan for column, n in zip(scores.T, n_t, strict=True)])
    t_all = int((n_t > 0).sum())
    z = mean[-1] / np.sqrt(np.nansum(n_t / len(returns) * mean**2) / t_all)
    t = z * np.sqrt((t_all - 2) / (t_all - 1 - z**2))
    said = GRANK(returns)
    np.testing.assert_allclose(
        [said.statistic, said.freedom, said.p_value], [t, t_all - 2, 2 * st.t.sf(abs(t), t_all - 2)], rtol=1e-9
    )


def test_sign_and_signed_rank_are_scipys(found):
    returns = window_returns(found, 0, 3)
    above = int((returns.car > 0).sum())
    assert SIGN(returns).p_value == pytest.approx(st.binomtest(above, len(returns)).pvalue, rel=1e-10)
    assert WILCOXON(returns).p_value == pytest.approx(st.wilcoxon(returns.car).pvalue, rel=1e-12)


def test_every_test_states_its_null_and_gives_a_reason_where_it_has_no_answer(found):
    keys = [test.key for test in CLASSICAL_TESTS]
    assert len(set(keys)) == len(keys)
    none, one = found.only(np.zeros(len(found), bool)), found.only(np.arange(len(found)) == 0)
    for test in CLASSICAL_TESTS:
        assert test.null
        assert test.assumes
        assert test.source
        said = test(window_returns(none, 0, 0))
        assert (said.n, said.statistic, said.p_value) == (0, None, None)
        assert said.reason == "no event has an abnormal return on every session of the window"
        alone = test(window_returns(one, 0, 0))
        assert (alone.statistic is None) == (alone.reason is not None)


def test_a_window_outside_the_event_window_is_refused(found):
    with pytest.raises(StudyRefused, match=r"window \[0, 6\]: it must lie within the event window \[-2, 5\]"):
        window_returns(found, 0, 6)


def test_every_test_is_odd_or_symmetric_in_the_sign_of_returns(found):
    """A portfolio sold instead of bought: statistics change sign, and p stays."""
    from dataclasses import replace

    sold = replace(found, ar=-found.ar, residual=-found.residual)
    for test in CLASSICAL_TESTS:
        one, other = test(window_returns(found, 0, 3)), test(window_returns(sold, 0, 3))
        if test.key == "wilcoxon":
            n = one.n
            assert one.statistic + other.statistic == n * (n + 1) / 2
        else:
            assert other.statistic == pytest.approx(-one.statistic, rel=1e-9)
        assert other.p_value == pytest.approx(one.p_value, rel=1e-9)
