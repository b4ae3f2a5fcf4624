from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import change, level

NAN = float("nan")
VALUES = st.lists(st.sampled_from([NAN, -1.0, 0.0, 0.25, 0.5, 1.0]), min_size=0, max_size=12)


@pytest.fixture(scope="module")
def of(history_of):
    return lambda values: history_of({"E": values}, kinds={"E": "expectation"})


@given(values=VALUES, threshold=st.sampled_from([-1.0, 0.0, 0.25]), direction=st.sampled_from(["above", "below"]))
def test_a_level_against_a_loop(of, values, threshold, direction):
    found = level.detect(of(values), series="E", threshold=threshold, direction=direction)
    for t, value in enumerate(values):
        assert found.known[t] == (value == value)
        assert found.met[t] == (value >= threshold if direction == "above" else value <= threshold)
    assert (found.indicator.threshold, found.indicator.side) == (threshold, direction)


@given(values=VALUES, sessions=st.integers(1, 4), direction=st.sampled_from(["up", "down"]))
def test_a_change_against_a_loop(of, values, sessions, direction):
    found = change.detect(of(values), series="E", threshold=0.25, sessions=sessions, direction=direction)
    for t in range(len(values)):
        moved = values[t] - values[t - sessions] if t >= sessions else NAN
        assert found.known[t] == (moved == moved)
        assert found.met[t] == (moved >= 0.25 if direction == "up" else moved <= -0.25)


def test_a_change_of_exactly_the_threshold_counts(of):
    # 0.3 - 0.2 is 0.09999999999999998 in binary.
    assert change.detect(of([0.2, 0.3]), series="E", threshold=0.1, sessions=1).met.tolist() == [False, True]


def test_a_proxy_is_named_wherever_it_decides(history_of):
    from dataclasses import replace

    prices = history_of({"E": [1.0, 2.0]}, kinds={"E": "expectation"})
    info = replace(prices.series["E"], derivation="proxy, no futures: A minus B", proxy=True)
    prices = replace(prices, series={"E": info})
    for found in (
        level.detect(prices, series="E", threshold=1.0),
        change.detect(prices, series="E", threshold=1.0, sessions=1),
    ):
        assert found.cautions == ("E is a proxy, no futures: A minus B.",)
    assert np.array_equal(level.detect(prices, series="E", threshold=1.0).met, [True, True])
