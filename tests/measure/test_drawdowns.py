"""Drawdowns against hand calculations, and against a walk through each window."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.measure.drawdowns import drawdowns
from backtest.measure.forward import Leg, excursions, measure_forward
from backtest.model import horizons_of

from .test_windows import GAPS, days_of, slow_end

NAN = float("nan")
LEVEL = st.sampled_from([50.0, 80.0, 95.0, 100.0, 103.0, 120.0, NAN])
ROWS = st.lists(st.tuples(LEVEL, LEVEL), min_size=1, max_size=30)
HORIZONS = st.lists(st.integers(1, 20), min_size=1, max_size=4, unique=True).map(sorted)


def found(columns, horizons, lag=0, span=None):
    legs = [Leg(level, level) for level in (np.array(column, dtype=float) for column in columns)]
    forward = measure_forward(legs, horizons_of(horizons), lag)
    return drawdowns(legs, forward, span or (0, len(columns[0]) - 1)), forward, legs


def slow(path, lost):
    """The largest fall from any value to a later one; missing ones are passed over."""
    known = [value for value in path if not math.isnan(value)]
    return min(lost(known[i], known[j]) for i in range(len(known)) for j in range(i, len(known)))


def test_by_hand():
    # Up to 120, down to 90, up to 150, down to 120: falls of 25% and, from a higher high, of 20%.
    of, _, _ = found([[100, 120, 90, 150, 120]], [1, 2, 3, 4])
    assert of["asset"][0].tolist() == pytest.approx([0.0, -0.25, -0.25, -0.25])
    assert of["asset"][1, :3].tolist() == pytest.approx([-0.25, -0.25, -0.25])  # entry itself is the high
    assert of["asset"][2, :2].tolist() == pytest.approx([0.0, -0.2])
    assert np.isnan(of["asset"][4]).all()


def test_the_spread_falls_in_points_from_its_own_high():
    # The asset returns +20%, -10%, +10%, the benchmark stands still and then gains 10%: spreads of 20, -10 and 0.
    of, _, _ = found([[100, 120, 90, 110], [50, 50, 50, 55]], [1, 2, 3])
    assert of["spread"][0].tolist() == pytest.approx([0.0, -0.3, -0.3])
    assert of["asset"][0].tolist() == pytest.approx([0.0, -0.25, -0.25])
    assert of["benchmark"][0].tolist() == [0.0, 0.0, 0.0]


def test_the_window_begins_at_entry():
    # With entry a session later, the fall from 100 to 80 is over.
    of, _, _ = found([[100, 80, 120, 90]], [1, 2], lag=1)
    assert of["asset"][0].tolist() == pytest.approx([0.0, -0.25])


@given(ROWS, HORIZONS, st.integers(0, 1), st.data())
def test_it_agrees_with_a_walk_through_each_window(rows, horizons, lag, data):
    a, b = [row[0] for row in rows], [row[1] for row in rows]
    first = data.draw(st.integers(0, len(rows) - 1))
    span = (first, data.draw(st.integers(first, len(rows) - 1)))
    of, forward, _ = found([a, b], horizons, lag, span)
    for t in range(len(rows)):
        for column, horizon in enumerate(horizons):
            enter = t + lag
            held = slice(enter, enter + horizon + 1)
            paths = {
                "asset": (a[held], lambda high, low: low / high - 1),
                "benchmark": (b[held], lambda high, low: low / high - 1),
                "spread": (
                    [x / a[enter] - y / b[enter] for x, y in zip(a[held], b[held], strict=True)],
                    lambda high, low: low - high,
                ),
            }
            for leg, (path, lost) in paths.items():
                asked = span[0] <= t <= span[1] and np.isfinite(forward.legs[leg][t, column])
                expected = slow(path, lost) if asked else NAN
                np.testing.assert_allclose(of[leg][t, column], expected, rtol=0, atol=1e-15)


@given(ROWS, HORIZONS, st.integers(0, 1))
def test_no_drawdown_is_smaller_than_the_loss_and_none_shrinks(rows, horizons, lag):
    of, forward, legs = found([[row[0] for row in rows], [row[1] for row in rows]], horizons, lag)
    mae, _ = excursions(legs, forward, np.arange(len(rows)))
    for leg, fallen in of.items():
        known = np.isfinite(fallen)
        np.testing.assert_array_equal(known, np.isfinite(forward.legs[leg]))
        assert (fallen[known] <= np.minimum(forward.legs[leg][known], 0.0) + 1e-15).all()
        deeper = fallen[:, 1:] <= fallen[:, :-1]
        assert deeper[known[:, 1:] & known[:, :-1]].all()
    both = np.isfinite(mae)
    assert (of["spread"][both] <= mae[both] + 1e-15).all()


@given(GAPS, st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_by_the_calendar_it_is_that_of_each_window(gaps, lag, seed):
    days, rng = days_of(gaps), np.random.default_rng(seed)
    a, b = (np.cumprod(1 + rng.normal(0, 0.05, len(days))) for _ in range(2))
    horizons, held = horizons_of(["1w", 5, "1m"]), [Leg(a, a), Leg(b, b)]
    forward = measure_forward(held, horizons, lag, days)
    of = drawdowns(held, forward, (0, len(days) - 1))
    for column, horizon in enumerate(horizons):
        for t in range(len(days)):
            end = slow_end(days, t, lag, horizon.word) if horizon.word else t + lag + 5
            if end is None or end == t + lag or end >= len(days):
                assert np.isnan([values[t, column] for values in of.values()]).all()
                continue
            x, y = (leg[t + lag : end + 1] / leg[t + lag] for leg in (a, b))
            expected = [slow(x, ratio), slow(y, ratio), slow(x - y, lambda high, low: low - high)]
            np.testing.assert_allclose([values[t, column] for values in of.values()], expected, rtol=0, atol=1e-14)


def ratio(high, low):
    return low / high - 1
