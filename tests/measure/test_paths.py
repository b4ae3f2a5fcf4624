from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.measure.paths import average_paths, event_paths

NAN = float("nan")
LEVEL = st.one_of(st.floats(0.5, 2000), st.just(NAN))
ROWS = st.lists(st.tuples(LEVEL, LEVEL), min_size=1, max_size=20)
WINDOW = st.tuples(st.integers(-6, 0), st.integers(1, 6))


def slow_path(level, day0, offset):
    at = day0 + offset
    return level[at] / level[day0] - 1.0 if 0 <= at < len(level) else NAN


@given(ROWS, WINDOW, st.data())
def test_paths_agree_with_a_lookup(rows, window, data):
    a, b = (np.array([row[i] for row in rows]) for i in (0, 1))
    day0 = np.array(sorted(data.draw(st.sets(st.integers(0, len(rows) - 1)))), dtype=np.int64)
    paths = event_paths([a, b], day0, window)
    assert paths.offsets.tolist() == list(range(window[0], window[1] + 1))
    for i, t in enumerate(day0.tolist()):
        asset, benchmark = ([slow_path(leg, t, o) for o in paths.offsets.tolist()] for leg in (a, b))
        np.testing.assert_array_equal(paths.legs["asset"][i], asset)
        np.testing.assert_array_equal(paths.legs["benchmark"][i], benchmark)
        np.testing.assert_array_equal(paths.legs["spread"][i], np.array(asset) - np.array(benchmark))


@given(ROWS, WINDOW, st.data())
def test_averages_agree_with_lists(rows, window, data):
    a, b = (np.array([row[i] for row in rows]) for i in (0, 1))
    day0 = np.array(sorted(data.draw(st.sets(st.integers(0, len(rows) - 1)))), dtype=np.int64)
    eligible = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    paths = event_paths([a, b], day0, window)
    found = average_paths(paths, [a, b], eligible)
    for column, offset in enumerate(paths.offsets.tolist()):
        for sessions, parts in ((day0.tolist(), ("mean", "low", "high")), (np.flatnonzero(eligible), ("base",))):
            pairs = [(slow_path(a, t, offset), slow_path(b, t, offset)) for t in sessions]
            known = [(x, y) for x, y in pairs if x == x and y == y]
            values = {
                "asset": [x for x, _ in known],
                "benchmark": [y for _, y in known],
                "spread": [x - y for x, y in known],
            }
            for leg, average in found.items():
                for part in parts:
                    expected = slow_part(part, values[leg])
                    np.testing.assert_allclose(getattr(average, part)[column], expected, rtol=1e-12, atol=1e-12)


def slow_part(part, values):
    if not values:
        return NAN
    if part in ("mean", "base"):
        return sum(values) / len(values)
    # The quartile between the two values that the position (n - 1) * q falls between.
    ordered, at = sorted(values), (len(values) - 1) * (0.25 if part == "low" else 0.75)
    below = int(at)
    above = min(below + 1, len(values) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


def test_quartiles_by_hand():
    # Five events at a level of 1; one session later 0, 1, 2, 3 and 10 times 100% up: quartiles 1 and 3, mean 16/5.
    asset = np.array([1.0, 1, 1, 2, 1, 3, 1, 4, 1, 11])
    day0 = np.arange(0, 10, 2)
    closes = [asset, np.ones(10)]
    found = average_paths(event_paths(closes, day0, (0, 1)), closes, np.ones(10, dtype=bool))
    spread = found["spread"]
    assert (spread.low.tolist(), spread.high.tolist(), spread.mean.tolist()) == ([0, 1], [0, 3], [0, 3.2])


@pytest.mark.parametrize("n", range(1, 40))
def test_quartiles_are_numpys_to_the_last_digit(n):
    asset = np.random.default_rng(n).uniform(1, 2, 2 * n)
    closes = [asset, np.ones(2 * n)]
    found = average_paths(event_paths(closes, np.arange(0, 2 * n, 2), (0, 1)), closes, np.ones(2 * n, dtype=bool))
    low, high = np.percentile(asset[1::2] / asset[::2] - 1.0, [25, 75])
    assert (found["asset"].low[1], found["asset"].high[1]) == (low, high)


def test_the_path_is_zero_on_day_0():
    level = np.array([3.0, 4.0, 5.0])
    paths = event_paths([level, level * 2], np.array([1]), (-1, 1))
    assert paths.legs["asset"].tolist() == [[-0.25, 0.0, 0.25]]
    assert paths.legs["spread"].tolist() == [[0.0, 0.0, 0.0]]


def test_a_leg_is_averaged_over_the_same_events_as_the_spread():
    # The second event has no benchmark one session later.
    asset = np.array([4.0, 5.0, 4.0, 8.0])
    benchmark = np.array([1.0, 1.0, 1.0, NAN])
    closes = [asset, benchmark]
    found = average_paths(event_paths(closes, np.array([0, 2]), (0, 1)), closes, np.ones(4, dtype=bool))
    assert found["asset"].mean.tolist() == [0.0, 0.25]
    assert found["spread"].mean.tolist() == [0.0, 0.25]
