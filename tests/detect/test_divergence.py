from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import divergence

NAN = float("nan")
LEVELS = st.sampled_from([48.0, 60.0, 64.0, 75.0, 80.0, 100.0, 125.0, NAN])


def at_least(close, t, sessions, least, sign):
    """Whether a move of the sign asked for is large enough, None where it cannot be known."""
    moved = sign * (close[t] / close[t - sessions] - 1.0) if t >= sessions else NAN
    return None if math.isnan(moved) else moved > 0 and moved >= least


@given(
    st.lists(st.tuples(LEVELS, LEVELS), min_size=1, max_size=20),
    st.integers(1, 6),
    st.sampled_from([0.0, 0.25]),
    st.sampled_from([0.0, 0.2, 0.25]),
)
def test_agrees_with_two_looks_and_a_three_valued_and(history_of, rows, sessions, threshold, fall):
    a, b = ([row[i] for row in rows] for i in (0, 1))
    found = divergence.detect(
        history_of({"A": a, "B": b}), series="A", against="B", sessions=sessions, threshold=threshold, fall=fall
    )
    for t in range(len(rows)):
        both = (at_least(a, t, sessions, threshold, 1), at_least(b, t, sessions, fall, -1))
        assert found.met[t] == (both == (True, True))
        assert found.known[t] == (False in both or None not in both)


def test_an_unchanged_series_has_neither_risen_nor_fallen(history_of):
    prices = history_of({"A": [64.0, 80.0, 80.0, 100.0], "B": [80.0, 80.0, 64.0, 60.0]})
    found = divergence.detect(prices, series="A", against="B", sessions=1)
    assert found.met.tolist() == [0, 0, 0, 1]
    # A rises by 25%, 0%, 25%; B falls by 0%, 20%, 6.25%.
    np.testing.assert_allclose(found.indicator.values, [NAN, 0.0, 0.0, 0.0625], atol=1e-15)
    assert found.indicator.threshold == 0.0
    assert divergence.detect(prices, series="A", against="B", sessions=1, fall=0.0625).met.tolist() == [0, 0, 0, 1]
    assert divergence.detect(prices, series="A", against="B", sessions=1, fall=0.07).indicator.threshold is None
