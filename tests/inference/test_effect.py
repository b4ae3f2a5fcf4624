from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.circle import Circle
from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.effect import TOO_FEW_SHIFTS, TOO_MANY_WINDOWS, effect_of, share_kept


def circle(deviation, horizon=1):
    deviation = np.asarray(deviation, dtype=float)
    ones = np.ones(len(deviation))
    return Circle(np.arange(len(deviation)), deviation - deviation.mean(), ones, ones, ones, horizon)


def effect(of, places):
    places = np.asarray(places, dtype=np.int64)
    shifts = shift_statistics(of, [places])[0]
    return effect_of(of, places, shifts, None), float(shift_p_values(shifts[None, :])[0])


def test_interval_and_detectable_effect_by_hand():
    # One event, windows of one session, variance 1: D is 1 and S_k the deviation, -19.5 to 19.5. Of 40 shifts two may
    # be as large: the critical size is 18.5. In 60% of shifts |S| is below the 25th smallest size, 12.5. The one window
    # covers a fortieth of the sessions.
    of = circle(np.arange(40))
    found, p = effect(of, [30])  # a deviation of 10.5
    assert p == 20 / 40  # 10.5 to 19.5, on either side
    kept = 39 / 40
    assert found.kept == pytest.approx(kept, rel=1e-15)
    assert found.low == pytest.approx((10.5 - 18.5) / kept, rel=1e-8)
    assert found.high == pytest.approx((10.5 + 18.5) / kept, rel=1e-8)
    assert found.detectable == pytest.approx((18.5 + 12.5) / kept, rel=1e-8)
    assert found.reason is None


@given(st.integers(0, 2**32 - 1), st.integers(20, 120), st.integers(1, 4), st.integers(1, 6), st.floats(0, 3))
def test_the_interval_holds_zero_where_p_is_above_the_level(seed, m, n, horizon, size):
    rng = np.random.default_rng(seed)
    places = rng.choice(m, n, replace=False)
    deviation = rng.normal(0, 1, m)
    deviation[places] += size
    found, p = effect(circle(deviation, horizon), np.sort(places))
    if found.reason is None:
        assert (found.low <= 0 <= found.high) is (p > 0.05)


def test_windows_of_the_events_raise_the_base_rate():
    # Of 20 sessions two windows of three, on 0 1 2 and on 2 3 4, cover five.
    of = circle(np.arange(20.0), 3)
    assert share_kept(of, np.array([0, 2])) == 1 - 5 / 20
    assert share_kept(of, np.array([19])) == 1 - 3 / 20  # around the end of the circle
    found, _ = effect(of, [0, 5, 10, 15])
    assert found.kept == 1 - 12 / 20
    assert (found.low, found.high, found.detectable, found.reason) == (None, None, None, TOO_MANY_WINDOWS)


def test_what_has_no_answer_has_a_reason():
    few, _ = effect(circle([1.0, 2.0, 4.0]), [1])
    assert (few.low, few.reason) == (None, TOO_FEW_SHIFTS)
    of = circle(np.arange(40))
    none = effect_of(of, np.array([50]), np.full(40, np.nan), "no event has a complete window")
    assert (none.low, none.high, none.detectable, none.kept) == (None, None, None, None)
    assert none.reason == "no event has a complete window"


def test_a_constant_effect_in_every_window_is_recovered():
    # Without noise the excess is what the base rate left of it, and the middle of the interval is the effect itself.
    rng = np.random.default_rng(3)
    m, horizon, size = 400, 10, 0.05
    places = np.sort(rng.choice(m - horizon, 8, replace=False))
    covered = np.zeros(m)
    for place in places:
        covered[place : place + horizon] = 1.0
    planted = np.array([covered[np.arange(t, t + horizon) % m].mean() for t in range(m)]) * size
    found, _ = effect(circle(planted, horizon), places)
    assert (found.low + found.high) / 2 == pytest.approx(size, rel=1e-9)
