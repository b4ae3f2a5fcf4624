from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.circle import Circle, flags_of
from backtest.inference.circular_shift import Shifts, shift_p_values
from backtest.inference.effect import NEVER_FOUND, TOO_FEW_SHIFTS, TOO_MANY_WINDOWS, effect_of, share_kept


def circle(deviation, horizon=1):
    deviation = np.asarray(deviation, dtype=float)
    ones = np.ones(len(deviation))
    return Circle(
        np.arange(len(deviation)), deviation - deviation.mean(), ones, ones, ones, np.full(len(deviation), horizon)
    )


def effect(of, places):
    places = np.asarray(places, dtype=np.int64)
    shifts = Shifts(of, flags_of(of, [places]))
    return effect_of(of, places, shifts), float(shift_p_values(shifts.statistic)[0])


def test_interval_by_hand():
    # One event, windows of one session, variance 1: D is 1 and S_k the deviation, -19.5 to 19.5. Of 40 shifts two may
    # be as large: the critical size is 18.5. The one window covers a fortieth of the sessions.
    of = circle(np.arange(40))
    found, p = effect(of, [30])  # a deviation of 10.5
    assert p == 20 / 40  # 10.5 to 19.5, on either side
    kept = 39 / 40
    assert found.kept == pytest.approx(kept, rel=1e-15)
    assert found.low == pytest.approx((10.5 - 18.5) / kept, rel=1e-8)
    assert found.high == pytest.approx((10.5 + 18.5) / kept, rel=1e-8)


@given(st.integers(0, 2**32 - 1), st.integers(20, 120), st.integers(1, 4), st.integers(1, 6), st.floats(0, 3))
def test_the_interval_holds_zero_where_p_is_above_the_level(seed, m, n, horizon, size):
    rng = np.random.default_rng(seed)
    places = rng.choice(m, n, replace=False)
    deviation = rng.normal(0, 1, m)
    deviation[places] += size
    found, p = effect(circle(deviation, horizon), np.sort(places))
    if found.reason is None:
        assert (found.low <= 0 <= found.high) is (p > 0.05)


def test_windows_of_the_events_raise_the_base_rate():
    # Of 20 sessions two windows of three, on 0 1 2 and on 2 3 4, cover five.
    of = circle(np.arange(20.0), 3)
    assert share_kept(Shifts(of, flags_of(of, [np.array([0, 2])]))) == 1 - 5 / 20
    assert share_kept(Shifts(of, flags_of(of, [np.array([19])]))) == 1 - 3 / 20  # around the end of the circle
    found, _ = effect(of, [0, 5, 10, 15])
    assert found.kept == 1 - 12 / 20
    assert (found.low, found.high, found.detectable, found.reason) == (None, None, None, TOO_MANY_WINDOWS)


def test_what_has_no_answer_has_a_reason():
    few, _ = effect(circle([1.0, 2.0, 4.0]), [1])
    assert (few.low, few.reason) == (None, TOO_FEW_SHIFTS)
    # One event and a day: the largest statistic there can be, 1 / sqrt(1 / 4), is below the critical size.
    never, _ = effect(circle(3 * np.random.default_rng(1).standard_normal(200)), [7])
    assert never.low is not None
    assert (never.detectable, never.reason) == (None, NEVER_FOUND)


def slow_power(of, places, kept, size):
    """Plant an effect wherever the events can be moved to, one place after the other; both signs."""
    m, h = len(of.deviation), np.mean(of.lengths)
    rejected = int(0.05 * m)
    window = [[(t + ahead) % m for ahead in range(min(of.lengths[t], m))] for t in range(m)]
    held = {t for p in places for t in window[p]}
    share = [np.mean([t in held for t in window[place]]) for place in range(m)]
    counts = Counter(t for p in places for t in window[p])
    once, twice = sum(counts.values()), sum(c**2 for c in counts.values())
    n, found = once**2 / twice, 0
    places_at = [[(p + k) % m for p in places] for k in range(m)]
    total = [sum(of.deviation[i] for i in at) for at in places_at]
    came = [sum(of.realised[i] for i in at) for at in places_at]
    known = [3 * twice / once * sum(of.expected[i] for i in at) for at in places_at]
    varying = []
    for k in range(m):
        shared = sum(c * of.square[(t + k) % m] for t, c in counts.items())
        varying.append(sum(c**2 * of.square[(t + k) % m] for t, c in counts.items()) / shared)
    scale = [((known[k] + n * varying[k] * came[k]) / (3 + n)) ** 0.5 for k in range(m)]
    for sign in (-1, 1):
        sizes, planted = [], []
        for k, at in enumerate(places_at):
            raised = sign * size * sum(share[i] - np.mean(share) for i in at)
            wider = came[k] + sum(share[i] for i in at) * size**2 / h
            sizes.append(abs(total[k] + raised) / ((known[k] + n * varying[k] * wider) / (3 + n)) ** 0.5)
            noise = total[k] / scale[k] * scale[0]  # as wide as it is where the events are
            more = max(came[0] + (2 * sign * size * noise + len(places) * size**2) / h, 0.0)
            planted.append(
                abs(noise + sign * size * kept * len(places)) / ((known[0] + n * varying[0] * more) / (3 + n)) ** 0.5
            )
        critical = sorted(sizes)[-1 - rejected]
        found += sum(value > critical for value in planted) / m / 2
    return found


@pytest.mark.parametrize("even", [True, False])  # by sessions, or by the calendar
@pytest.mark.parametrize(("horizon", "places"), [(1, [3, 40, 41, 90, 91, 92]), (7, [3, 8, 60]), (20, [10, 11, 70])])
def test_the_detectable_effect_is_found_in_four_of_five_places(horizon, places, even):
    rng = np.random.default_rng(horizon)
    m = 600
    daily = rng.normal(0, 0.01, m) * np.repeat(rng.uniform(0.5, 2, 30), 20)
    around = np.concatenate((daily, daily))
    lengths = np.full(m, horizon) + (0 if even else np.arange(m) % 3)
    windows = [around[t + 1 : t + 1 + length] for t, length in enumerate(lengths)]
    deviation = np.array([window.sum() for window in windows])
    realised = np.array([(window**2).sum() for window in windows])
    expected = np.full(m, realised.mean())
    square = around[1 : m + 1] ** 2
    of = Circle(np.arange(m), deviation - deviation.mean(), expected, realised, square, lengths)
    found, _ = effect(of, places)
    assert slow_power(of, places, found.kept, found.detectable) >= 0.8
    assert slow_power(of, places, found.kept, 0.99 * found.detectable) < 0.8


def test_a_constant_effect_in_every_window_is_recovered():
    # Without noise the excess is what the base rate left of it, and the middle of the interval is the effect itself.
    rng = np.random.default_rng(3)
    m, horizon, size = 400, 10, 0.05
    places = np.sort(rng.choice(m - horizon, 8, replace=False))
    covered = np.zeros(m)
    for place in places:
        covered[place : place + horizon] = 1.0
    planted = np.array([covered[np.arange(t, t + horizon) % m].mean() for t in range(m)]) * size
    found, _ = effect(circle(planted, horizon), places)
    assert (found.low + found.high) / 2 == pytest.approx(size, rel=1e-9)
