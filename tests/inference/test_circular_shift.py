from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backtest.inference import moved
from backtest.inference.circle import Circle, flags_of, make_circle, overlap, smooth_length
from backtest.inference.circular_shift import BATCH, Shifts, observed_scale, shift_p_values, shift_statistics
from backtest.inference.variance import ewma_variance, expected_variance, realised_variance

from ..slow_shift import slow_statistics

NAN = float("nan")


def circle(deviation, expected=None, realised=None, square=None, horizon=1):
    m = len(deviation)
    expected = np.ones(m) if expected is None else np.asarray(expected, dtype=float)
    realised = expected if realised is None else np.asarray(realised, dtype=float)
    square = np.ones(m) if square is None else np.asarray(square, dtype=float)
    return Circle(np.arange(m), np.asarray(deviation, dtype=float), expected, realised, square, np.full(m, horizon))


def alike(spread, variance, eligible=None):
    """Make a circle whose variance came to be what was expected, with windows of one session."""
    n = len(spread)
    eligible = np.ones(n, dtype=bool) if eligible is None else eligible
    lengths = np.ones(n, dtype=int)
    return make_circle(
        np.asarray(spread), np.asarray(variance), np.asarray(variance), np.ones(n + 1), eligible, lengths, 0
    )


def p_of(of, places):
    return shift_p_values(shift_statistics(of, [np.array(places, dtype=np.int64)]))[0]


@pytest.mark.parametrize("few", [0, 40])  # by transforms, slice by slice
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 70), st.data())
def test_all_shifts_agree_with_moving_the_events(monkeypatch, few, seed, m, horizon, data):
    rng = np.random.default_rng(seed)
    expected, realised, square = (rng.uniform(0.1, 4, m) for _ in range(3))
    sets = [sorted(data.draw(st.sets(st.integers(0, m - 1), min_size=1))) for _ in range(3)]
    lengths = rng.integers(1, horizon + 1, m) if seed % 2 else np.full(m, horizon)  # by the calendar, or by sessions
    of = circle(rng.normal(0, 1, m), expected, realised, square, lengths)
    monkeypatch.setattr(moved, "FEW", few)
    for one in (of, of.standardised):
        found = shift_statistics(one, [np.array(places) for places in sets])
        for row, places in zip(found, sets, strict=True):
            slow = np.array(slow_statistics(one, places))
            np.testing.assert_allclose(row, slow, rtol=1e-12, atol=1e-12)
            assert p_of(one, places) == np.count_nonzero(np.abs(slow) >= abs(slow[0]) - 2e-9) / m
            if one is of:
                both = Shifts(of, flags_of(of, [np.array(places)]))
                np.testing.assert_allclose(both.standardised[0], slow_statistics(of.standardised, places), atol=1e-12)
                ratio = [
                    sum(of.realised[(i + k) % m] for i in places) / sum(of.expected[(i + k) % m] for i in places)
                    for k in range(m)
                ]
                np.testing.assert_allclose(both.variance_ratio[0], ratio, rtol=1e-12)
            scale = observed_scale(one, np.array(places))
            assert one.deviation[places].sum() / scale == pytest.approx(slow[0], rel=1e-12, abs=1e-12)


def test_standardised_effects_by_hand():
    # Volatility 1, 2, 1: d/s is 3, 1, -4 and 1/s is 1, 1/2, 1. Their sums are 0 and 5/2: nothing is taken off.
    of = circle([3, 2, -4], [1, 4, 1], [2, 2, 2]).standardised
    np.testing.assert_allclose(of.deviation, [3, 1, -4], atol=1e-15)
    np.testing.assert_allclose(of.realised, [2, 0.5, 2], atol=1e-15)
    assert of.expected.tolist() == [1, 1, 1]
    # d/s is 3, 2, -4, in sum 1: 2/5 of 1/s is taken off each.
    np.testing.assert_allclose(circle([3, 4, -4], [1, 4, 1]).standardised.deviation, [2.6, 1.8, -4.4], atol=1e-15)


