"""The stationary bootstrap beside arch's, and its draws beside what Politis and Romano derived."""

from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from scipy import stats

from backtest.inference.opinions.stationary_bootstrap import bootstrap_p, stationary_indices

DRAWS = 20_000


def excess(n, seed=1):
    rng = np.random.default_rng(seed)
    return np.convolve(rng.normal(0, 0.05, n + 3), np.ones(4) / 4, "valid") + 0.01


@pytest.mark.parametrize(("n", "block"), [(1, 1), (5, 2), (30, 4), (100, 12)])
def test_with_archs_indices_p_is_archs(n, block):
    values = excess(n)
    theirs = StationaryBootstrap(block, values, seed=7)
    means = theirs.apply(np.mean, 999)[:, 0]
    again = StationaryBootstrap(block, values, seed=7)
    indices = np.array([again.index.copy() for _ in again.bootstrap(999)])
    np.testing.assert_allclose(values[indices].mean(axis=1), means, rtol=0, atol=1e-16)
    far = np.abs(means - values.mean()) >= abs(values.mean()) * (1 - 1e-9)
    assert bootstrap_p(values, indices) == (1 + far.sum()) / 1000


@pytest.mark.parametrize(("n", "block"), [(1, 1), (7, 1), (7, 3.5), (40, 6), (12, 30)])
def test_draws_follow_the_law(n, block):
    """Every position is as likely everywhere; the next one follows with chance 1 - 1/L, or where a new block begins."""
    draws = stationary_indices(n, block, DRAWS, np.random.default_rng(3))
    assert draws.shape == (DRAWS, n)
    for column in (0, n // 2, n - 1):
        if n > 1:
            assert stats.chisquare(np.bincount(draws[:, column], minlength=n)).pvalue > 1e-4
    if n > 1:
        follows = draws[:, 1:] == (draws[:, :-1] + 1) % n
        expected = 1 - 1 / block + 1 / (block * n)
        error = np.sqrt(expected * (1 - expected) / follows.size)
        assert abs(follows.mean() - expected) <= 4 * error + 1e-12
        pairs = follows[:, :-1] & follows[:, 1:]  # one step knows nothing of the other
        assert n < 3 or abs(pairs.mean() - expected**2) < 4 * np.sqrt(expected / follows.size * 3)


@pytest.mark.parametrize(("n", "block"), [(25, 1), (25, 4), (60, 10)])
def test_the_spread_of_resampled_means_is_politis_and_romanos(n, block):
    """Politis and Romano (1994), lemma 1, gives it without resampling."""
    values = excess(n)
    centred = values - values.mean()
    covariances = [float(np.dot(centred[lag:], centred[: n - lag])) / n for lag in range(n)]
    q = 1 - 1 / block
    weights = [(1 - lag / n) * q**lag + lag / n * q ** (n - lag) for lag in range(1, n)]
    expected = (covariances[0] + 2 * np.dot(weights, covariances[1:])) / n
    means = values[stationary_indices(n, block, DRAWS, np.random.default_rng(5))].mean(axis=1)
    assert means.var() == pytest.approx(expected, rel=4 * np.sqrt(2 / DRAWS))


def test_the_seed_decides():
    one, two, other = (stationary_indices(20, 3, 50, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one == two).all()
    assert (one != other).any()


def test_p_by_hand():
    # Of two observations 0 and 2 the mean is 1: resamples of 0, 0 and of 2, 2 are as far from it as it is from zero.
    indices = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    assert bootstrap_p(np.array([0.0, 2.0]), indices) == 3 / 5
    assert bootstrap_p(np.array([1.0, 2.0]), indices) == 1 / 5


def test_a_block_has_at_least_one_observation():
    with pytest.raises(ValueError, match=r"mean block length 0\.5: at least 1 is needed"):
        stationary_indices(5, 0.5, 10, np.random.default_rng(1))
