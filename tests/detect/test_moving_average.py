from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import moving_average
from backtest.errors import StrategyInvalid

NAN = float("nan")
# Sums of these are exact, and means over 1, 2, 4, 8 sessions too: averages that are equal come out equal.
CLOSES = st.lists(st.sampled_from([1.0, 2.0, 3.0, 5.0, NAN]), min_size=1, max_size=25)


def slow_average(close, t, n):
    seen = close[t - n + 1 : t + 1] if t >= n - 1 else [NAN]
    return None if any(math.isnan(value) for value in seen) else sum(map(Fraction, seen)) / n


@given(CLOSES, st.sampled_from([(1, 2), (1, 4), (2, 4), (2, 8), (4, 8)]), st.sampled_from([1, -1]))
def test_agrees_with_averages_as_fractions(history_of, close, lengths, sign):
    fast, slow = lengths
    direction = "up" if sign > 0 else "down"
    found = moving_average.detect(history_of({"A": close}), series="A", fast=fast, slow=slow, direction=direction)
    for t in range(len(close)):
        quick, steady = slow_average(close, t, fast), slow_average(close, t, slow)
        assert found.known[t] == (steady is not None)
        assert found.met[t] == (steady is not None and sign * (quick - steady) > 0)
        ratio = NAN if steady is None else float(quick / steady - 1)
        np.testing.assert_allclose(found.indicator.values[t], ratio, atol=1e-15)


@given(st.integers(100, 100_000), st.sampled_from([(50, 200), (1, 7), (3, 2520)]), st.sampled_from(["up", "down"]))
def test_a_close_that_stands_still_crosses_nothing(history_of, cents, lengths, direction):
    # In floating point, the averages of 50 and of 200 times 1.23 differ in their last bit.
    fast, slow = lengths
    prices = history_of({"A": [cents / 100] * (slow + 5)})
    found = moving_average.detect(prices, series="A", fast=fast, slow=slow, direction=direction)
    assert not found.met.any()
    assert found.known.sum() == 6
    assert found.notes == ()
    np.testing.assert_array_equal(found.indicator.values[slow - 1 :], 0.0)


def test_the_first_session_of_an_episode_is_the_cross(history_of):
    # Averages of two: -, 4, 3, 2.5, 4, 4. The close is above on the fourth, not yet on the third, equal on the last.
    prices = history_of({"A": [4.0, 4.0, 2.0, 3.0, 5.0, 3.0, 3.0]})
    up = moving_average.detect(prices, series="A", fast=1, slow=2)
    assert up.met.tolist() == [0, 0, 0, 1, 1, 0, 0]
    assert up.notes == ()
    down = moving_average.detect(prices, series="A", fast=1, slow=2, direction="down")
    assert down.met.tolist() == [0, 0, 1, 0, 0, 1, 0]
    assert (up.indicator.threshold, up.indicator.side, down.indicator.side) == (0.0, "above", "below")


def test_a_side_that_was_never_crossed_to_is_told(history_of):
    prices = history_of({"A": [1.0, 2.0, 3.0, NAN, 4.0, 5.0]})  # from Monday 2000-01-03 on
    found = moving_average.detect(prices, series="A", fast=1, slow=2)
    assert found.met.tolist() == [0, 1, 1, 0, 0, 1]
    (note,) = found.cautions
    assert note == (
        "On 2000-01-04, 2000-01-10 the fast average is first known and already above the slow one: no cross was seen."
    )


def test_the_fast_average_is_shorter(history_of):
    with pytest.raises(StrategyInvalid) as refused:
        moving_average.detect(history_of({"A": [1.0]}), series="A", fast=200, slow=200)
    assert str(refused.value) == (
        "detector moving_average: fast = 200 is not below slow = 200. Raise 'slow', or lower 'fast'."
    )
