from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import year_to_date

NAN = float("nan")
LEVELS = st.sampled_from([48.0, 60.0, 64.0, 75.0, 80.0, 100.0, 125.0, NAN])
# Years of a few sessions each, one of them missing altogether.
SESSIONS = np.array(
    [f"{year}-{month:02d}-15" for year in (2001, 2002, 2003, 2005) for month in (2, 4, 6, 8, 10, 12)], "datetime64[D]"
)


def base_of(sessions, t):
    """Position of the last session before the year of session t, or None."""
    earlier = [u for u in range(t) if str(sessions[u])[:4] < str(sessions[t])[:4]]
    return earlier[-1] if earlier else None


def slow_year(close, t):
    base = base_of(SESSIONS, t)
    return NAN if base is None else close[t] / close[base] - 1.0


def enough(value, least, up):
    if value == 0 and least == 0:  # unchanged: neither up nor down
        return False
    return value >= least if up else value <= -least


@given(
    st.lists(LEVELS, min_size=1, max_size=len(SESSIONS)), st.sampled_from([0.0, 0.25, 0.2]), st.sampled_from([1, -1])
)
def test_the_year_agrees_with_a_search_for_its_base(history_of, close, threshold, sign):
    prices = history_of({"A": close}, sessions=SESSIONS[: len(close)])
    direction = "up" if sign > 0 else "down"
    found = year_to_date.detect(prices, series="A", threshold=threshold, direction=direction)
    values = [slow_year(close, t) for t in range(len(close))]
    np.testing.assert_array_equal(found.indicator.values, values)
    assert found.known.tolist() == [not math.isnan(value) for value in values]
    assert found.met.tolist() == [enough(value, threshold, sign > 0) for value in values]
    assert found.indicator.threshold == sign * threshold


def slow_share(close, t, sessions, up):
    """The share, "none" where there can be none, or None where it is not known."""
    base, year = base_of(SESSIONS, t), slow_year(close, t)
    if math.isnan(year):
        return None
    if t - sessions <= base or (year <= 0 if up else year >= 0):
        return "none"
    recent = close[t] / close[t - sessions] - 1.0
    return None if math.isnan(recent) else recent / year


@given(
    st.lists(LEVELS, min_size=1, max_size=len(SESSIONS)),
    st.sampled_from([0.0, 0.25, 0.2]),
    st.sampled_from([0.5, 1.0, 2.0]),
    st.integers(1, 7),
    st.booleans(),
)
def test_the_share_agrees_with_one_session_at_a_time(history_of, close, threshold, share, sessions, up):
    found = year_to_date.detect(
        history_of({"A": close}, sessions=SESSIONS[: len(close)]),
        series="A",
        threshold=threshold,
        share=share,
        sessions=sessions,
        direction="up" if up else "down",
    )
    for t in range(len(close)):
        year, part = slow_year(close, t), slow_share(close, t, sessions, up)
        far = None if math.isnan(year) else enough(year, threshold, up)
        mostly = None if part is None else part != "none" and part >= share
        assert found.met[t] == (far is True and mostly is True)
        assert found.known[t] == (far is False or None not in (far, mostly))
        shown = part if isinstance(part, float) else NAN
        np.testing.assert_array_equal(found.indicator.values[t], shown)


def test_a_year_by_hand(history_of):
    # 100 at the end of 2001; 2002: 96, 100, 125. The last session earned all of 25%; the year stood at -4% before.
    close = [50.0, 50.0, 50.0, 50.0, 50.0, 100.0, 96.0, 100.0, 125.0]
    prices = history_of({"A": close}, sessions=SESSIONS[:9])
    found = year_to_date.detect(prices, series="A", threshold=0.25, share=1.0, sessions=1)
    assert found.known.tolist() == [0] * 6 + [1] * 3
    assert found.met.tolist() == [0] * 8 + [1]
    two = year_to_date.recent_shares(prices, "A", 2)
    # Over two sessions 125/96 - 1 = 30.2%: more than the year's 25%.
    np.testing.assert_allclose(two[8], (125 / 96 - 1) / 0.25)
    assert np.isnan(two[:8]).all()


def test_a_year_that_is_not_far_enough_needs_no_share(history_of):
    # 100 at the end of 2001, a gap in February 2002, then 110 and 130 one and two sessions later.
    prices = history_of({"A": [99.0] * 5 + [100.0, 101.0, NAN, 110.0, NAN, 130.0]}, sessions=SESSIONS[:11])
    found = year_to_date.detect(prices, series="A", threshold=0.2, share=0.5, sessions=1)
    # 10% is not 20%, whatever the session earned; of the 30% nobody knows how much the last session earned.
    assert found.known[6:].tolist() == [1, 0, 1, 0, 0]
    assert found.indicator.threshold is None
    alone = year_to_date.detect(prices, series="A", threshold=0.0, share=0.5, sessions=1)
    assert alone.indicator.threshold == 0.5
    assert alone.known[6:].tolist() == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(("base", "known"), [(100.0, True), (NAN, False)])
def test_a_missing_base_is_unknown_all_year(history_of, base, known):
    prices = history_of({"A": [99.0] * 5 + [base, 120.0, 130.0]}, sessions=SESSIONS[:8])
    found = year_to_date.detect(prices, series="A")
    assert (found.known[6:] == known).all()
    assert (found.met[6:] == known).all()
