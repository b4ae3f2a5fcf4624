from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import streak
from backtest.detect.builtin.streak import run_length

NAN = float("nan")
# Ratios of these are exact in binary (80/64 = 1.25, 60/80 = 0.75, …), so that "exactly at the threshold" happens often.
LEVELS = st.sampled_from([48.0, 60.0, 64.0, 75.0, 80.0, 100.0, 125.0, NAN])


def beyond(close, other, t, threshold, direction):
    """True, False, or None where it cannot be known: one session's return, looked at on its own."""
    if t < 1:
        return None
    moved = close[t] / close[t - 1] - 1.0
    if other is not None:
        moved -= other[t] / other[t - 1] - 1.0
    if math.isnan(moved):
        return None
    if moved == 0 and threshold == 0:  # unchanged: in common speech neither up nor down
        return False
    return moved >= threshold if direction == "up" else moved <= -threshold


def slow_streak(close, other, sessions, threshold, direction):
    """Kleene's "and" over the last sessions, one after the other; before the history nothing is known."""
    met, known = [], []
    for t in range(len(close)):
        flags = [beyond(close, other, u, threshold, direction) for u in range(t - sessions + 1, t + 1)]
        met.append(all(flag is True for flag in flags))
        known.append(False in flags or None not in flags)
    return met, known


@given(
    st.lists(st.tuples(LEVELS, LEVELS), min_size=1, max_size=25),
    st.integers(1, 6),
    st.sampled_from([0.0, 0.25, 0.2, 1 / 3]),
    st.sampled_from(["up", "down"]),
    st.booleans(),
)
def test_agrees_with_a_loop_that_knows_unknown(history_of, rows, sessions, threshold, direction, relative):
    close, other = ([row[i] for row in rows] for i in (0, 1))
    prices = history_of({"A": close, "B": other})
    found = streak.detect(
        prices,
        series="A",
        against="B" if relative else None,
        sessions=sessions,
        threshold=threshold,
        direction=direction,
    )
    met, known = slow_streak(close, other if relative else None, sessions, threshold, direction)
    assert found.met.tolist() == met
    assert found.known.tolist() == known


@pytest.mark.parametrize(
    ("last", "direction", "met"),
    [
        (80.0, "up", True),  # 80/64 - 1 is 0.25 exactly
        (np.nextafter(80.0, 0.0), "up", False),
        (48.0, "down", True),  # 48/64 - 1 is -0.25 exactly
        (np.nextafter(48.0, 100.0), "down", False),
        (80.0, "down", False),
        (48.0, "up", False),
    ],
)
def test_the_threshold_itself_counts_and_nothing_less(history_of, last, direction, met):
    prices = history_of({"A": [64.0, last]})
    found = streak.detect(prices, series="A", sessions=1, threshold=0.25, direction=direction)
    assert found.met.tolist() == [False, met]


def test_against_subtracts_the_other_series_return(history_of):
    # A gains 25% twice; B gains 0% and then 25%: A beats B by 25 points once.
    prices = history_of({"A": [64.0, 80.0, 100.0], "B": [64.0, 64.0, 80.0]})
    assert streak.detect(prices, series="A", against="B", sessions=1, threshold=0.25).met.tolist() == [0, 1, 0]
    assert streak.detect(prices, series="A", sessions=2, threshold=0.25).met.tolist() == [0, 0, 1]


def test_a_gap_leaves_a_streak_open_only_while_it_could_have_been_one(history_of):
    # Returns: -, +25%, ?, ?, +25%, +25%, -20%. Two in a row: unknown where the gap could have made two.
    prices = history_of({"A": [64.0, 80.0, NAN, 64.0, 80.0, 100.0, 80.0]})
    found = streak.detect(prices, series="A", sessions=2, threshold=0.25)
    assert found.met.tolist() == [0, 0, 0, 0, 0, 1, 0]
    assert found.known.tolist() == [0, 0, 0, 0, 0, 1, 1]


def test_a_history_that_begins_later_is_judged_as_one_that_begins_at_once(history_of):
    rising = [64.0, 80.0, 100.0, 125.0]
    whole = streak.detect(history_of({"A": rising}), series="A", sessions=3, threshold=0.25)
    late = streak.detect(history_of({"A": [NAN, NAN, *rising]}), series="A", sessions=3, threshold=0.25)
    assert late.known[2:].tolist() == whole.known.tolist() == [0, 0, 0, 1]
    assert late.met[2:].tolist() == whole.met.tolist() == [0, 0, 0, 1]


def test_the_indicator_counts_sessions_in_a_row(history_of):
    # Two up, one down, one up, a gap over two returns, one up.
    prices = history_of({"A": [64.0, 80.0, 100.0, 80.0, 100.0, NAN, 100.0, 125.0]})
    found = streak.detect(prices, series="A", sessions=5, threshold=0.25)
    np.testing.assert_array_equal(found.indicator.values, [NAN, 1, 2, 0, 1, NAN, NAN, 1])


@given(st.lists(st.booleans(), max_size=30))
def test_run_length_agrees_with_counting(flags):
    counted, count = [], 0
    for flag in flags:
        count = count + 1 if flag else 0
        counted.append(count)
    assert run_length(np.array(flags, dtype=bool)).tolist() == counted


def test_an_unchanged_close_is_neither_up_nor_down(history_of):
    # Four rises, an unchanged close, four rises, a fall: never more than four in a row.
    close = [100.0, 101.0, 102.0, 103.0, 104.0, 104.0, 105.0, 106.0, 107.0, 108.0, 107.0]
    prices = history_of({"A": close})
    up = streak.detect(prices, series="A", sessions=4, threshold=0.0)
    assert np.flatnonzero(up.met).tolist() == [4, 9]
    assert not streak.detect(prices, series="A", sessions=5, threshold=0.0).met.any()
    down = streak.detect(prices, series="A", sessions=1, threshold=0.0, direction="down")
    assert np.flatnonzero(down.met).tolist() == [10]
