from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import new_high

NAN = float("nan")
CLOSES = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, NAN]), min_size=1, max_size=20)


def is_high(close, t, lookback):
    """Whether session t closes above all before it, None where it cannot be known."""
    if t < 0 or math.isnan(close[t]):
        return None
    if lookback is None:
        first = next(u for u in range(t + 1) if not math.isnan(close[u]))
        before = close[first:t]
    else:
        before = [close[u] if u >= 0 else NAN for u in range(t - lookback, t)]
    if any(earlier >= close[t] for earlier in before):
        return False
    return None if not before or any(math.isnan(earlier) for earlier in before) else True


def slow(close, lookback, without):
    """Kleene's "and" of a high today and no high on each of the sessions before."""
    answers = []
    for t in range(len(close)):
        earlier = [is_high(close, u, lookback) for u in range(t - without, t)]
        flags = [is_high(close, t, lookback), *(None if flag is None else not flag for flag in earlier)]
        answers.append(False if False in flags else None if None in flags else True)
    return answers


@given(CLOSES, st.none() | st.integers(1, 5), st.integers(0, 5))
def test_agrees_with_a_look_at_every_earlier_close(history_of, close, lookback, without):
    found = new_high.detect(history_of({"A": close}), series="A", lookback=lookback, without=without)
    answers = slow(close, lookback, without)
    assert found.met.tolist() == [answer is True for answer in answers]
    assert found.known.tolist() == [answer is not None for answer in answers]


@given(CLOSES, st.integers(1, 5), st.integers(0, 4), st.lists(st.sampled_from([0.5, 3.5, 9.0]), min_size=20))
def test_what_is_known_does_not_change_when_a_gap_is_filled(history_of, close, lookback, without, fill):
    whole = [f if math.isnan(c) else c for c, f in zip(close, fill, strict=False)]
    gaps, filled = (
        new_high.detect(history_of({"A": values}), series="A", lookback=lookback, without=without)
        for values in (close, whole)
    )
    assert (filled.met[gaps.known] == gaps.met[gaps.known]).all()


def test_as_high_as_before_is_no_new_high(history_of):
    # After 4 the closes 3 and 4 are no high, 5 is one, 6 another at once; the first close has none before it.
    prices = history_of({"A": [4.0, 3.0, 4.0, 5.0, 6.0]})
    every = new_high.detect(prices, series="A", without=0)
    assert every.met.tolist() == [0, 0, 0, 1, 1]
    assert every.known.tolist() == [0, 1, 1, 1, 1]
    first = new_high.detect(prices, series="A", without=2)
    assert first.met.tolist() == [0, 0, 0, 1, 0]
    np.testing.assert_allclose(first.indicator.values, [NAN, NAN, NAN, 0.25, NAN], atol=1e-15)
    np.testing.assert_allclose(every.indicator.values, [NAN, -0.25, 0.0, 0.25, 0.2], atol=1e-15)
    assert first.indicator.threshold == 0.0


def test_only_the_lookback_counts(history_of):
    prices = history_of({"A": [9.0, 3.0, 2.0, 4.0, 1.0]})
    assert new_high.detect(prices, series="A", lookback=2, without=0).met.tolist() == [0, 0, 0, 1, 0]
    assert new_high.detect(prices, series="A", without=0).met.tolist() == [0, 0, 0, 0, 0]
