"""Past events whose horizons are not over, with every figure worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.spec.measure import MeasureTable
from backtest.watch.pending import pending_of

NAN = float("nan")


def measure(**more):
    return MeasureTable(asset="A", benchmark="B", horizons=[1, 3], **more)


def test_what_has_passed_and_how_it_stands(history_of):
    prices = history_of({"A": [100.0, 110.0, 121.0, 121.0, 110.0, 132.0], "B": [50.0, 50.0, 55.0, 55.0, 50.0, 51.0]})
    found = pending_of(prices, measure(), np.array([0, 1, 3, 4]))
    assert [(one.day0, one.horizon, one.passed, one.through) for one in found] == [(4, 3, 1, 5), (3, 3, 2, 5)]
    latest, before = found
    assert latest.returns == pytest.approx({"asset": 0.20, "benchmark": 0.02, "spread": 0.18})
    assert (before.returns["asset"], before.returns["benchmark"]) == pytest.approx((132 / 121 - 1, 51 / 55 - 1))
    # the events of sessions 0 and 1 are over: after one session +10% and 0%, +10% and +10%
    assert latest.n_completed == 2
    assert latest.completed_so_far == pytest.approx((0.10 + 0.00) / 2)
    # after two sessions 21% less 10%, and 10% less 10%
    assert before.completed_so_far == pytest.approx((0.11 + 0.00) / 2)
    # after three 21% less 10%, and 0% less 0%
    assert latest.completed == before.completed == pytest.approx(0.055)


def test_an_entry_to_come_has_passed_nothing(history_of):
    prices = history_of({"A": [100.0, 110.0, 121.0], "B": [50.0, 50.0, 50.0]})
    found = pending_of(prices, measure(entry="next_close"), np.array([2]))
    assert [(one.horizon, one.passed, one.through, one.returns["asset"], one.returns["spread"]) for one in found] == [
        (1, 0, None, None, None),
        (3, 0, None, None, None),
    ]
    assert (found[0].n_completed, found[0].completed_so_far, found[0].completed) == (0, None, None)


def test_both_legs_are_taken_on_the_same_close(history_of):
    prices = history_of({"A": [100.0, 110.0, 120.0, 130.0], "B": [50.0, 50.0, 60.0, NAN]})
    found = pending_of(prices, measure(), np.array([1]))
    assert [(one.horizon, one.passed, one.through) for one in found] == [(3, 1, 2)]
    assert (found[0].returns["asset"], found[0].returns["benchmark"]) == pytest.approx((120 / 110 - 1, 0.2))


def test_a_leg_missing_at_entry_has_no_return(history_of):
    prices = history_of({"A": [100.0, NAN, 120.0], "B": [50.0, 50.0, 60.0]})
    found = pending_of(prices, measure(), np.array([1]))
    assert [(one.horizon, one.passed) for one in found] == [(3, 1)]
    assert found[0].returns == {"asset": None, "benchmark": pytest.approx(0.2), "spread": None}


def test_nothing_is_pending_where_every_window_is_over(history_of):
    prices = history_of({"A": [100.0] * 5, "B": [50.0] * 5})
    assert pending_of(prices, measure(), np.array([0, 1])) == []
    assert pending_of(prices, measure(), np.array([], dtype=np.int64)) == []


def test_sessions_are_counted_from_entry(history_of):
    prices = history_of({"A": [100.0, 110.0, 121.0, 133.1], "B": [50.0] * 4})
    found = pending_of(prices, measure(entry="next_close"), np.array([1]))
    assert [(one.horizon, one.passed, one.returns["asset"]) for one in found] == [(3, 1, pytest.approx(0.1))]
