from __future__ import annotations

import math
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.measure.forward import Leg, excursions, forward_returns, measure_forward, window_status
from backtest.measure.windows import window_ends
from backtest.model import horizons_of
from backtest.spec.measure import MeasureTable
from backtest.study.base_rate import measure_every_session

NAN = float("nan")
LEVEL = st.one_of(st.floats(0.5, 2000), st.just(NAN))
ROWS = st.lists(st.tuples(LEVEL, LEVEL, LEVEL, LEVEL), min_size=1, max_size=25)
HORIZONS = st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True).map(sorted)


def slow_return(level, day0, lag, h):
    """The return of a position entered `lag` sessions after day 0 and left `h` sessions later, looked up by hand."""
    enter, leave = day0 + lag, day0 + lag + h
    return level[leave] / level[enter] - 1.0 if leave < len(level) else NAN


@given(ROWS, HORIZONS, st.sampled_from(["close", "next_open", "next_close"]))
def test_every_session_and_horizon_agrees_with_a_lookup(history_of, rows, horizons, entry):
    close_a, close_b, open_a, open_b = ([row[i] for row in rows] for i in range(4))
    prices = history_of({"A": close_a, "B": close_b, "A.open": open_a, "B.open": open_b})
    measure = MeasureTable(asset="A", benchmark="B", horizons=horizons, entry=entry)
    forward = measure_every_session(prices, measure).forward
    lag = {"close": 0, "next_open": 1, "next_close": 1}[entry]
    legs = (open_a, open_b) if entry == "next_open" else (close_a, close_b)
    assert (forward.horizons, forward.lag) == (horizons_of(horizons), lag)
    for column, h in enumerate(horizons):
        asset, benchmark = ([slow_return(leg, t, lag, h) for t in range(len(rows))] for leg in legs)
        np.testing.assert_array_equal(forward.legs["asset"][:, column], asset)
        np.testing.assert_array_equal(forward.legs["benchmark"][:, column], benchmark)
        np.testing.assert_array_equal(forward.legs["spread"][:, column], np.array(asset) - np.array(benchmark))


def test_vectorbt_gives_the_same_from_close_to_close():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import vectorbt as vbt

    rng = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 400)))
    horizons = [1, 5, 21, 63, 252, 399]
    ours = forward_returns(close, window_ends(400, horizons_of(horizons), 0), 0)
    for column, h in enumerate(horizons):
        theirs = vbt.FIXLB.run(pd.Series(close), n=h).labels.to_numpy()
        np.testing.assert_allclose(ours[:, column], theirs, rtol=0, atol=1e-15)
        assert np.isfinite(ours[:, column]).sum() == 400 - h


# Status of the windows: eight sessions; A is quoted on sessions 1 to 7, B on 0 to 6, A misses session 3.
A = [NAN, 100, 110, NAN, 121, 121, 110, 121]
B = [50, 50, 50, 50, 60, 60, 60, NAN]


def legs(a=A, b=B):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    return Leg(a, a), Leg(b, b)


def statuses(day0, horizons, lag=0):
    held = legs()
    forward = measure_forward(held, horizons_of(horizons), lag)
    return window_status(held, forward, np.array(day0)).tolist()


def test_a_window_that_is_not_complete_says_why():
    assert statuses([0, 1, 2, 3, 4, 5, 6], [1, 2]) == [
        ["not covered", "not covered"],  # A begins on session 1
        ["complete", "missing"],  # A has no level on session 3
        ["missing", "complete"],
        ["missing", "missing"],  # entry at the missing level
        ["complete", "complete"],
        ["complete", "pending"],  # B ends on session 6
        ["pending", "pending"],
    ]


def test_a_window_that_ends_on_the_last_session_is_not_pending():
    assert statuses([3, 4], [3]) == [["missing"], ["pending"]]


def test_the_lag_moves_entry_and_end():
    assert statuses([0, 2, 4, 5], [1], lag=1) == [["complete"], ["missing"], ["complete"], ["pending"]]


def test_a_window_beyond_the_history_is_pending():
    assert statuses([6], [100], lag=1) == [["pending"]]


def test_a_leg_without_any_level_covers_nothing():
    held = legs(a=[NAN] * 8)
    forward = measure_forward(held, horizons_of([1]), 0)
    assert window_status(held, forward, np.array([2, 7])).tolist() == [["not covered"], ["not covered"]]


@given(ROWS, HORIZONS, st.integers(0, 1))
def test_a_window_is_complete_exactly_where_the_spread_is_known(rows, horizons, lag):
    held = legs([row[0] for row in rows], [row[1] for row in rows])
    forward = measure_forward(held, horizons_of(horizons), lag)
    day0 = np.arange(len(rows))
    complete = window_status(held, forward, day0) == "complete"
    np.testing.assert_array_equal(complete, np.isfinite(forward.legs["spread"]))


# Excursions


@given(ROWS, HORIZONS, st.integers(0, 1))
def test_excursions_agree_with_a_walk_through_the_window(rows, horizons, lag):
    a, b = [row[0] for row in rows], [row[1] for row in rows]
    held = legs(a, b)
    forward = measure_forward(held, horizons_of(horizons), lag)
    mae, mfe = excursions(held, forward, np.arange(len(rows)))
    for t in range(len(rows)):
        for column, h in enumerate(horizons):
            spreads = []
            for step in range(h + 1):
                first, now = t + lag, t + lag + step
                inside = now < len(rows)
                spreads.append((a[now] / a[first] - 1.0) - (b[now] / b[first] - 1.0) if inside else NAN)
            unknown = any(math.isnan(spread) for spread in spreads)
            np.testing.assert_array_equal(mae[t, column], NAN if unknown else min(spreads))
            np.testing.assert_array_equal(mfe[t, column], NAN if unknown else max(spreads))


def test_excursions_by_hand():
    # The benchmark stands still. From 100: 120 (+20%), 90 (-10%), 105 (+5%).
    held = legs([100, 120, 90, 105], [7, 7, 7, 7])
    forward = measure_forward(held, horizons_of([1, 2, 3]), 0)
    mae, mfe = excursions(held, forward, np.array([0]))
    np.testing.assert_allclose(mae, [[0, -0.1, -0.1]], atol=1e-15)  # entry included: never above 0
    np.testing.assert_allclose(mfe, [[0.2, 0.2, 0.2]], atol=1e-15)


@pytest.mark.parametrize("n", [1, 3])
def test_a_history_shorter_than_the_horizon_has_no_return(n):
    assert np.isnan(forward_returns(np.ones(n), window_ends(n, horizons_of([3, 5]), 1), 1)).all()
