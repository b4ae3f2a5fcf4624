from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.measure.forward import Forward, Leg, measure_forward
from backtest.measure.summaries import count_status, mean_over_sessions, summarise_events, summarise_sessions
from backtest.model import Horizon

NAN = float("nan")
RETURN = st.sampled_from([-0.1, -0.05, 0.0, 0.05, 0.1, 0.25, NAN])
ROWS = st.lists(st.tuples(RETURN, RETURN), min_size=1, max_size=20)


def forward_of(asset, benchmark):
    a, b = (np.array(values, dtype=float)[:, None] for values in (asset, benchmark))
    return Forward((Horizon(5),), 0, np.arange(len(a))[:, None] + 5, {"asset": a, "benchmark": b, "spread": a - b})


def check(summary, pairs):
    """Both legs and the spread over the pairs of which neither is missing."""
    known = [(a, b) for a, b in pairs if a == a and b == b]
    assert summary.n.tolist() == [len(known)]
    for leg, values in (
        (summary.legs["asset"], [a for a, _ in known]),
        (summary.legs["benchmark"], [b for _, b in known]),
        (summary.legs["spread"], [a - b for a, b in known]),
    ):
        if not known:
            assert np.isnan([leg.mean[0], leg.median[0], leg.hit_rate[0]]).all()
            continue
        np.testing.assert_allclose(leg.mean[0], statistics.fmean(values), rtol=0, atol=1e-15)
        assert leg.median[0] == statistics.median(values)
        assert leg.hit_rate[0] == sum(value > 0 for value in values) / len(values)


@given(ROWS, st.data())
def test_a_summary_agrees_with_lists(rows, data):
    forward = forward_of([row[0] for row in rows], [row[1] for row in rows])
    day0 = sorted(data.draw(st.sets(st.integers(0, len(rows) - 1))))
    check(summarise_events(forward, np.array(day0, dtype=np.int64)), [rows[t] for t in day0])
    flags = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    sessions = summarise_sessions(forward, np.array(flags))
    check(sessions, [row for row, flag in zip(rows, flags, strict=True) if flag])
    # The same figure where nothing else is asked for, to the last digit: tables show both side by side.
    np.testing.assert_array_equal(mean_over_sessions(forward, np.array(flags)), sessions.judged.mean)


def test_a_return_of_zero_is_no_hit():
    # Spreads: 0, 0.05, -0.05, 0.
    summary = summarise_events(forward_of([0.1, 0.1, 0.0, 0.2], [0.1, 0.05, 0.05, 0.2]), np.arange(4))
    assert summary.legs["spread"].hit_rate.tolist() == [0.25]


def test_dust_of_arithmetic_is_no_hit():
    # 0.1 + 0.2 is 0.3 and 5.6e-17: both legs returned the same. 2e-12 is small, but more than arithmetic leaves.
    summary = summarise_events(forward_of([0.1 + 0.2, 0.3, 0.3 + 2e-12, 0.3], [0.3, 0.1 + 0.2, 0.3, 0.2]), np.arange(4))
    assert summary.judged.hit_rate.tolist() == [0.5]
    # Levels of two indices that move alike: 107 / 100 and 0.0321 / 0.03 differ in the last bit.
    legs = [Leg(close, close) for close in (np.array([100.0, 107.0]), np.array([0.03, 0.0321]))]
    forward = measure_forward(legs, (Horizon(1),), 0)
    assert 0 < forward.judged[0, 0] < 1e-15
    assert summarise_sessions(forward, np.array([True, True])).judged.hit_rate.tolist() == [0]


def test_a_leg_is_averaged_over_the_same_windows_as_the_spread():
    # The second window has no benchmark: its asset return must not enter the asset's mean.
    summary = summarise_events(forward_of([0.25, 0.75, 0.75], [0.0, NAN, 0.0]), np.arange(3))
    assert (summary.n.tolist(), summary.legs["asset"].mean.tolist()) == ([2], [0.5])


def test_the_base_rate_uses_eligible_sessions_only():
    forward = forward_of([0.25, 0.5, 0.75], [0.0, 0.0, 0.0])
    assert summarise_sessions(forward, np.array([False, True, True])).judged.mean.tolist() == [0.625]


def test_states_are_counted_by_horizon():
    status = np.array([["complete", "pending"], ["missing", "pending"], ["not covered", "complete"]])
    assert count_status(status, "pending").tolist() == [0, 2]
    assert count_status(status, "missing", "not covered").tolist() == [2, 0]


@pytest.mark.parametrize("n", [5000, 5001])
def test_the_median_of_many_is_that_of_the_library(n):
    # Seed 5: of 5,000 values, putting one of the two in the middle into its place leaves the other out of its own.
    values = np.random.default_rng(5).normal(0, 1, n)
    summary = summarise_events(forward_of(values.tolist(), [0.0] * n), np.arange(n))
    assert summary.legs["asset"].median.tolist() == [statistics.median(values.tolist())]