def test_variance_that_overlaps_by_hand():
    # Two windows of two sessions, on 0 1 and on 1 2 of a circle of four: w is 1 2 1 0. c is 6/4, N 16/6. The squares
    # 1 1 1 5 give c_0 = 6/4; moved by one, w meets 1 1 5: 1 + 4 + 5 over 1 + 2 + 5.
    of = circle([1, 1, -1, -1], [1, 1, 1, 1], [2, 2, 6, 6], [1, 1, 1, 5], 2)
    n = 16 / 6
    first = 2 / ((3 * 1.5 * 2 + n * 1.5 * 4) / (3 + n)) ** 0.5
    second = 0 / ((3 * 1.5 * 2 + n * 10 / 8 * 8) / (3 + n)) ** 0.5
    np.testing.assert_allclose(shift_statistics(of, [np.array([0, 1])])[0, :2], [first, second], atol=1e-15)
    assert overlap(of, np.array([[1.0, 1.0, 0.0, 0.0]])).tolist() == [[1, 2, 1, 0]]
    assert overlap(of, np.array([[0.0, 0.0, 0.0, 1.0]])).tolist() == [[1, 0, 0, 1]]
    each = circle(np.zeros(4), horizon=np.array([1, 3, 1, 9]))  # a window of nine goes once around the circle
    assert overlap(each, np.array([[1.0, 1.0, 0.0, 0.0]])).tolist() == [[1, 1, 1, 1]]
    assert overlap(each, np.array([[0.0, 1.0, 2.0, 1.0]])).tolist() == [[1, 2, 4, 2]]


def test_a_span_without_any_change_counts_overlap_as_if_all_changes_were_alike():
    of = circle([1, 0, 0, -1], [1, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0], 2)
    np.testing.assert_allclose(shift_statistics(of, [np.array([0, 1])])[0], slow_statistics(of, [0, 1]), atol=1e-15)
    assert np.isfinite(slow_statistics(of, [0, 1])).all()


SMALL = st.lists(st.tuples(st.integers(-4, 4), st.integers(1, 3)), min_size=1, max_size=25)


@given(SMALL, st.data())
def test_p_is_exact_ties_included(rows, data):
    # Small whole numbers tie often. |S| is compared by its square, a ratio of whole numbers, without rounding.
    deviation, variance = ([row[i] for row in rows] for i in (0, 1))
    m = len(rows)
    places = sorted(data.draw(st.sets(st.integers(0, m - 1), min_size=1)))
    squares = []
    for k in range(m):
        moved = [(place + k) % m for place in places]
        squares.append(Fraction(sum(deviation[i] for i in moved) ** 2, sum(variance[i] for i in moved)))
    expected = sum(square >= squares[0] for square in squares) / m
    assert p_of(circle(deviation, variance), places) == expected


def test_one_event_by_hand():
    # |S| over the circle of 5, variance 1: 2 1 3 2 0. At least 2 (the event's own): 2, 3, 2.
    of = circle([2, -1, -3, 2, 0])
    np.testing.assert_allclose(shift_statistics(of, [np.array([0])]), [[2, -1, -3, 2, 0]], atol=1e-15)
    assert p_of(of, [0]) == 3 / 5
    assert p_of(of, [2]) == 1 / 5
    assert p_of(of, [4]) == 1


def test_the_variance_studentises_every_shift():
    # Events on 0 and 1: (3 + 1)/sqrt(4 + 12) = 1; moved by one: (1 - 4)/sqrt(12 + 4) = -0.75; by two: (-4 + 3)/sqrt(8).
    of = circle([3, 1, -4], [4, 12, 4])
    found = shift_statistics(of, [np.array([0, 1])])
    np.testing.assert_allclose(found, [[1, -0.75, -1 / 8**0.5]], atol=1e-15)
    assert p_of(of, [0, 1]) == 1 / 3


