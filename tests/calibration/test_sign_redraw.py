"""Signs of the daily spread are redrawn; levels, nights and gaps stay."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.calibration.sign_redraw import block_rows, level_of, redrawn, redrawn_legs, steps_of
from backtest.measure.forward import Leg

NAN = float("nan")


def test_a_missing_level_gives_its_change_to_the_next():
    steps = steps_of(np.array([NAN, 100.0, 110.0, NAN, 121.0]))
    assert steps[[2, 4]] == pytest.approx([0.1, 0.1])
    assert np.isnan(steps[[0, 1, 3]]).all()
    assert level_of(steps) == pytest.approx([1, 1, 1.1, 1.1, 1.21])


def test_spread_is_turned_around_its_mean_and_the_middle_stays():
    asset, benchmark = np.array([0.03, 0.01, NAN, 0.02]), np.array([0.01, 0.02, 0.01, 0.0])
    signs = np.array([-1.0, 1.0, -1.0, 1.0])
    # spreads 0.02, -0.01, 0.02 with mean 0.01: deviations 0.01, -0.02, 0.01
    a, b = redrawn([asset, benchmark], signs)
    assert (a - b)[[0, 1, 3]] == pytest.approx([-0.01, -0.02, 0.01])
    assert (a + b)[[0, 1, 3]] == pytest.approx([0.04, 0.03, 0.02])
    assert b[2] == 0.01
    assert np.isnan(a[2])


def test_an_asset_alone_keeps_its_mean():
    (turned,) = redrawn([np.array([0.03, 0.01])], np.array([-1.0, -1.0]))
    assert turned == pytest.approx([0.01, 0.03])


def test_blocks_run_on_around_the_end():
    rows = block_rows(np.random.default_rng(1), 25, 7, 10)
    assert len(rows) == 25
    assert (np.diff(rows[:10]) % 7 == 1).all()
    assert rows.min() >= 0
    assert rows.max() < 7


def test_a_night_and_its_day_have_one_sign():
    opened, close = np.array([100.0, 103.0, 101.0]), np.array([101.0, 102.0, 104.0])
    flat = np.full(3, 50.0)
    legs = [Leg(close, opened), Leg(flat, flat.copy())]
    kept = redrawn_legs(legs, slice(None), np.ones(3))
    # with no sign turned, the spread has lost its mean of five steps and nothing else
    path = np.column_stack((opened, close)).ravel()
    steps = path[1:] / path[:-1] - 1
    half = (steps - steps.mean() + steps) / 2  # the middle is half of each step; the spread half of what it deviates
    mid = steps / 2 + (steps - steps.mean()) / 2
    assert half == pytest.approx(mid)
    rebuilt = np.concatenate(([1.0], np.cumprod(1 + mid)))
    assert np.column_stack((kept[0].entry, kept[0].close)).ravel() == pytest.approx(rebuilt)
    turned = redrawn_legs(legs, slice(None), np.array([1.0, -1.0, 1.0]))
    other = np.where([False, True, True, False, False], steps / 2 - (steps - steps.mean()) / 2, mid)
    assert np.column_stack((turned[0].entry, turned[0].close)).ravel() == pytest.approx(
        np.concatenate(([1.0], np.cumprod(1 + other)))
    )


def test_what_is_missing_stays_missing_on_its_row():
    close = np.array([100.0, NAN, 102.0, 103.0])
    leg = redrawn_legs([Leg(close, close)], np.array([0, 3, 1, 2]), np.ones(4))[0]
    assert np.isnan(leg.close).tolist() == [False, False, True, False]
    assert leg.entry is leg.close
