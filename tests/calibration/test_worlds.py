"""The worlds have the moments that they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest

from backtest.calibration.history_worlds import BLOCK, RealReturns, real_returns
from backtest.calibration.named_worlds import SIMULATED, WORLDS, history_world
from backtest.calibration.volatility_worlds import (
    LEVERAGED,
    SYMMETRIC,
    garch,
    garch_volatility,
    gjr,
    gjr_own,
    stochastic_volatility,
    volatility_break,
)
from backtest.calibration.world_task import induced
from backtest.calibration.worlds import iid_normal, iid_t4, splice, two_regimes
from backtest.errors import StudyRefused
from backtest.measure.forward import Leg

N = 200_000


def parts(world, n=N, seed=11):
    """Mean of the legs, and their spread."""
    asset, benchmark = world(np.random.default_rng(seed), n)
    return (asset + benchmark) / 2, asset - benchmark


def autocorrelation(x):
    x = x - x.mean()
    return float((x[1:] * x[:-1]).mean() / (x * x).mean())


def test_iid_normal():
    market, spread = parts(iid_normal)
    error = 1 / math.sqrt(2 * N)  # of a normal deviation, relatively
    assert market.std() == pytest.approx(0.01, rel=5 * error)
    assert spread.std() == pytest.approx(0.006, rel=5 * error)
    assert abs(np.corrcoef(market, spread)[0, 1]) < 5 / math.sqrt(N)
    assert (market**4).mean() / (market**2).mean() ** 2 == pytest.approx(3.0, abs=5 * math.sqrt(24 / N))
    assert abs(autocorrelation(spread)) < 5 / math.sqrt(N)


def test_iid_t4_has_the_tails_of_the_table():
    market, _ = parts(iid_t4)
    for quantile, outside in ((2.776, 0.05), (4.604, 0.01)):  # Student's table, four degrees of freedom, two-sided
        beyond = np.mean(np.abs(market) > 0.01 * quantile / math.sqrt(2))
        assert beyond == pytest.approx(outside, abs=5 * math.sqrt(outside / N))


def test_two_regimes():
    market, spread = parts(two_regimes)
    variance = (0.008**2 + 0.018**2) / 2
    assert (market**2).mean() == pytest.approx(variance + 0.0006**2, rel=0.05)
    assert (spread**2).mean() == pytest.approx(0.36 * variance, rel=0.05)
    assert abs(market.mean()) < 1e-4


def test_splice_is_autocorrelated_in_the_first_half_alone():
    _, spread = parts(splice)
    assert autocorrelation(spread[: N // 2]) == pytest.approx(0.25, abs=5 / math.sqrt(N / 2))
    assert abs(autocorrelation(spread[N // 2 :])) < 5 / math.sqrt(N / 2)


def test_garch_by_hand():
    # omega = 0.0001 * 0.015; after a fall of 2: 0.0000015 + 0.0001 * (0.91 + 0.12 * 4); after a rise of 1 on that
    shocks = np.array([-2.0, 1.0, 0.0])
    first = 0.0000015 + 0.0001 * 1.39
    second = 0.0000015 + first * (0.91 + 0.03)
    expected = [0.01, math.sqrt(first), math.sqrt(second)]
    assert garch_volatility(shocks, 0.01, LEVERAGED) == pytest.approx(expected, rel=1e-14)


def test_garch_stays_at_its_level_when_every_shock_is_of_the_expected_size():
    assert SYMMETRIC.persistence == pytest.approx(0.985)
    assert LEVERAGED.persistence == pytest.approx(0.985)
    assert garch_volatility(np.ones(50), 0.02, SYMMETRIC) == pytest.approx(np.full(50, 0.02), rel=1e-12)
    # rises alone: the variance falls to omega / (1 - alpha - beta) = 0.015 / 0.06 of its level
    assert garch_volatility(np.ones(2000), 0.02, LEVERAGED)[-1] == pytest.approx(0.02 * 0.5, rel=1e-9)


def test_leverage():
    def after_falls_over_after_rises(world):
        market, _ = parts(world)
        today, tomorrow = market[:-1], np.abs(market[1:])
        return tomorrow[today < 0].mean() / tomorrow[today > 0].mean()

    assert after_falls_over_after_rises(gjr) > 1.02
    assert after_falls_over_after_rises(garch) == pytest.approx(1.0, abs=0.01)


def test_legs_of_their_own_are_correlated():
    asset, benchmark = gjr_own(np.random.default_rng(3), N)
    first, second = shocks_behind(asset, 0.012), shocks_behind(benchmark, 0.01)
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0.6, abs=0.02)
    assert first.std() == pytest.approx(1.0, abs=0.02)
    assert second.std() == pytest.approx(1.0, abs=0.02)


def shocks_behind(returns, level):
    """The shocks that a GJR process of alpha 0.03, gamma 0.09, beta 0.91 has had, from its returns alone."""
    variance, shocks = level**2, []
    for r in returns.tolist():
        shocks.append(r / math.sqrt(variance))
        variance = level**2 * 0.015 + 0.91 * variance + (0.12 if r < 0 else 0.03) * r * r
    return np.array(shocks)


def test_stochastic_volatility_has_the_mean_variance_of_the_others():
    market, spread = parts(stochastic_volatility, n=1_000_000)
    assert market.std() == pytest.approx(0.01, rel=0.05)
    assert spread.std() == pytest.approx(0.006, rel=0.05)
    # E log|x| of a normal x is -(gamma + log 2)/2; the mean log volatility is log(0.01) - s^2
    s2 = 0.15**2 / (1 - 0.98**2)
    assert np.log(np.abs(market)).mean() == pytest.approx(math.log(0.01) - s2 - (0.5772157 + math.log(2)) / 2, abs=0.03)


def test_break_doubles_the_last_tenth():
    before, after = (parts(world, n=1000)[1] for world in (gjr, volatility_break))
    assert np.array_equal(after[:900], before[:900])
    assert after[900:] == pytest.approx(2 * before[900:], rel=1e-12)


def test_induced_triples_the_variance_of_the_spread_for_five_sessions():
    asset, benchmark = np.full(20, 0.02), np.full(20, 0.01)
    a, b = induced((asset, benchmark), np.array([3, 6]), 5)
    # day 0 is session 3: the returns of sessions 4 to 8, which stand at 3 to 7; and of 7 to 11
    moved = np.zeros(20, dtype=bool)
    moved[3:11] = True
    assert a - b == pytest.approx(np.where(moved, 0.01 * math.sqrt(3), 0.01), rel=1e-12)
    assert (a + b) / 2 == pytest.approx(np.full(20, 0.015), rel=1e-12)


@pytest.fixture
def real():
    rng = np.random.default_rng(5)
    return RealReturns(rng.normal(0.001, 0.01, 500), rng.normal(0, 0.01, 500))


def test_realwild_keeps_the_path_and_redraws_signs(real):
    world = history_world("realwild", real, "a history")
    asset, benchmark = world.simulate(np.random.default_rng(1), 200)
    spread = (real.asset - real.benchmark)[-200:]
    assert (asset + benchmark) / 2 == pytest.approx((real.asset + real.benchmark)[-200:] / 2, abs=1e-15)
    turned = (asset - benchmark) / (spread - spread.mean())
    assert np.abs(turned) == pytest.approx(np.ones(200), rel=1e-9)
    assert 60 < np.count_nonzero(turned > 0) < 140
    assert world.length(6480) == 501


def test_blockwild_draws_quarters_of_the_path(real):
    world = history_world("blockwild", real, "a history")
    asset, benchmark = world.simulate(np.random.default_rng(1), 1000)
    assert len(asset) == 1000
    middle, source = (asset + benchmark) / 2, (real.asset + real.benchmark) / 2
    where = np.argmin(np.abs(middle[:, None] - source[None, :]), axis=1)
    assert middle == pytest.approx(source[where], abs=1e-15)
    steps = np.diff(where) % 500
    assert np.flatnonzero(steps != 1).tolist() == [k for k in range(BLOCK - 1, 999, BLOCK) if steps[k] != 1]
    assert np.count_nonzero(steps != 1) >= 10


def test_real_returns_are_those_that_both_legs_have():
    level = np.cumprod(np.full(200, 1.01))
    asset, benchmark = level.copy(), level.copy()
    asset[:20], benchmark[-30:] = np.nan, np.nan
    found = real_returns([Leg(asset, asset), Leg(benchmark, benchmark)], first=50)
    assert len(found) == 169 - 50
    assert found.asset == pytest.approx(np.full(119, 0.01))
    with pytest.raises(StudyRefused, match="share 19 daily returns"):
        real_returns([Leg(asset, asset), Leg(benchmark, benchmark)], first=150)
    with pytest.raises(StudyRefused, match="needs an asset and a benchmark"):
        real_returns([Leg(asset, asset)])


def test_every_world_makes_returns_of_the_length_asked_for():
    assert len(set(WORLDS)) == len(WORLDS) == 13
    for world in SIMULATED:
        asset, benchmark = world.simulate(np.random.default_rng(1), 400)
        assert asset.shape == benchmark.shape == (400,)
        assert np.isfinite(asset).all()
    assert {world.name: world.length(6480) for world in SIMULATED}["short"] == 1000
