from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.circle import Circle
from backtest.inference.contrast import NO_COMMON_EVENTS, NO_SHARED, NOTHING_LEFT, THE_SAME, Side, contrast

M = 40


def side_with(seed, horizon, day0, dates=None, m=M):
    rng = np.random.default_rng(seed)
    returned = rng.normal(0.001, 0.02, m)
    circle = Circle(
        position=np.arange(m),
        deviation=returned - returned.mean(),
        expected=rng.uniform(1e-4, 4e-4, m),
        realised=rng.uniform(1e-4, 4e-4, m),
        square=np.zeros(m),
        lengths=np.full(m, horizon),
    )
    change = rng.normal(0, 0.01, m)
    return Side(circle, np.arange(m) if dates is None else np.asarray(dates), change, np.asarray(day0))


def slow_contrast(first, second, pairs=None):
    """The statistic, written down again: one shift at a time, windows session by session."""
    dates = sorted(set(first.dates.tolist()) & set(second.dates.tolist()))
    m = len(dates)
    sides = []
    for side in (first, second):
        rows = [side.dates.tolist().index(date) for date in dates]
        values = [side.circle.deviation[row] for row in rows]
        events = [dates.index(day) if day in dates else None for day in side.day0.tolist()]
        sides.append(
            {
                "y": [value - sum(values) / m for value in values],
                "s": [side.circle.expected[row] for row in rows],
                "v": [side.circle.realised[row] for row in rows],
                "x": [side.change[row] for row in rows],
                "h": int(side.circle.lengths[0]),
                "events": events,
            }
        )
    if pairs is not None:
        kept = [(sides[0]["events"][i], sides[1]["events"][j]) for i, j in pairs]
        kept = [pair for pair in kept if None not in pair]
        for which, side in enumerate(sides):
            side["events"] = [pair[which] for pair in kept]
    for side, sign in zip(sides, (1.0, -1.0), strict=True):
        events = [event for event in side["events"] if event is not None]
        side["g"] = defaultdict(float)
        for event in events:
            side["g"][event] += sign / len(events)
    found = [one_shift(sides, k, m) for k in range(m)]
    sums, scales = zip(*found, strict=True)
    return np.array(sums), np.array(scales)


def one_shift(sides, k, m):
    total, expected, came, summed, windows, apart, together = 0.0, 0.0, 0.0, 0.0, [], 0.0, 0.0
    mean_of = [[sum(a * b for a, b in zip(one["x"], two["x"], strict=True)) / m for two in sides] for one in sides]
    for side in sides:
        u, holding = defaultdict(float), defaultdict(float)
        for event, weight in side["g"].items():
            for ahead in range(min(side["h"], m)):
                u[(event + ahead) % m] += weight
                holding[(event + ahead) % m] += weight**2
        alike = sum(value**2 for value in u.values()) / sum(holding.values())
        for event, weight in side["g"].items():
            at = (event + k) % m
            total += weight * side["y"][at]
            expected += alike * weight**2 * side["s"][at]
            came += weight**2 * side["v"][at]
        summed += sum(weight * side["x"][(t + k) % m] ** 2 for t, weight in holding.items())
        windows.append(u)
    held = [sum(windows[i][t] * windows[j][t] * mean_of[i][j] for i in (0, 1) for j in (0, 1)) for t in range(m)]
    apart = sum(windows[i][t] ** 2 * mean_of[i][i] for i in (0, 1) for t in range(m))
    together = sum(held)
    changed = sum(sum(windows[i][t] * sides[i]["x"][(t + k) % m] for i in (0, 1)) ** 2 for t in range(m))
    worth = together**2 / sum(one**2 for one in held)
    realised = changed * came / summed
    squared = (3 * expected * together / apart + worth * realised) / (3 + worth)
    return total, squared**0.5


CASES = [
    ((1, 3, [2, 9, 20]), (1, 3, [2, 10, 30, 31])),  # one measure: some shared, some a session apart
    ((1, 1, [5]), (1, 1, [17, 18, 19])),
    ((1, 12, [0, 3, 25, 38]), (2, 12, [0, 3, 25, 38])),  # two measures of the same events
    ((3, 5, [1, 39]), (4, 5, [0, 12, 22])),  # around the end of the circle
    ((5, 60, [1, 20]), (6, 60, [2, 33])),  # windows longer than the circle
]


@pytest.mark.parametrize(("a", "b"), CASES)
def test_every_shift_agrees_with_a_slow_twin(a, b):
    first, second = side_with(*a), side_with(*b)
    found = contrast(first, second)
    sums, scales = slow_contrast(first, second)
    np.testing.assert_allclose(found.shifts, sums / scales, rtol=1e-9, atol=1e-12)
    assert found.difference == pytest.approx(sums[0], rel=1e-9)
    size = np.abs(sums / scales)
    assert found.p_value == np.mean(size >= size[0] * (1 - 1e-9))
    reach = np.sort(size)[-1 - int(0.05 * M)] * scales[0]
    assert (found.low, found.high) == pytest.approx((sums[0] - reach, sums[0] + reach), rel=1e-6)


