"""Event sets one after another: the same as each alone, by the transforms, and by a loop over the shifts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backtest.inference.neighbouring_sets as module
from backtest.inference.circle import Circle, flags_of, overlap
from backtest.inference.circular_shift import constant_overlap, shift_p_values, shift_statistics
from backtest.inference.neighbouring_sets import Held, looks_along

from ..slow_shift import slow_statistics


def circle_of(rng, m, lengths):
    deviation = rng.normal(0, 0.02, m)
    square = rng.exponential(1e-4, m) * rng.choice([0.0, 1.0], m, p=[0.1, 0.9])
    return Circle(
        np.arange(m),
        deviation - deviation.mean(),
        rng.exponential(4e-4, m) + 1e-5,
        rng.exponential(4e-4, m),
        square,
        lengths,
    )


def sets_of(rng, m, n_sets):
    """Sets near one another, sets far from the last, empty ones, and the same place twice."""
    places, found = np.sort(rng.choice(m, m // 6, replace=False)), []
    for _ in range(n_sets):
        kind = rng.integers(4)
        if kind == 0:
            places = np.sort(rng.choice(m, rng.integers(1, m // 2), replace=False))
        elif kind == 1:
            places = places[rng.random(len(places)) > 0.1]
        elif kind == 2:
            places = np.sort(np.append(places, rng.integers(m, size=2)))
        else:
            places = np.union1d(places, rng.integers(m, size=2))
        found.append(places)
    return found


def lengths_of(rng, m, kind):
    return {
        "one": np.ones(m, dtype=int),
        "seven": np.full(m, 7),
        "around": np.full(m, m + 3),
        "calendar": rng.integers(3, 9, m),
    }[kind]


@given(st.integers(0, 10**6), st.sampled_from(["one", "seven", "around", "calendar"]), st.sampled_from([5, 36]))
def test_each_set_is_judged_as_it_is_alone(seed, kind, transform):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(20, 120))
    circle = circle_of(rng, m, lengths_of(rng, m, kind))
    sets = sets_of(rng, m, 8)
    statistics = shift_statistics(circle, sets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "TRANSFORM", transform)
        patch.setattr(module, "AFRESH", 3)
        looks = list(looks_along(circle, sets))
    assert [look.p_value for look in looks] == pytest.approx(shift_p_values(statistics).tolist(), abs=0, nan_ok=True)
    for look, row in zip(looks, statistics, strict=True):
        if np.isnan(row[0]):
            assert len(look.sizes) == 0
        else:
            assert look.sizes.dtype == np.float32
            assert look.sizes == pytest.approx(np.abs(row) / np.sqrt(np.mean(row**2)), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("kind", ["one", "seven", "calendar"])
def test_the_statistics_are_those_of_a_loop_over_the_shifts(kind):
    rng = np.random.default_rng(3)
    circle = circle_of(rng, 60, lengths_of(rng, 60, kind))
    sets = sets_of(rng, 60, 6)
    for look, places in zip(looks_along(circle, sets), sets, strict=True):
        slow = np.abs(slow_statistics(circle, places.tolist()))
        assert look.sizes == pytest.approx(slow / np.sqrt(np.mean(slow**2)), rel=1e-5, abs=1e-6)
        assert look.p_value == np.mean(slow >= slow[0] * (1 - 1e-9))


@given(st.integers(0, 10**6), st.sampled_from(["one", "seven", "around", "calendar"]))
def test_windows_are_counted_as_one_by_one(seed, kind):
    rng = np.random.default_rng(seed)
    m = int(rng.integers(10, 60))
    circle = circle_of(rng, m, lengths_of(rng, m, kind))
    at, counts = np.unique(rng.integers(m, size=rng.integers(1, m)), return_counts=True)
    held = Held(circle, at, counts.astype(float))
    windows = np.zeros(m)
    for place, count in zip(at, counts, strict=True):
        for session in range(min(circle.lengths[place], m)):
            windows[(place + session) % m] += count
    assert np.array_equal(windows, overlap(circle, flags_of(circle, [np.repeat(at, counts)]))[0])
    steps, pairs = np.zeros(m), np.zeros(m)
    np.add.at(steps, held.steps[0], held.steps[1])
    np.add.at(pairs, held.pair_steps[0], held.pair_steps[1])
    assert held.last + np.cumsum(steps) == pytest.approx(windows)
    assert held.last * (held.last - 1) / 2 + np.cumsum(pairs) == pytest.approx(windows * (windows - 1) / 2)
    assert (held.most, held.last) == (windows.max(), windows[-1])
    alike, n = constant_overlap(windows[None, :])
    assert (held.alike, held.n) == pytest.approx((alike[0, 0], n[0, 0]))


def test_without_an_event_there_is_no_look():
    rng = np.random.default_rng(1)
    (look,) = looks_along(circle_of(rng, 20, np.ones(20, dtype=int)), [np.zeros(0, dtype=int)])
    assert np.isnan(look.p_value)
    assert len(look.sizes) == 0


def test_all_sessions_as_events_are_dust():
    rng = np.random.default_rng(1)
    circle = circle_of(rng, 40, np.full(40, 5))
    (look,) = looks_along(circle, [np.arange(40)])
    assert look.p_value == 1.0
    assert not look.sizes.any()
