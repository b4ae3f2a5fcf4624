from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import drawdown
from backtest.errors import StudyRefused

NAN = float("nan")
CLOSES = st.lists(st.sampled_from([48.0, 60.0, 64.0, 75.0, 80.0, 100.0, NAN]), min_size=1, max_size=20)
THRESHOLDS = st.sampled_from([0.2, 0.25, 0.5])


def looked_at(close, t, lookback):
    """The closes a drawdown on session t is measured from; NaN before the history."""
    if lookback is None:
        return close[next((u for u in range(t + 1) if not math.isnan(close[u])), t) : t + 1]
    return [close[u] if u >= 0 else NAN for u in range(t - lookback + 1, t + 1)]


@given(CLOSES, THRESHOLDS, st.none() | st.integers(2, 6))
def test_agrees_with_a_walk_back_over_every_close(history_of, close, threshold, lookback):
    found = drawdown.detect(history_of({"A": close}), series="A", threshold=threshold, lookback=lookback)
    for t in range(len(close)):
        seen = looked_at(close, t, lookback)
        deep = [close[t] / earlier - 1.0 <= -threshold for earlier in seen if not math.isnan(earlier)]
        if math.isnan(close[t]):
            expected = (False, False)
        elif any(deep):  # a close that is missing could only deepen it
            expected = (True, True)
        else:
            expected = (False, not any(math.isnan(earlier) for earlier in seen))
        assert (found.met[t], found.known[t]) == expected


@given(CLOSES, THRESHOLDS, st.none() | st.integers(2, 6), st.lists(st.sampled_from([1.0, 70.0, 500.0]), min_size=20))
def test_what_is_known_does_not_change_when_a_gap_is_filled(history_of, close, threshold, lookback, fill):
    first = next((t for t, value in enumerate(close) if not math.isnan(value)), len(close))
    whole = [f if math.isnan(c) and t > first else c for t, (c, f) in enumerate(zip(close, fill, strict=False))]
    gaps, filled = (
        drawdown.detect(history_of({"A": values}), series="A", threshold=threshold, lookback=lookback)
        for values in (close, whole)
    )
    assert (gaps.met[gaps.known] == filled.met[gaps.known]).all()


def test_the_threshold_itself_counts(history_of):
    prices = history_of({"A": [80.0, 100.0, np.nextafter(75.0, 100.0), 75.0, 90.0]})
    found = drawdown.detect(prices, series="A", threshold=0.25)
    assert found.met.tolist() == [0, 0, 0, 1, 0]
    np.testing.assert_allclose(found.indicator.values, [0.0, 0.0, -0.25, -0.25, -0.1], atol=1e-15)
    assert (found.indicator.threshold, found.indicator.side) == (-0.25, "below")


def test_a_high_drops_out_of_the_lookback(history_of):
    prices = history_of({"A": [100.0, 60.0, 60.0, 60.0]})
    assert drawdown.detect(prices, series="A", threshold=0.25, lookback=3).met.tolist() == [0, 1, 1, 0]
    assert drawdown.detect(prices, series="A", threshold=0.25, lookback=3).known.tolist() == [0, 1, 1, 1]
    assert drawdown.detect(prices, series="A", threshold=0.25).met.tolist() == [0, 1, 1, 1]


def test_a_drawdown_is_shown_only_where_it_is_known(history_of):
    # After the gap 80 lies 20% below the highest close seen, but that may not be the highest; 70 is deep enough anyway.
    found = drawdown.detect(history_of({"A": [100.0, NAN, 80.0, 70.0]}), series="A", threshold=0.25)
    np.testing.assert_allclose(found.indicator.values, [0.0, NAN, NAN, -0.3], atol=1e-15)
    assert found.known.tolist() == [1, 0, 0, 1]


def test_a_rate_has_no_drawdown(history_of):
    with pytest.raises(StudyRefused, match="series 'R' is of kind rate; a return needs"):
        drawdown.detect(history_of({"R": [5.0, 4.0]}, kinds={"R": "rate"}), series="R")
