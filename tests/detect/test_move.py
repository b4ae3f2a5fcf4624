from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import move
from backtest.errors import NotFound, StudyRefused

NAN = float("nan")
LEVELS = st.sampled_from([48.0, 60.0, 64.0, 75.0, 80.0, 100.0, 125.0, NAN])


def slow_returns(close, sessions):
    return [close[t] / close[t - sessions] - 1.0 if t >= sessions else NAN for t in range(len(close))]


@given(
    st.lists(st.tuples(LEVELS, LEVELS), min_size=1, max_size=20),
    st.integers(1, 25),
    st.sampled_from([0.0, 0.25, 0.2, 0.5]),
    st.sampled_from(["up", "down"]),
    st.booleans(),
)
def test_agrees_with_a_loop(history_of, rows, sessions, threshold, direction, relative):
    close, other = ([row[i] for row in rows] for i in (0, 1))
    prices = history_of({"A": close, "B": other})
    found = move.detect(
        prices,
        series="A",
        against="B" if relative else None,
        sessions=sessions,
        threshold=threshold,
        direction=direction,
    )
    returns = slow_returns(close, sessions)
    if relative:
        returns = [a - b for a, b in zip(returns, slow_returns(other, sessions), strict=True)]
    assert found.known.tolist() == [not math.isnan(r) for r in returns]
    rises = [r > 0 if threshold == 0 else r >= threshold for r in returns]
    falls = [r < 0 if threshold == 0 else r <= -threshold for r in returns]
    assert found.met.tolist() == (rises if direction == "up" else falls)
    np.testing.assert_array_equal(found.indicator.values, returns)


def test_the_threshold_itself_counts(history_of):
    # Over two sessions: 64 to 80 is +25% exactly, 80 to 60 is -25% exactly.
    prices = history_of({"A": [64.0, 70.0, 80.0, 70.0, 60.0]})
    assert move.detect(prices, series="A", sessions=2, threshold=0.25).met.tolist() == [0, 0, 1, 0, 0]
    down = move.detect(prices, series="A", sessions=2, threshold=0.25, direction="down")
    assert down.met.tolist() == [0, 0, 0, 0, 1]


def test_it_compares_the_ends_and_not_the_way(history_of):
    # 64 to 80 over three sessions with a gap on the way: the move is known.
    prices = history_of({"A": [64.0, NAN, 10.0, 80.0]})
    found = move.detect(prices, series="A", sessions=3, threshold=0.25)
    assert (found.met.tolist(), found.known.tolist()) == ([0, 0, 0, 1], [0, 0, 0, 1])


def test_a_return_of_a_rate_is_refused(history_of):
    prices = history_of({"R": [5.0, 5.25]}, kinds={"R": "rate"}, roles={"policy_rate": "R"})
    with pytest.raises(StudyRefused) as refused:
        move.detect(prices, series="policy_rate", sessions=1)
    assert str(refused.value) == (
        "series 'R' is of kind rate; a return needs a price index or a total-return index. "
        "'backtest show DATASET' lists the kinds."
    )


def test_an_unknown_series_gets_the_nearest_spelling(history_of):
    prices = history_of({"RUT": [1.0, 2.0]}, roles={"small_index": "RUT"})
    with pytest.raises(NotFound) as refused:
        move.detect(prices, series="small_idx", sessions=1)
    assert str(refused.value) == (
        "series 'small_idx': the dataset has no such role or series. Did you mean 'small_index'?"
    )
