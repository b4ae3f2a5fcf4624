"""The same answer with and without the future: for every built-in detector, in several settings, at many sessions."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.detect.registry import builtin_names, find_detector
from backtest.model import Condition, Contracts, Indicator

SETTINGS = {
    "streak": [
        {"sessions": 2, "threshold": 0.002},
        {"sessions": 3, "threshold": 0.0, "direction": "down", "against": "market_index"},
    ],
    "move": [
        {"sessions": 3, "threshold": 0.01},
        {"sessions": 5, "threshold": 0.0, "direction": "down", "against": "market_index"},
    ],
    "expectation_shift": [
        {"sessions": 2, "moves": 0.3, "months": 2},
        {"sessions": 3, "moves": 0.3, "months": 2, "direction": "hikes"},
    ],
}


@pytest.fixture(scope="module")
def history(history_of):
    """300 sessions with gaps in everything."""
    rng = np.random.default_rng(7)
    n = 300
    levels = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (2, n)), axis=1))
    levels[rng.random((2, n)) < 0.05] = np.nan
    policy = 5 + np.cumsum(rng.choice([-0.25, 0, 0, 0, 0.25], n))
    policy[rng.random(n) < 0.05] = np.nan
    sessions = np.busday_offset("2001-01-01", np.arange(n)).astype("datetime64[D]")
    today = sessions.astype("datetime64[M]").astype(np.int64)
    at, ahead = (grid.ravel() for grid in np.meshgrid(np.arange(n), np.arange(4), indexing="ij"))
    quoted = rng.random(len(at)) > 0.05
    at, ahead = at[quoted], ahead[quoted]
    price = 95 + np.cumsum(rng.normal(0, 0.1, n))[at] + 0.1 * ahead
    return history_of(
        {"RUT": levels[0], "GSPC": levels[1], "EFFR": policy},
        kinds={"EFFR": "rate"},
        roles={"small_index": "RUT", "market_index": "GSPC", "policy_rate": "EFFR", "fed_funds_futures": "ZQ"},
        tables={"ZQ": Contracts(at, today[at] + ahead, price)},
        sessions=sessions,
    )


def differing(detect, history):
    """Sessions after which the answer to what was past already changed."""
    whole = detect(history)
    found = []
    for n in range(1, len(history)):
        known = detect(history.until(n))
        same = np.array_equal(known.met, whole.met[:n]) and np.array_equal(known.known, whole.known[:n])
        values = (known.indicator.values, whole.indicator.values[:n])
        if not (same and np.array_equal(*values, equal_nan=True)):
            found.append(n)
    return found


def test_every_built_in_detector_has_settings_here():
    assert sorted(SETTINGS) == builtin_names()


@pytest.mark.parametrize(("use", "i"), [(use, i) for use in SETTINGS for i in range(2)])
def test_a_built_in_detector_ignores_what_comes_later(history, tmp_path, use, i):
    detector = find_detector(use, tmp_path)
    values = detector.check(SETTINGS[use][i], "x.toml")
    whole = detector.condition(history, values)
    assert 3 < whole.met.sum() < 150  # there is something to compare
    assert not whole.known.all()
    assert differing(lambda prices: detector.condition(prices, values), history) == []


def test_the_check_catches_a_detector_that_looks_ahead(history):
    def centred(prices):
        close = prices.pandas("small_index")
        mean = close.rolling(5, center=True, min_periods=1).mean()
        met = (close > mean).to_numpy()
        return Condition(met, np.ones(len(prices), dtype=bool), Indicator("mean", "points", mean.to_numpy()))

    assert len(differing(centred, history)) > 250
