"""Signals by hand, and what each kind promises."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.calibration.choices import chosen_signals
from backtest.calibration.named_worlds import SIMULATED
from backtest.calibration.signals import Signal, find_events
from backtest.errors import NotFound, StudyRefused

WORLD = {world.name: world for world in SIMULATED}


def rng():
    return np.random.default_rng(4)


def events(kind, n, returns, span=None):
    return find_events(Signal(kind, n), np.array(returns), span or (0, len(returns) - 1), rng()).tolist()


def test_streaks_end_where_the_smallest_of_three_returns_is_largest():
    returns = [np.nan, 1, 2, 3, -1, 0, 5, 5, 4, 9, 0, 0, 0]
    #        smallest of three ends: 3: 1; 8: 4; 9: 4; the earlier of two as large comes first
    assert events("streak", 1, returns) == [8]
    assert events("streak", 2, returns) == [3, 8]


def test_moves_are_the_largest_in_either_direction_and_apart():
    returns = [np.nan, 0, 0, 0, 1, -9, 8, 0, 0, 7, 0, 2]
    assert events("move", 2, returns) == [5, 9]
    assert events("move", 2, returns, (6, 11)) == [6, 11]  # 9 lies within three sessions of 6


def test_of_neighbours_the_first_counts_though_a_larger_one_follows():
    # To take 9 because 8 is smaller would look ahead: after an event nothing larger could come.
    assert events("move", 2, [np.nan, 0, 0, 0, 8, 9, 0, 0, 0, 0, 0, 7]) == [4, 11]


def test_blind_signals():
    returns = np.zeros(300)
    for kind in ("random", "clustered", "consecutive"):
        for n in (3, 30, 100):
            found = find_events(Signal(kind, n), returns, (50, 249), rng())
            assert len(set(found.tolist())) == len(found) == n
            assert found.min() >= 50
            assert found.max() <= 249
            assert (np.diff(found) > 0).all()
    assert np.ptp(find_events(Signal("consecutive", 30), returns, (0, 299), rng())) == 29
    assert np.ptp(find_events(Signal("clustered", 5), returns, (0, 299), rng())) < 21
    assert len(find_events(Signal("random", 500), returns, (100, 149), rng())) == 50


def test_choice():
    assert [str(s) for s in chosen_signals(WORLD["iid"], ["move"], [3, 13])] == ["move n = 3", "move n = 13"]
    assert len(chosen_signals(WORLD["iid"], [], [])) == 10
    assert {s.kind for s in chosen_signals(WORLD["induced"], ["streak", "random"], [3])} == {"random"}
    with pytest.raises(StudyRefused, match="would see it"):
        chosen_signals(WORLD["induced"], ["streak"], [])
    with pytest.raises(NotFound, match=r"signal 'sreak' is unknown. Did you mean 'streak'"):
        chosen_signals(WORLD["iid"], ["sreak"], [])
