from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import breadth, relative
from backtest.errors import StrategyInvalid

NAN = float("nan")
LEVELS = st.sampled_from([48.0, 60.0, 64.0, 75.0, 80.0, 100.0, 125.0, NAN])
ROWS = st.lists(st.tuples(LEVELS, LEVELS), min_size=1, max_size=25)


def slow_difference(a, b, t, sessions):
    if t < sessions:
        return NAN
    return (a[t] / a[t - sessions] - 1.0) - (b[t] / b[t - sessions] - 1.0)


@given(ROWS, st.integers(1, 6), st.sampled_from([0.0, 0.25, 0.5]), st.sampled_from([0.0, 0.25, 1.0]), st.booleans())
def test_agrees_with_a_state_that_is_carried_along(history_of, rows, sessions, threshold, drop, up):
    a, b = ([row[i] for row in rows] for i in (0, 1))
    found = relative.detect(
        history_of({"A": a, "B": b}),
        series="A",
        against="B",
        sessions=sessions,
        threshold=threshold,
        leave=threshold - drop,
        direction="up" if up else "down",
    )
    state = None
    for t in range(len(rows)):
        lead = slow_difference(a, b, t, sessions) if up else -slow_difference(a, b, t, sessions)
        if math.isnan(lead):
            state = None
        elif lead >= threshold:
            state = True
        elif lead < threshold - drop:
            state = False
        assert (found.met[t], found.known[t]) == (state is True, state is not None)
    values = [slow_difference(a, b, t, sessions) for t in range(len(rows))]
    np.testing.assert_array_equal(found.indicator.values, values)
    assert found.indicator.threshold == (threshold if up else -threshold)
    assert found.indicator.side == ("above" if up else "below")


def test_without_leave_it_is_over_below_the_threshold(history_of):
    # A against a flat B, over one session: +25%, +20%, +25%.
    prices = history_of({"A": [64.0, 80.0, 96.0, 120.0], "B": [1.0] * 4})
    assert relative.detect(prices, series="A", against="B", sessions=1, threshold=0.25).met.tolist() == [0, 1, 0, 1]
    held = relative.detect(prices, series="A", against="B", sessions=1, threshold=0.25, leave=0.1)
    assert held.met.tolist() == [0, 1, 1, 1]


def test_a_regime_cannot_end_above_where_it_begins(history_of):
    with pytest.raises(StrategyInvalid) as refused:
        relative.detect(history_of({"A": [1.0]}), series="A", against="A", threshold=0.2, leave=0.3)
    assert str(refused.value) == (
        "detector relative: leave = 0.3 is above threshold = 0.2. "
        "A regime ends below the value that began it: lower 'leave', or drop it."
    )


@given(ROWS, st.integers(1, 6), st.sampled_from([0.0, 0.25, 0.5]), st.booleans())
def test_breadth_is_one_return_minus_the_other(history_of, rows, sessions, threshold, up):
    a, b = ([row[i] for row in rows] for i in (0, 1))
    prices = history_of({"RSP": a, "SPY": b}, roles={"equal_weight": "RSP", "market": "SPY"})
    found = breadth.detect(prices, sessions=sessions, threshold=threshold, direction="up" if up else "down")
    values = [slow_difference(a, b, t, sessions) for t in range(len(rows))]
    np.testing.assert_array_equal(found.indicator.values, values)
    assert found.known.tolist() == [not math.isnan(value) for value in values]
    signed = [value if up else -value for value in values]
    assert found.met.tolist() == [value > 0 if threshold == 0 else value >= threshold for value in signed]
