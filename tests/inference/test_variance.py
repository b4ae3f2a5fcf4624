from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from backtest.inference.variance import (
    ewma_variance,
    expected_variance,
    nonnegative_slopes,
    realised_variance,
    window_sums,
)

from ..slow_shift import slow_realised

NAN = float("nan")
DAILY = st.lists(st.one_of(st.floats(-0.1, 0.1), st.just(NAN)), min_size=1, max_size=60)


def of_the_spread(daily):
    """The spread's own EWMA variance as the only measure."""
    return ewma_variance(daily)[:, None]


def slow_ewma(daily):
    """RiskMetrics: 0.94 of yesterday's variance and 0.06 of today's square; the first 21 squares make the start."""
    seen = [x for x in daily if not math.isnan(x)]
    found, variance = [], NAN
    for x in daily:
        if not math.isnan(x):
            if math.isnan(variance):
                start = seen[:21]
                variance = sum(s * s for s in start) / len(start)
            variance = 0.94 * variance + 0.06 * x * x
        found.append(variance)
    return found


@given(DAILY)
def test_ewma_agrees_with_a_loop(daily):
    np.testing.assert_allclose(ewma_variance(np.array(daily)), slow_ewma(daily), rtol=1e-12, atol=1e-18)


def test_ewma_by_hand():
    # Squares 1, 9, gap, 4: start (1 + 9 + 4)/3; then 0.94 * 14/3 + 0.06 * 1, and so on; the gap changes nothing.
    first = 0.94 * 14 / 3 + 0.06
    second = 0.94 * first + 0.54
    np.testing.assert_allclose(
        ewma_variance(np.array([NAN, 1, 3, NAN, -2])), [NAN, first, second, second, 0.94 * second + 0.24], rtol=1e-15
    )


def test_ewma_of_nothing_is_nothing():
    assert np.isnan(ewma_variance(np.full(3, NAN))).all()


def ends(n, horizon, lag=0):
    return np.arange(n) + lag + horizon


LEVELS = st.lists(st.one_of(st.floats(0.5, 200), st.just(NAN)), min_size=1, max_size=40)


@given(LEVELS, st.integers(1, 8), st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_realised_variance_agrees_with_a_walk_along_each_path(asset, horizon, lag, seed):
    benchmark = np.random.default_rng(seed).uniform(1, 9, len(asset)).tolist()
    for legs in ([asset], [asset, benchmark]):
        expected = []
        for t in range(len(asset)):
            windows = [leg[t + lag : t + lag + horizon + 1] for leg in legs]
            if len(windows[0]) < horizon + 1:
                expected.append(NAN)
                continue
            expected.append(slow_realised(windows, horizon))
        found = realised_variance([np.array(leg) for leg in legs], ends(len(asset), horizon, lag), lag)
        scale = max(1.0, *(x for x in expected if x == x), 0.0)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * scale)


def test_realised_variance_by_hand():
    # 100 doubles, then loses a tenth of it: changes of 1 and of -0.2 since entry. The benchmark's: 0.5 and 0.
    level, other = np.array([100.0, 200.0, 180.0]), np.array([10.0, 15.0, 15.0])
    np.testing.assert_allclose(realised_variance([level], ends(3, 2), 0), [1.04, NAN, NAN], rtol=1e-15)
    np.testing.assert_allclose(
        realised_variance([level, other], ends(3, 2), 0), [0.5**2 + 0.2**2, NAN, NAN], rtol=1e-12
    )


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60), st.data())
def test_window_sums_agree_with_slices(values, data):
    length = data.draw(st.integers(1, len(values)))
    expected = [math.fsum(values[t : t + length]) for t in range(len(values) - length + 1)]
    np.testing.assert_allclose(window_sums(np.array(values), length), expected, rtol=1e-9, atol=1e-6)


def test_small_values_are_not_lost_behind_large_ones():
    # After a fall to a ten-millionth, cumulative sums of squares would know nothing of what comes.
    level = np.concatenate((np.full(50, 1e8), 10 + 0.1 * np.arange(50) % 0.2))
    found = realised_variance([level], ends(100, 5), 0)[60]
    path = level[60:66] / level[60]
    np.testing.assert_allclose(found, np.sum(np.diff(path) ** 2), rtol=1e-12)


def squares_ahead(daily, horizon, lag):
    """Sum the squares of the sessions after entry; NaN where one of them is not there."""
    n = len(daily)
    return np.array(
        [np.sum(daily[t + lag + 1 : t + lag + 1 + horizon] ** 2) if t + lag + horizon < n else NAN for t in range(n)]
    )


