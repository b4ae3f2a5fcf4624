"""What came next on a block of assets, beside loops over single asset-sessions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from backtest.model import Horizon, Prices, SeriesInfo
from backtest.model.panel import Panel
from backtest.panel.base_rates import BaseRates
from backtest.panel.block_windows import Windows, windows_on
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import CommonBenchmark
from backtest.panel.panel_forward import measure_block

SHAPES = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8)
CLOSES = st.sampled_from([np.nan, 1.0, 1.5, 2.0, 1e-200, 1e200])


@st.composite
def cases(draw):
    shape = draw(SHAPES)
    close = draw(arrays(np.float64, shape, elements=CLOSES))
    eligible = draw(st.one_of(st.just(np.ones(shape, dtype=bool)), arrays(np.bool_, shape)))
    market = draw(st.one_of(st.none(), arrays(np.float64, shape[0], elements=st.sampled_from([np.nan, 1.0, 1.1]))))
    leave = draw(arrays(np.int64, shape[0], elements=st.integers(0, shape[0] + 2)))
    return close, eligible, market, np.sort(leave)


def panel_of(close):
    days = np.datetime64("2001-01-01") + np.arange(len(close))
    names = tuple(f"S{i}" for i in range(close.shape[1]))
    return Panel(names, {"close": close}, SeriesInfo("close", "Each", "price_index", ""), Prices(days, {}, {}))


def by_hand(close, eligible, market, leave):
    """Return what each asset-session and its benchmark gave, as far as both are numbers."""
    found = {}
    for day in range(len(close)):
        for asset in range(close.shape[1]):
            end = leave[day]
            if eligible[day, asset] and day < end < len(close):
                gained = close[end, asset] / close[day, asset] - 1.0
                other = 0.0 if market is None else market[end] / market[day] - 1.0
                if math.isfinite(gained - other):
                    found[day, asset] = gained, other
    return found


@pytest.mark.filterwarnings("ignore:overflow encountered", "ignore:divide by zero")
@given(cases(), st.sampled_from(["event", "date"]), st.sampled_from("CF"))
def test_every_asset_session_is_that_of_a_loop(case, weight, order):
    close, eligible, market, leave = case
    panel = panel_of(np.asarray(close, order=order))
    expected = by_hand(*case)
    asset, day0 = (np.array(one, dtype=np.int64) for one in np.nonzero(eligible.T))
    base = BaseRates(len(close), 1, weight)
    benchmark = None if market is None else CommonBenchmark(market)
    own, other = measure_block(panel, PanelEvents(asset, day0, day0, eligible), [Windows.of(leave)], benchmark, base)
    for column, day, mine, its in zip(asset.tolist(), day0.tolist(), own[:, 0], other[:, 0], strict=True):
        assert (mine, its) == expected.get((day, column), (mine, its))
        assert math.isfinite(mine - its) == ((day, column) in expected)
    assert base.complete[0] == len(expected)
    assert base.rates()[1] == pytest.approx(hit_rate(expected, weight), nan_ok=True)


def hit_rate(expected, weight):
    spreads = {at: mine - its for at, (mine, its) in expected.items()}
    if weight == "date":
        by_day = {}
        for (day, _), spread in spreads.items():
            by_day.setdefault(day, []).append(spread)
        spreads = {day: sum(each) / len(each) for day, each in by_day.items()}
    return sum(round(one, 12) > 0 for one in spreads.values()) / len(spreads) if spreads else math.nan


def test_a_quotient_that_is_infinite_is_missing():
    close = np.array([[1e-200, 1.0], [1e200, 2.0], [1e200, 3.0]])
    nobody = np.zeros(0, dtype=np.int64)
    events = PanelEvents(nobody, nobody, nobody, np.ones(close.shape, dtype=bool))
    for weight, rate in (("event", (0.0 + 1.0 + 0.5) / 3), ("date", (1.0 + (0.0 + 0.5) / 2) / 2)):
        base = BaseRates(3, 1, weight)
        panel = panel_of(close)
        with np.errstate(over="ignore"):
            measure_block(panel, events, windows_on(panel.common, [Horizon(1)]), None, base)
        assert base.complete.tolist() == [3]
        assert base.rates()[0].tolist() == [rate]


def test_what_was_in_the_room_before_does_not_stay():
    close = np.arange(1.0, 7.0)[:, None]
    for leave in ([1, 2, 3, 4, 5, 6], [1, 1, 3, 3, 5, 9], [0, 1, 2, 3, 4, 5]):
        windows = Windows.of(np.array(leave))
        found = windows.returns(close, out=np.full(close.shape, 7.0))
        expected = [close[end, 0] / close[day, 0] - 1 if day < end < 6 else np.nan for day, end in enumerate(leave)]
        np.testing.assert_array_equal(found[:, 0], expected)
        np.testing.assert_array_equal(windows.missing(np.isnan(close), np.isnan(close))[:, 0], np.isnan(expected))
