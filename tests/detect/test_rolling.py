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


@given(FLAGS, st.integers(0, 8))
def test_counting_the_last_n(flags, n):
    found = trailing.count(np.array(flags, dtype=bool), n)
    assert found.tolist() == [sum(flags[max(t - n + 1, 0) : t + 1]) for t in range(len(flags))]
    assert trailing.session_before(np.array(flags, dtype=bool)).tolist() == ([False, *flags])[: len(flags)]


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
