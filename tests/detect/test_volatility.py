from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import volatility
from backtest.detect.builtin.volatility import realised_volatility
from backtest.errors import StudyRefused
from backtest.model import Prices, SeriesInfo

NAN = float("nan")
LEVELS = st.sampled_from([48.0, 60.0, 64.0, 75.0, 80.0, NAN])
POINTS = st.sampled_from([10.0, 15.0, 20.0, 25.0, 30.0, NAN])


def slow_volatility(close, t, sessions):
    if t < sessions or any(math.isnan(value) for value in close[t - sessions : t + 1]):
        return NAN
    squares = [math.log(close[u] / close[u - 1]) ** 2 for u in range(t - sessions + 1, t + 1)]
    return 100 * math.sqrt(252 * statistics.fmean(squares))


@given(st.lists(LEVELS, max_size=20), st.integers(1, 6))
def test_realised_volatility_agrees_with_a_loop(close, sessions):
    found = realised_volatility(np.array(close, dtype=float), sessions)
    np.testing.assert_allclose(found, [slow_volatility(close, t, sessions) for t in range(len(close))], rtol=1e-12)


def test_one_percent_a_day_is_about_sixteen_percent_a_year(history_of):
    # exp(0.01) up and down again: each squared log return is 0.0001, and 100 * sqrt(252 * 0.0001) = 15.87.
    close = [100.0, 100 * math.exp(0.01)] * 3
    prices = history_of({"SPX": close}, roles={"market_index": "SPX"})
    found = volatility.detect(prices, sessions=3, threshold=15.87)
    np.testing.assert_allclose(found.indicator.values, [NAN] * 3 + [15.8745] * 3, atol=1e-4)
    assert found.met.tolist() == found.known.tolist() == [0, 0, 0, 1, 1, 1]
    assert (found.indicator.threshold, found.indicator.unit) == (15.87, "percent a year")


@given(
    st.lists(POINTS, min_size=1, max_size=20), st.integers(1, 6), st.sampled_from([0.0, 20.0]), st.none() | st.just(5.0)
)
def test_level_and_jump_agree_with_a_three_valued_and(history_of, points, sessions, threshold, jump):
    prices = history_of({"VIX": points}, kinds={"VIX": "rate"})
    found = volatility.detect(prices, measure="index", sessions=sessions, threshold=threshold, jump=jump)
    for t, here in enumerate(points):
        before = points[t - sessions] if t >= sessions else NAN
        flags = [None if math.isnan(here) else here >= threshold]
        if jump is not None:
            flags.append(None if math.isnan(here - before) else here - before >= jump)
        assert found.met[t] == all(flag is True for flag in flags)
        assert found.known[t] == (False in flags or None not in flags)


def test_the_indicator_is_what_decides(history_of):
    prices = history_of({"VIX": [20.0, 20.0, 30.0]})
    ask = {"measure": "index", "sessions": 1}
    level = volatility.detect(prices, **ask, threshold=30.0)
    assert (level.met.tolist(), level.indicator.threshold, level.indicator.name) == ([0, 0, 1], 30.0, "VIX")
    jump = volatility.detect(prices, **ask, threshold=0, jump=10.0)
    assert (jump.met.tolist(), jump.indicator.threshold) == ([0, 0, 1], 10.0)
    np.testing.assert_array_equal(jump.indicator.values, [NAN, 0.0, 10.0])
    both = volatility.detect(prices, **ask, threshold=30.0, jump=10.0)
    assert (both.met.tolist(), both.indicator.threshold) == ([0, 0, 1], None)


def test_a_rate_has_no_realised_volatility(history_of):
    with pytest.raises(StudyRefused, match="series 'R' is of kind rate; a return needs"):
        volatility.detect(history_of({"R": [5.0]}, kinds={"R": "rate"}), series="R")


def test_what_is_quoted_every_day_has_365_sessions_a_year():
    # 60 days in a row, each up or down by exp(0.01): 100 * sqrt(365 * 0.0001) = 19.105; of weekdays alone 15.875.
    days = np.arange("2022-01-01", "2022-03-02", dtype="datetime64[D]")
    weekdays = np.array([day for day in days if np.is_busday(day)])
    for sessions, exchange, expected in ((days, "24/7", 19.105), (days, "", 19.105), (weekdays, "XNYS", 15.875)):
        close = np.array([100.0, 100 * math.exp(0.01)] * 30)[: len(sessions)]
        info = SeriesInfo("coin", "Coin", "price_index", "points", "made up")
        prices = Prices(sessions, {"coin": close}, {"coin": info}, exchange=exchange)
        found = volatility.detect(prices, series="coin", sessions=3)
        assert found.indicator.values[-1] == pytest.approx(expected, abs=1e-3)
