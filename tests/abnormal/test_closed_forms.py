"""Rejection rates with a closed form, met within Monte Carlo error; all worlds are simulated."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats as st

from backtest.abnormal.across_events import BMP, CROSS_SECTIONAL, KOLARI_PYNNONEN, PATELL
from backtest.abnormal.classical import window_returns
from tests.abnormal.worlds import one_date

HISTORIES = 800


def within(share: float, expected: float, histories: int = HISTORIES) -> bool:
    """Within three and a half standard errors: of a hundred such checks, one in twenty fails by chance once."""
    return abs(share - expected) < 3.5 * np.sqrt(expected * (1 - expected) / histories)


@pytest.mark.parametrize("rho", [0.02, 0.1])
def test_equicorrelated_events_of_one_date(rho):
    """An uncorrected z rejects 2 Phi(-1.96 sqrt((1 - rho) / (1 + (N - 1) rho))); Kolari–Pynnönen restores 5%."""
    rng = np.random.default_rng(int(1000 * rho))
    n, rejected = 50, np.zeros(2)
    for _ in range(HISTORIES):
        common = np.sqrt(rho) * rng.normal(size=(101, 1))
        values = common + np.sqrt(1 - rho) * rng.normal(size=(101, n))
        returns = window_returns(one_date(values[:100], values[100:]), 0, 0)
        z = CROSS_SECTIONAL(returns).statistic
        rejected += [abs(z) >= 1.959964, KOLARI_PYNNONEN(returns).p_value <= 0.05]
    expected = 2 * st.norm.cdf(-1.959964 * np.sqrt((1 - rho) / (1 + (n - 1) * rho)))
    assert expected == pytest.approx({0.02: 0.168, 0.1: 0.444}[rho], abs=0.0005)
    assert within(rejected[0] / HISTORIES, expected + 0.003)  # t of 50 events exceeds 1.96 a little more often
    assert within(rejected[1] / HISTORIES, 0.05)


def test_a_variance_that_the_event_triples():
    """Patell rejects 2 Phi(-1.96 / sqrt(3)) = 25.8%; BMP 5%."""
    rng = np.random.default_rng(3)
    rejected = np.zeros(2)
    for _ in range(HISTORIES):
        found = one_date(rng.normal(size=(100, 50)), np.sqrt(3) * rng.normal(size=(1, 50)))
        returns = window_returns(found, 0, 0)
        rejected += [PATELL(returns).p_value <= 0.05, BMP(returns).p_value <= 0.05]
    assert 2 * st.norm.cdf(-1.959964 / np.sqrt(3)) == pytest.approx(0.258, abs=0.0005)
    assert within(rejected[0] / HISTORIES, 0.258)
    assert within(rejected[1] / HISTORIES, 0.05)
