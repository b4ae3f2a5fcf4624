"""What the last n sessions say, against loops over lists."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect import rolling as trailing

NAN = float("nan")
CLOSES = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, NAN]), max_size=25)
FLAGS = st.lists(st.booleans(), max_size=25)


def window(values, t, n):
    """The last n values up to t, with NaN before the history."""
    return [values[u] if u >= 0 else NAN for u in range(t - n + 1, t + 1)]


@given(CLOSES, st.integers(1, 8))
def test_the_mean_of_the_last_n(values, n):
    found = trailing.trailing_mean(np.array(values), n)
    np.testing.assert_allclose(found, [sum(window(values, t, n)) / n for t in range(len(values))], rtol=1e-14)


@given(CLOSES, st.none() | st.integers(1, 8))
def test_the_highest_of_the_closes_that_are_there(values, lookback):
    high, complete = trailing.highest(np.array(values, dtype=float), lookback)
    for t in range(len(values)):
        if lookback is None:
            first = next((u for u, value in enumerate(values) if not math.isnan(value)), len(values))
            seen = values[first : t + 1]
        else:
            seen = window(values, t, lookback)
        there = [value for value in seen if not math.isnan(value)]
        assert complete[t] == (len(seen) > 0 and len(there) == len(seen))
        assert high[t] == max(there) if there else math.isnan(high[t])


@given(FLAGS, st.integers(0, 8), st.booleans())
def test_all_and_any_of_the_last_n(flags, n, before):
    array = np.array(flags, dtype=bool)
    last = [[flags[u] if u >= 0 else before for u in range(t - n + 1, t + 1)] for t in range(len(flags))]
    assert trailing.over_last(np.logical_and, array, n, before).tolist() == [all(some) for some in last]
    assert trailing.over_last(np.logical_or, array, n, before).tolist() == [any(some) for some in last]
    assert trailing.session_before(array, before).tolist() == ([before, *flags])[: len(flags)]


@given(CLOSES, st.integers(1, 30))
def test_the_difference_from_n_sessions_before(values, n):
    found = trailing.change_over(np.array(values), n)
    expected = [value - values[t - n] if t >= n else NAN for t, value in enumerate(values)]
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("n", [1, 7, 8, 9, 15, 16, 100, 127, 128, 129, 136, 143, 200, 256, 257, 1000])
def test_a_mean_is_to_the_last_bit_what_numpy_makes_of_each_window(n):
    rng = np.random.default_rng(n)
    values = rng.normal(size=1003) * 10 ** rng.uniform(-6, 6, 1003)
    found = trailing.trailing_mean(values, n)
    np.testing.assert_array_equal(found[n - 1 :], [values[t : t + n].mean() for t in range(1003 - n + 1)])
    assert np.isnan(found[: n - 1]).all()


BLOCKS = st.integers(0, 12).flatmap(
    lambda n: st.lists(st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, NAN]), min_size=n, max_size=n), min_size=1)
)
FIGURES = {
    "trailing_mean": trailing.trailing_mean,
    "change_over": trailing.change_over,
    "highest": trailing.highest,
    "highest so far": lambda block, n: trailing.highest(block, None),
    "over_last": lambda block, n: trailing.over_last(np.logical_or, block > 3, n, True),
    "session_before": lambda block, n: trailing.session_before(block, 5.0),
    "regime": lambda block, n: trailing.regime(block, 3.0, 2.0),
}


@pytest.mark.parametrize("figure", FIGURES)
@given(columns=BLOCKS, n=st.integers(1, 14))
def test_a_column_of_a_block_has_the_figures_that_it_has_alone(figure, columns, n):
    block = np.asfortranarray(np.array(columns).T)
    found = np.atleast_3d(np.array(FIGURES[figure](block, n)).T).T  # those that return two arrays, or one
    for column, alone in enumerate(block.T):
        expected = np.atleast_2d(np.array(FIGURES[figure](alone, n)))
        np.testing.assert_array_equal(found[..., column].reshape(expected.shape), expected)


def slow_regime(values, enter, leave):
    """One session after the other: on, off, or not known."""
    state, answers = None, []
    for value in values:
        if math.isnan(value):
            state = None
        elif value >= enter:
            state = True
        elif value < leave:
            state = False
        answers.append(state)
    return answers


@given(CLOSES, st.sampled_from([2.0, 3.0, 4.0]), st.sampled_from([0.0, 1.0, 2.0]))
def test_a_regime_is_a_state_that_two_values_change(values, enter, drop):
    met, known = trailing.regime(np.array(values, dtype=float), enter, enter - drop)
    answers = slow_regime(values, enter, enter - drop)
    assert met.tolist() == [answer is True for answer in answers]
    assert known.tolist() == [answer is not None for answer in answers]


@pytest.mark.parametrize(
    ("values", "met", "known"),
    [
        # Enter at 3, leave below 2. A value between decides nothing: the state before it does.
        ([1, 2, 3, 2, 1, 2], [0, 0, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]),
        ([2, 2, 3], [0, 0, 1], [0, 0, 1]),  # what came before the history is not known
        ([3, NAN, 2, 1, 2], [1, 0, 0, 0, 0], [1, 0, 0, 1, 1]),  # it may have ended unseen
    ],
)
def test_a_regime_by_hand(values, met, known):
    found = trailing.regime(np.array(values, dtype=float), 3.0, 2.0)
    assert [flags.tolist() for flags in found] == [met, known]