def test_every_session_an_event_proves_nothing():
    # However the events are moved, they are the same: the sum of deviations from their own mean, zero but for dust.
    rng = np.random.default_rng(2)
    for m in (7, 100, 1999):
        spread = rng.normal(0.001, 0.02, m)
        assert p_of(circle(spread - spread.mean(), rng.uniform(1e-4, 1e-3, m)), range(m)) == 1.0


def test_events_that_repeat_around_the_circle_tie_with_themselves():
    # Every fourth of 40 sessions: moved by 4, 8, … they are where they were. The other shifts are zero.
    deviation = np.zeros(40)
    deviation[::4] = np.random.default_rng(3).normal(1, 1, 10)
    assert p_of(circle(deviation), range(0, 40, 4)) == 10 / 40


def test_the_sign_of_the_spread_does_not_matter():
    rng = np.random.default_rng(4)
    deviation, variance = rng.normal(0, 1, 50), rng.uniform(1, 2, 50)
    assert p_of(circle(deviation, variance), [3, 9]) == p_of(circle(-deviation, variance), [3, 9])


def test_sets_without_an_event_have_no_p():
    of = circle([1, -1, 2])
    found = shift_statistics(of, [np.array([2]), np.array([], dtype=np.int64)])
    assert np.isnan(found[1]).all()
    p = shift_p_values(found)
    assert p[0] == 1 / 3
    assert np.isnan(p[1])


def test_a_circle_without_sessions_has_no_p():
    found = shift_statistics(circle([]), [np.array([], dtype=np.int64)])
    assert found.shape == (1, 0)
    assert np.isnan(shift_p_values(found)).tolist() == [True]


def test_many_sets_are_shifted_as_each_alone():
    rng = np.random.default_rng(5)
    of = circle(rng.normal(0, 1, 97), rng.uniform(1, 2, 97))
    sets = [np.sort(rng.choice(97, rng.integers(1, 9), replace=False)) for _ in range(2 * BATCH + 3)]
    together = shift_statistics(of, sets)
    for i, places in enumerate(sets):
        np.testing.assert_allclose(together[i], slow_statistics(of, places), atol=1e-12)
        assert shift_p_values(together)[i] == p_of(of, places)


# The circle


def test_the_circle_holds_the_sessions_an_event_could_have_fallen_on():
    spread = np.array([0.1, NAN, 0.3, 0.5, 0.7, 0.9])
    variance = np.array([1.0, 1.0, NAN, 1.0, 0.0, 2.0])
    realised = np.array([3.0, 3.0, 3.0, NAN, 3.0, 0.0])
    daily = np.array([0.0, 1.0, 2.0, 3.0, NAN, 4.0, 5.0, 6.0])
    eligible, lengths = np.ones(6, dtype=bool), np.ones(6, dtype=int)
    of = make_circle(spread, variance, realised, daily, eligible, lengths, 0)
    assert of.position.tolist() == [0, 3, 5]
    np.testing.assert_allclose(of.deviation, [-0.4, 0.0, 0.4], atol=1e-15)  # 0.1, 0.5, 0.9 have the mean 0.5
    assert of.expected.tolist() == [1, 1, 2]
    assert of.realised.tolist() == [3, 1, 0]  # where none is known, the expected one
    assert of.square.tolist() == [1, 0, 25]  # the change on the session after; a missing one is none
    assert make_circle(spread, variance, realised, daily, eligible, lengths, 1).square.tolist() == [
        4,
        16,
        36,
    ]
    eligible[0] = False
    assert make_circle(spread, variance, realised, daily, eligible, lengths, 0).position.tolist() == [
        3,
        5,
    ]


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_events_are_found_on_the_circle_or_left_out(sessions, events):
    position = sorted(sessions)
    nothing = np.zeros(len(position))
    of = Circle(np.array(position, dtype=np.int64), nothing, nothing, nothing, nothing, nothing)
    expected = [position.index(event) for event in sorted(events) if event in sessions]
    assert of.ranks(np.array(sorted(events), dtype=np.int64)).tolist() == expected