@pytest.mark.parametrize(("horizon", "lag"), [(1, 0), (5, 0), (21, 1)])
def test_the_expected_variance_is_the_line_that_numpy_fits(horizon, lag):
    rng = np.random.default_rng(horizon)
    volatility = np.repeat(rng.permutation(np.linspace(0.005, 0.03, 6)), 100)
    daily = rng.normal(0, 1, 600) * volatility
    eligible = np.arange(600) >= 100
    now = np.array(slow_ewma(daily.tolist()))
    ahead = squares_ahead(daily, horizon, lag)
    fitted = [t for t in range(100, 600) if t + lag + horizon < 600]
    slope, constant = np.polyfit(now[fitted], ahead[fitted], 1)
    assert slope > 0
    line = np.maximum(constant + slope * now, 0.1 * ahead[fitted].mean())
    np.testing.assert_allclose(expected_variance(ahead, of_the_spread(daily), eligible), line, rtol=1e-9)
    matrix = np.column_stack((np.ones(len(fitted)), now[fitted]))
    solved = np.linalg.lstsq(matrix, ahead[fitted], rcond=None)[0]
    np.testing.assert_allclose([constant, slope], solved, rtol=1e-6)


def test_variance_that_would_fall_when_turbulence_rises_is_taken_as_constant():
    # Squares 1, 0, 1, 0, …: after a large one comes a small one, so that the line would fall.
    daily = np.tile([1.0, 0.0], 30)
    found = expected_variance(squares_ahead(daily, 1, 0), of_the_spread(daily), np.ones(60, dtype=bool))
    np.testing.assert_allclose(found, 29 / 59, rtol=1e-12)  # of the 59 squares that follow a session, 29 are 1


def test_the_line_never_falls_below_a_tenth_of_its_mean():
    # Fitted where turbulence went on and where a half-calm turned calm, the line is negative in the calm.
    rng = np.random.default_rng(6)
    daily = rng.normal(0, 1, 400) * np.repeat(rng.permutation(np.linspace(0.001, 0.03, 8)), 50)
    now, ahead = np.array(slow_ewma(daily.tolist()))[:-1], daily[1:] ** 2
    low, middle, high = np.quantile(now, [0.3, 0.5, 0.8])
    eligible = ((now > high) & (ahead > now)) | ((now > low) & (now < middle) & (ahead < now / 10))
    slope, constant = np.polyfit(now[eligible], ahead[eligible], 1)
    least = 0.1 * ahead[eligible].mean()
    assert constant + slope * now.min() < 0
    found = expected_variance(squares_ahead(daily, 1, 0), of_the_spread(daily), np.append(eligible, False))
    np.testing.assert_allclose(found[:-1], np.maximum(constant + slope * now, least), rtol=1e-9)
    assert found.min() == pytest.approx(least, rel=1e-12)


def test_nothing_to_fit_on_gives_nothing():
    daily = np.array([0.1, 0.2, 0.1])
    assert np.isnan(expected_variance(squares_ahead(daily, 5, 0), of_the_spread(daily), np.ones(3, dtype=bool))).all()
    assert np.isnan(expected_variance(squares_ahead(daily, 1, 0), of_the_spread(daily), np.zeros(3, dtype=bool))).all()


def test_the_variance_on_day_0_knows_nothing_of_what_comes_after():
    rng = np.random.default_rng(8)
    daily = rng.normal(0, 0.01, 200)
    changed = daily.copy()
    changed[120:] *= 9
    np.testing.assert_array_equal(ewma_variance(daily)[:120], ewma_variance(changed)[:120])


@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.sampled_from([-1.0, 0.0, 1.0]))
def test_slopes_are_those_of_scipys_nonnegative_least_squares(seed, columns, sign):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (40, columns)) + rng.normal(0, 1, (40, 1))
    y = sign * x[:, 0] + rng.normal(0, 1, 40)
    x, y = x - x.mean(axis=0), y - y.mean()
    np.testing.assert_allclose(nonnegative_slopes(x, y), nnls(x, y)[0], atol=1e-9)


def test_a_second_measure_that_foretells_the_variance_is_used():
    # The spread's variance follows that of the market, which the spread's own past shows only dimly.
    rng = np.random.default_rng(9)
    scale = np.repeat(rng.uniform(0.5, 3.0, 100), 60)
    market, daily = rng.standard_normal(6000) * scale, rng.standard_t(3, 6000) * scale
    both = np.column_stack((ewma_variance(daily), ewma_variance(market)))
    everywhere = np.ones(6000, dtype=bool)
    one_measure = expected_variance(squares_ahead(daily, 5, 0), both[:, :1], everywhere)
    two_measures = expected_variance(squares_ahead(daily, 5, 0), both, everywhere)
    truth = scale**2
    assert np.corrcoef(two_measures, truth)[0, 1] > np.corrcoef(one_measure, truth)[0, 1] + 0.1


def test_the_line_is_fitted_where_every_measure_is_known():
    rng = np.random.default_rng(10)
    daily = rng.normal(0, 1, 300) * np.repeat([0.01, 0.03, 0.01], 100)
    known = ewma_variance(daily)
    late = np.where(np.arange(300) < 40, NAN, known)
    everywhere = np.ones(300, dtype=bool)
    ahead = squares_ahead(daily, 5, 0)
    found = expected_variance(ahead, np.column_stack((known, late)), everywhere)
    after = expected_variance(ahead, np.column_stack((known, known)), np.arange(300) >= 40)
    np.testing.assert_array_equal(found[40:], after[40:])
    assert len(set(found[:40])) == 1  # the mean, as the second measure is not known yet
    assert len(set(found[40:])) > 200
