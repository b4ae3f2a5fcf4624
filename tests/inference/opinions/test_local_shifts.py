from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.circle import Circle
from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.opinions.local_shifts import LONGEST, REACH, TOO_LONG, local_shifts
from backtest.inference.opinions.opinion import LOCAL_SHIFTS, Opinion
from backtest.inference.result import NO_WINDOW


@given(st.integers(0, 10**6), st.integers(1, 2500))
def test_near_shifts_in_both_directions(seed, m):
    shifts = np.random.default_rng(seed).normal(0, 1, m)
    near = {k % m for k in range(-REACH, REACH + 1)}
    expected = sum(abs(shifts[k]) >= abs(shifts[0]) for k in near) / len(near)
    found = local_shifts(shifts, LONGEST, NO_WINDOW)
    assert found == Opinion(LOCAL_SHIFTS, shifts[0], pytest.approx(expected, abs=1e-15))


def test_only_what_is_near_counts():
    shifts = np.zeros(3000)
    shifts[0] = 1.0
    shifts[REACH + 1 : -REACH] = 9.0
    assert local_shifts(shifts, 5, NO_WINDOW).p_value == pytest.approx(1 / 1009)
    shifts[REACH] = shifts[-REACH] = -2.0
    assert local_shifts(shifts, 5, NO_WINDOW).p_value == pytest.approx(3 / 1009)


def test_dust_is_a_tie():
    shifts = np.zeros(3000)
    shifts[0], shifts[7], shifts[8] = 1.0, 1.0 - 1e-12, 1.0 - 1e-6
    assert local_shifts(shifts, 5, NO_WINDOW).p_value == pytest.approx(2 / 1009)


def test_on_a_short_circle_it_is_the_verdict_itself():
    rng = np.random.default_rng(5)
    deviation, variance = rng.normal(0, 1, 900), rng.uniform(1, 2, 900)
    circle = Circle(np.arange(900), deviation, variance, variance, np.ones(900), np.ones(900, dtype=int))
    statistics = shift_statistics(circle, [np.array([3, 50, 700])])
    assert local_shifts(statistics[0], 5, NO_WINDOW).p_value == shift_p_values(statistics)[0]


def test_no_answer_has_a_reason():
    assert local_shifts(np.ones(3000), LONGEST + 1, NO_WINDOW) == Opinion(LOCAL_SHIFTS, None, None, TOO_LONG)
    for shifts in (np.zeros(0), np.full(3000, np.nan)):
        assert local_shifts(shifts, 5, NO_WINDOW) == Opinion(LOCAL_SHIFTS, None, None, NO_WINDOW)
