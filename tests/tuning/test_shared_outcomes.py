"""What came after the events of many sets, against the summary of each set by itself."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.measure.forward import Leg, measure_forward
from backtest.measure.summaries import summarise_events
from backtest.model import Horizon
from backtest.tuning import shared_outcomes
from backtest.tuning.shared_outcomes import outcomes_of

SESSIONS = 400


@pytest.mark.parametrize("together", [1, 3, 500])
def test_many_sets_together_have_the_figures_of_each_by_itself_to_the_last_digit(together, monkeypatch):
    monkeypatch.setattr(shared_outcomes, "TOGETHER", together)
    rng = np.random.default_rng(3)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (2, SESSIONS)), axis=1))
    closes[rng.random((2, SESSIONS)) < 0.05] = np.nan
    closes[:, 100:103] = 100.0  # returns of zero are no hits
    forward = measure_forward([Leg(close, close) for close in closes], (Horizon(1), Horizon(21), Horizon(300)), 0)
    sizes = [0, 1, 2, 9, 130, SESSIONS, 0]
    sets = [np.sort(rng.choice(SESSIONS, size, replace=False)) for size in sizes]
    sets.append(np.array([SESSIONS - 1]))  # no window is complete
    found = outcomes_of(forward, sets)
    for row, day0 in enumerate(sets):
        alone = summarise_events(forward, day0)
        assert found.n[row].tolist() == alone.n.tolist()
        np.testing.assert_array_equal(found.mean[row], alone.judged.mean)
        np.testing.assert_array_equal(found.hit_rate[row], alone.judged.hit_rate)
    assert (found.n == 0).any(axis=0).all()
    assert found.n.max() > 300
