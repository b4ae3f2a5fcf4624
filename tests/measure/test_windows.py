"""Where windows end, against pandas walking day by day, and what is known before the data reach the target day."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.variance import realised_variance
from backtest.measure.forward import Leg, excursions, forward_returns, measure_forward, window_status
from backtest.measure.windows import window_ends
from backtest.model import Horizon, horizons_of
from backtest.study.base_rate import measure_legs

from ..slow_shift import slow_realised

NAN = float("nan")
UNIT = {"w": "weeks", "m": "months", "y": "years"}
GAPS = st.lists(st.integers(1, 9), min_size=1, max_size=120)
WORDS = st.lists(st.sampled_from(["1w", "2w", "1m", "2m", "3m", "1y"]), min_size=1, max_size=3, unique=True)


def days_of(gaps, first="2023-01-25"):
    return np.datetime64(first) + np.concatenate(([0], np.cumsum(gaps))).astype("timedelta64[D]")


def slow_end(days, t, lag, word):
    """The position that pandas finds by walking back from the target day; None where the data do not reach it."""
    if t + lag >= len(days):
        return None
    index = pd.DatetimeIndex(days.astype("datetime64[ns]"))
    target = index[t + lag] + pd.DateOffset(**{UNIT[word[-1]]: int(word[:-1])})
    if index[-1] < target:
        return None
    while target not in index:
        target -= pd.Timedelta(days=1)
    return index.get_loc(target)


@given(GAPS, WORDS, st.integers(0, 1))
def test_every_window_ends_where_pandas_finds_the_last_session_on_or_before(gaps, words, lag):
    days = days_of(gaps)
    level = np.linspace(50, 150, len(days)) * (1 + 0.1 * np.sin(np.arange(len(days))))
    horizons = horizons_of(words)
    leave = window_ends(len(days), horizons, lag, days)
    returned = forward_returns(level, leave, lag)
    held = [Leg(level, level)]
    status = window_status(held, measure_forward(held, horizons, lag, days), np.arange(len(days)))
    for t in range(len(days)):
        for column, horizon in enumerate(horizons):
            end = slow_end(days, t, lag, horizon.word)
            if end is None:
                assert leave[t, column] >= len(days)
                assert status[t, column] == "pending"
                assert math.isnan(returned[t, column])
            elif end == t + lag:  # a gap as long as the window
                assert status[t, column] == "missing"
                assert math.isnan(returned[t, column])
            else:
                assert leave[t, column] == end
                assert status[t, column] == "complete"
                assert returned[t, column] == level[end] / level[t + lag] - 1


# The last days of May 2026: Friday 29 and Monday 1 June. A month after Thursday 30 April is Saturday 30 May.
APRIL_30 = np.array(["2026-04-30", "2026-05-28", "2026-05-29", "2026-06-01"], dtype="datetime64[D]")


@pytest.mark.parametrize(("known", "status"), [(2, "pending"), (3, "pending"), (4, "complete")])
def test_a_window_to_a_saturday_is_over_once_a_later_session_is_there(known, status):
    level = np.array([100.0, 101.0, 110.0, 90.0])[:known]
    held = [Leg(level, level)]
    forward = measure_forward(held, horizons_of(["1m"]), 0, APRIL_30[:known])
    assert window_status(held, forward, np.array([0])).tolist() == [[status]]
    if status == "complete":
        assert forward.judged[0, 0] == 110 / 100 - 1  # Friday, not Monday


def test_a_window_to_the_last_session_is_complete():
    level = np.array([100.0, 101.0, 110.0])
    held = [Leg(level, level)]
    days = np.array(["2026-04-29", "2026-05-28", "2026-05-29"], dtype="datetime64[D]")
    forward = measure_forward(held, horizons_of(["1m"]), 0, days)
    assert window_status(held, forward, np.array([0, 1])).tolist() == [["complete"], ["pending"]]


def test_a_leg_that_ended_on_the_last_session_of_the_window_is_complete():
    # Other series go on to Monday, so that Friday is known to be the last session on or before Saturday.
    asset = np.array([100.0, 101.0, 110.0, NAN])
    held = [Leg(asset, asset)]
    forward = measure_forward(held, horizons_of(["1m"]), 0, APRIL_30)
    assert window_status(held, forward, np.array([0])).tolist() == [["complete"]]
    gone = np.array([100.0, 101.0, NAN, NAN])
    held = [Leg(gone, gone)]
    forward = measure_forward(held, horizons_of(["1m"]), 0, APRIL_30)
    assert window_status(held, forward, np.array([0])).tolist() == [["pending"]]


@pytest.mark.parametrize(("gap", "status"), [(14, "complete"), (15, "missing")])
def test_a_window_that_ends_in_a_hole_is_missing(gap, status):
    # A month after 3 March is 3 April; the last session before it lies so many days back.
    days = np.array(["2026-03-03", "2026-04-03", "2026-04-20"], dtype="datetime64[D]")
    days[1] -= np.timedelta64(gap, "D")
    level = np.array([100.0, 101.0, 110.0])
    held = [Leg(level, level)]
    forward = measure_forward(held, horizons_of(["1m"]), 0, days)
    assert window_status(held, forward, np.array([0])).tolist() == [[status]]
    assert np.isfinite(realised_variance([level], forward.leave[:, 0], 0)[0]) == (status == "complete")


def test_a_calendar_horizon_needs_days():
    with pytest.raises(ValueError, match="the days of the sessions are needed"):
        window_ends(5, horizons_of(["1m"]), 0)


@given(GAPS, st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_realised_variance_and_excursions_are_those_of_each_window(gaps, lag, seed):
    days, rng = days_of(gaps), np.random.default_rng(seed)
    a, b = (np.cumprod(1 + rng.normal(0, 0.05, len(days))) for _ in range(2))
    horizons, held = horizons_of(["1w", "1m"]), [Leg(a, a), Leg(b, b)]
    forward = measure_forward(held, horizons, lag, days)
    mae, mfe = excursions(held, forward, np.arange(len(days)))
    for column, horizon in enumerate(horizons):
        found = realised_variance([a, b], forward.leave[:, column], lag)
        for t in range(len(days)):
            end = slow_end(days, t, lag, horizon.word)
            if end is None or end == t + lag:
                assert np.isnan([found[t], mae[t, column], mfe[t, column]]).all()
                continue
            levels = [leg[t + lag : end + 1] for leg in (a, b)]
            path = levels[0] / levels[0][0] - levels[1] / levels[1][0]
            np.testing.assert_allclose(found[t], slow_realised(levels, end - t - lag), rtol=1e-9, atol=1e-15)
            np.testing.assert_allclose([mae[t, column], mfe[t, column]], [path.min(), path.max()], atol=1e-14)


def test_where_every_day_is_a_session_a_week_is_seven_sessions():
    # An integer horizon is the special case: the same windows, the same numbers to the last bit.
    days = np.datetime64("2020-01-01") + np.arange(400).astype("timedelta64[D]")
    rng = np.random.default_rng(4)
    held = [Leg(level, level) for level in np.cumprod(1 + rng.normal(0, 0.02, (2, 400)), axis=1)]
    week = measure_legs(held, horizons_of(["1w"], 365), 1, days)
    seven = measure_legs(held, [Horizon(7)], 1)
    np.testing.assert_array_equal(week.forward.judged, seven.forward.judged)
    np.testing.assert_array_equal(week.realised[0], seven.realised[0])
    assert week.forward.longest == seven.forward.longest == (7,)


def test_the_longest_window_is_that_of_the_complete_ones():
    # At weekdays 28 days have 20 sessions, 30 days from a Friday to a Sunday 20, 31 days from a Monday 23.
    days = np.busday_offset("2023-01-02", np.arange(300))
    held = [Leg(np.ones(300), np.ones(300))]
    forward = measure_forward(held, horizons_of(["1m"]), 0, days)
    complete = np.isfinite(forward.judged[:, 0])
    found = set(forward.lengths[complete, 0].tolist())
    assert found == {20, 21, 22, 23}
    assert forward.longest == (23,)