def test_a_fast_length_is_the_least_smooth_number():
    def smooth(n):
        for prime in (2, 3, 5):
            while n % prime == 0:
                n //= prime
        return n == 1

    expected, least = [], 0
    for n in range(1, 3001):
        least = max(least, n)
        while not smooth(least):
            least += 1
        expected.append(least)
    assert [smooth_length(n) for n in range(1, 3001)] == expected
    assert smooth_length(19439) == 19440  # 2^4 * 3^5 * 5: the circle of 9,720 sessions in METHODS.md


# What the test is for


def test_noise_gives_a_uniform_p():
    # Events drawn apart from the returns, every shift as likely as every other: P(p <= a) is a. With 600 histories the
    # standard error is 0.9 points at 5% and 2 points at 50%; three of them are allowed.
    rng = np.random.default_rng(11)
    p = []
    for _ in range(600):
        spread = rng.standard_t(4, 250)
        of = alike(spread, np.ones(250))
        p.append(p_of(of, np.sort(rng.choice(250, 6, replace=False))))
    for share, error in ((0.05, 0.009), (0.25, 0.018), (0.5, 0.021), (0.9, 0.013)):
        assert np.mean(np.array(p) <= share) == pytest.approx(share, abs=3 * error)


def test_a_planted_effect_is_found():
    rng = np.random.default_rng(12)
    places = np.sort(rng.choice(1000, 10, replace=False))
    spread = rng.normal(0, 1, 1000)
    assert p_of(alike(spread, np.ones(1000)), places) > 0.05
    spread[places] += 2.5  # eight standard errors
    assert p_of(alike(spread, np.ones(1000)), places) == 1 / 1000


def test_turbulence_is_no_effect():
    # Two regimes of volatility and no predictability; events are large moves, so they come in turbulence. Taken as if
    # all sessions were alike, the test rejects three times too often; scaled, as often as it says.
    rng = np.random.default_rng(13)
    raw, scaled = [], []
    for _ in range(200):
        n, h = 1200, 5
        calm = np.repeat(rng.random(24) < 0.8, 50)
        daily = rng.normal(0, 1, n) * np.where(calm, 0.005, 0.02)
        level = np.cumsum(daily)
        spread = np.append(level[h:] - level[:-h], [NAN] * h)
        events = np.flatnonzero(daily > 0.03)[::4]
        came = realised_variance([100 + level], np.arange(n) + h, 0) * (100 + level) ** 2
        scale = expected_variance(came, ewma_variance(daily)[:, None], np.isfinite(spread))
        everywhere = np.ones(n, dtype=bool)
        scaled_circle = make_circle(spread, scale, came, daily, everywhere, np.full(n, h), 0)
        for of, found in ((alike(spread, np.ones(n)), raw), (scaled_circle, scaled)):
            found.append(p_of(of, of.ranks(events)))
    assert np.nanmean(np.array(raw) <= 0.05) > 0.15
    assert 0.01 < np.nanmean(np.array(scaled) <= 0.05) < 0.09


def test_legs_that_move_alike_at_other_levels_leave_no_circle():
    level = 100 * np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.01, 300)))
    other = level / 3  # their spread is rounding, of some 1e-16: no chance moved it, and none can be told from it
    spread = np.diff(level) / level[:-1] - np.diff(other) / other[:-1]
    assert 0 < np.abs(spread).max() < 1e-12
    assert len(alike(spread, spread**2 + 1e-40)) == 0
    assert len(alike(spread + np.arange(299) * 1e-9, spread**2 + 1e-40)) == 299
    assert len(alike([0.1], [1.0])) == 1  # one session has no other to differ from