def test_the_paired_difference_by_hand():
    # 2 percent minus 5, and 4 minus 1: minus 3 and plus 3 would cancel; 4 minus 3 is left of the third.
    returned = np.zeros(8)
    a, b = returned.copy(), returned.copy()
    a[[1, 3, 5]], b[[1, 3, 5]] = (0.02, 0.04, 0.04), (0.05, 0.01, 0.03)
    sides = []
    for values, day0 in ((a, [1, 3, 5]), (b, [1, 3, 5])):
        ones = np.full(8, 1e-4)
        circle = Circle(np.arange(8), values - values.mean(), ones, ones, ones, np.ones(8, dtype=np.int64))
        change = np.array([0.01, -0.01, 0.01, 0.02, -0.02, 0.01, 0.01, -0.01]) * (1 if values is a else 0.5)
        sides.append(Side(circle, np.arange(8), change, np.array(day0)))
    # Both base rates are 0.1 / 8 and 0.09 / 8, so that the excesses differ by 0.01 / 3 - 0.01 / 8.
    found = contrast(*sides, [(0, 0), (1, 1), (2, 2)])
    assert found.difference == pytest.approx(0.01 / 3 - 0.01 / 8)
    assert found.n == (3, 3)
    assert contrast(*sides).difference == pytest.approx(found.difference)
    one = contrast(*sides, [(0, 0)])
    assert one.difference == pytest.approx(-0.03 - 0.01 / 8)
    assert one.n == (1, 1)


def test_pairs_count_only_where_both_windows_are_complete():
    first = side_with(1, 2, [3, 7, 90])
    second = side_with(2, 2, [4, 91, 8])
    found = contrast(first, second, [(0, 0), (1, 1), (2, 2)])
    assert found.n == (1, 1)
    sums, scales = slow_contrast(first, second, [(0, 0), (1, 1), (2, 2)])
    np.testing.assert_allclose(found.shifts, sums / scales, rtol=1e-9, atol=1e-12)
    assert contrast(first, second, [(1, 1)]).reason == NO_SHARED


def test_only_sessions_that_both_use_count():
    first = side_with(1, 3, [2, 20, 35], dates=np.arange(M))
    second = side_with(2, 3, [25, 30, 44], dates=np.arange(15, 15 + M))
    found = contrast(first, second)
    assert found.sessions == 25
    assert found.n == (2, 2)  # 2 lies before the second begins, 44 after the first ends
    sums, scales = slow_contrast(first, second)
    np.testing.assert_allclose(found.shifts, sums / scales, rtol=1e-9, atol=1e-12)


def test_where_there_is_no_answer_the_reason_is_given():
    one = side_with(1, 3, [2, 20])
    same = contrast(one, side_with(1, 3, [2, 20]))
    assert (same.difference, same.p_value, same.reason) == (0.0, None, THE_SAME)
    apart = contrast(one, side_with(1, 3, [100], dates=np.arange(100, 100 + M)))
    assert (apart.difference, apart.p_value, apart.reason) == (None, None, NO_COMMON_EVENTS)
    assert apart.sessions == 0
    assert contrast(one, side_with(2, 3, [])).reason == NO_COMMON_EVENTS
    assert contrast(one, side_with(2, 3, [900])).n == (2, 0)


def test_windows_that_hold_all_sessions_leave_nothing_to_judge_by():
    found = contrast(side_with(1, M, [0]), side_with(1, M, [0, 1]))
    assert (found.p_value, found.reason) == (None, NOTHING_LEFT)


def test_with_few_sessions_there_is_no_interval():
    found = contrast(side_with(1, 1, [2], m=12), side_with(1, 1, [5], m=12))
    assert found.p_value is not None
    assert (found.low, found.high) == (None, None)


EVENTS = st.lists(st.integers(0, M - 1), min_size=1, max_size=6, unique=True)


@given(EVENTS, EVENTS, st.integers(1, 50), st.booleans())
def test_who_comes_first_turns_only_the_sign(a, b, horizon, same):
    first, second = side_with(1, horizon, a), side_with(1 if same else 2, horizon, b)
    one, other = contrast(first, second), contrast(second, first)
    assert one.reason == other.reason
    if one.reason is None:
        assert one.difference == pytest.approx(-other.difference, abs=1e-15)
        np.testing.assert_allclose(one.shifts, -other.shifts, rtol=1e-6, atol=1e-8)
        assert one.p_value == other.p_value
        if one.low is not None:
            assert (one.low <= 0 <= one.high) == (one.p_value > 0.05)


@given(EVENTS, EVENTS, st.floats(0.01, 100))
def test_units_do_not_matter(a, b, unit):
    first, second = side_with(1, 4, a), side_with(2, 4, b)

    def scaled(side):
        circle = side.circle
        made = Circle(
            circle.position, circle.deviation * unit, circle.expected * unit**2, circle.realised * unit**2,
            circle.square * unit**2, circle.lengths,
        )  # fmt: skip
        return Side(made, side.dates, side.change * unit, side.day0)

    one, other = contrast(first, second), contrast(scaled(first), scaled(second))
    assert one.p_value == other.p_value
    assert other.difference == pytest.approx(one.difference * unit, rel=1e-6)
