"""Sets drawn at random: none twice, all as likely, the same with the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.errors import StrategyInvalid
from backtest.tuning.between import Between, between_of
from backtest.tuning.grid import combinations, parse_grid, parse_space
from backtest.tuning.sampling import grid_of, random_sets, size_of

GRID = {"detector.sessions": [3, 4, 5], "detector.threshold": [0.01, 0.02], "detector.direction": ["up", "down"]}


@given(st.integers(1, 15), st.integers(0, 10**6))
def test_sets_of_a_grid_are_drawn_without_replacement(n, seed):
    sets = random_sets(GRID, n, seed)
    assert len(sets) == min(n, 12) == len({repr(one) for one in sets})
    assert all(one in combinations(GRID) for one in sets)
    assert sets == random_sets(GRID, n, seed)
    if n < 11:
        assert random_sets(GRID, n + 1, seed)[:n] == sets


def test_every_set_is_as_likely():
    counts = {repr(one): 0 for one in combinations(GRID)}
    for seed in range(1200):
        counts[repr(random_sets(GRID, 1, seed)[0])] += 1
    # 100 each; chi-squared with 11 degrees of freedom is below 31.3 in 99.9% of cases.
    assert sum((count - 100) ** 2 / 100 for count in counts.values()) < 31.3


def test_numbers_between_two_are_uniform():
    space = parse_space(["detector.sessions=2:8", "detector.threshold=0.005:0.02"])
    assert space == {"detector.sessions": Between(2, 8, True), "detector.threshold": Between(0.005, 0.02, False)}
    assert size_of(space) is None
    sets = random_sets(space, 2000, 1)
    sessions = np.array([one["detector.sessions"] for one in sets])
    threshold = np.array([one["detector.threshold"] for one in sets])
    assert set(sessions.tolist()) == {2, 3, 4, 5, 6, 7, 8}
    assert all(isinstance(one["detector.sessions"], int) for one in sets)
    assert np.bincount(sessions)[2:] == pytest.approx(2000 / 7, abs=4 * (2000 / 7) ** 0.5)
    assert 0.005 <= threshold.min() < 0.0051
    assert 0.0199 < threshold.max() <= 0.02
    assert np.histogram(threshold, 10)[0] == pytest.approx(200, abs=4 * 200**0.5)
    assert grid_of(sets)["detector.sessions"] == [2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("text", "message"),
    [("5:5", "--grid a = 5:5: needs from < to."), ("0.2:0.1", "--grid a = 0.2:0.1: needs from < to.")],
)
def test_a_range_that_is_none_is_refused(text, message):
    with pytest.raises(StrategyInvalid, match=message):
        between_of(text, "--grid a = ")


def test_a_range_without_a_step_is_no_grid():
    with pytest.raises(StrategyInvalid, match="a range without a step has no end of values"):
        parse_grid(["detector.threshold=0.005:0.02"])


def test_nothing_to_draw_from_is_refused():
    with pytest.raises(StrategyInvalid, match="there is no grid"):
        random_sets({}, 3, 0)
    with pytest.raises(StrategyInvalid, match="at most 100,000"):
        random_sets(GRID, 100_001, 0)
