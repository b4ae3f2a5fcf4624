"""No streak but the five."""

import numpy as np
import pytest

from backtest.data.sample.streaks import without_other_streaks
from backtest.model.run_lengths import runs

TRIGGERS = ["1998-10-20", "2000-01-20", "2009-09-10", "2020-04-28", "2024-07-16"]


def triggers(prices, sessions, threshold):
    """Count session by session: the obvious twin of the detector."""
    close = prices.close("small_index")
    found, in_a_row = [], 0
    for i in range(1, len(close)):
        in_a_row = in_a_row + 1 if close[i] / close[i - 1] - 1 >= threshold else 0
        if in_a_row == sessions:
            found.append(str(prices.sessions[i]))
    return found


@pytest.mark.parametrize("threshold", [0.01, 0.00995, 0.009])
def test_exactly_the_five(prices, threshold):
    assert triggers(prices, 5, threshold) == TRIGGERS


def test_shorter_and_weaker_ones_exist(prices):
    assert len(triggers(prices, 4, 0.01)) > 5
    assert len(triggers(prices, 5, 0.005)) > 5


def test_an_unwanted_streak_is_broken_within_its_year():
    gains = np.array([0.0, 0.02, 0.02, 0.02, 0.02, 0.02, 0.0, -0.01, 0.0, 0.0])
    free, year = np.ones(10, dtype=bool), np.repeat([2001, 2002], [8, 2])
    order = without_other_streaks(gains, free, year)
    assert sorted(order[:8]) == list(range(8))
    assert list(order[8:]) == [8, 9]
    first, last = runs(gains[order] >= 0.009)
    assert max(last - first + 1) < 5


def test_a_pinned_streak_stays_and_its_neighbours_weaken():
    gains = np.array([0.0, -0.01, 0.03, 0.02, 0.02, 0.02, 0.02, 0.02, 0.04, 0.0, -0.01, 0.0])
    free = np.ones(12, dtype=bool)
    free[3:8] = False
    order = without_other_streaks(gains, free, np.full(12, 2001))
    assert list(order[3:8]) == [3, 4, 5, 6, 7]
    assert gains[order][2] < 0.009
    assert gains[order][8] < 0.009
    assert sorted(order) == list(range(12))


def test_no_room_is_refused():
    with pytest.raises(ValueError, match="no session of 2001"):
        without_other_streaks(np.full(6, 0.02), np.ones(6, dtype=bool), np.full(6, 2001))
