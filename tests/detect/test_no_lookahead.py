"""The same answer with and without the future: for every built-in detector, in several settings, at many sessions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.detect.answer import condition_from
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
    "relative": [
        {"sessions": 5, "threshold": 0.03, "leave": -0.01},
        {"sessions": 2, "threshold": 0.02, "direction": "down"},
    ],
    "breadth": [{"sessions": 3}, {"sessions": 2, "threshold": 0.03, "direction": "down"}],
    "divergence": [{"sessions": 3}, {"sessions": 2, "threshold": 0.01, "fall": 0.01}],
    "drawdown": [{"series": "SPY", "threshold": 0.1}, {"threshold": 0.03, "lookback": 8}],
    "new_high": [{"lookback": 5, "without": 2}, {"lookback": 2, "without": 0}],
    "year_to_date": [
        {"series": "SPY", "threshold": 0.01},
        {"series": "GSPC", "threshold": 0.0, "share": 0.5, "sessions": 3, "direction": "down"},
    ],
    "volatility": [
        {"sessions": 3, "threshold": 18.0, "jump": 1.0},
        {"measure": "index", "sessions": 2, "threshold": 22.0},
    ],
    "moving_average": [{"fast": 1, "slow": 5}, {"fast": 2, "slow": 6, "direction": "down"}],
    "level": [
        {"series": "EFFR", "threshold": 7.0},
        {"series": "VIX", "threshold": 17.0, "direction": "below"},
    ],
    "change": [
        {"series": "VIX", "threshold": 3.0, "sessions": 2},
        {"series": "EFFR", "threshold": 0.5, "direction": "down"},
    ],
    "meeting": [{}, {"called": "any", "offset": -3}],
    "policy_change": [{"move": "any", "surprise": 0.01}, {"move": "cut", "surprise": 0.02}],
    "probability_cross": [{"threshold": 0.9}, {"outcome": "hike", "meeting": 2, "threshold": 0.3}],
    "dates": [
        {"dates": ["2001-01-06", "2001-01-15", "2001-07-04", "2002-01-05", "2002-01-12", "2009-01-01"], "offset": -2},
        {"dates": ["2001-01-16", "2001-01-15", "2001-07-04", "2002-01-05", "2002-01-11"], "on": "same"},
    ],
}
ALWAYS_KNOWN = {"dates", "meeting"}


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
    more = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (3, n)), axis=1))
    more[rng.random((3, n)) < 0.05] = np.nan
    vix = 20 + rng.normal(0, 3, n)
    vix[rng.random(n) < 0.05] = np.nan
    roles = {"small_index": "RUT", "market_index": "GSPC", "tech_index": "IXIC", "equal_weight": "RSP", "market": "SPY"}
    return history_of(
        {
            "RUT": levels[0],
            "GSPC": levels[1],
            "EFFR": policy,
            **dict(zip(("IXIC", "RSP", "SPY"), more, strict=True)),
            "VIX": vix,
        },
        kinds={"EFFR": "rate"},
        roles={**roles, "policy_rate": "EFFR", "fed_funds_futures": "ZQ"},
        tables={"ZQ": Contracts(at, today[at] + ahead, price)},
        sessions=sessions,
    )


def same_until(n, one, other):
    """Whether two answers agree on the first n sessions, in every array."""
    flags = all(np.array_equal(getattr(one, of)[:n], getattr(other, of)[:n]) for of in ("met", "known"))
    if one.indicator is None or other.indicator is None:
        return flags and one.indicator is other.indicator
    return flags and np.array_equal(one.indicator.values[:n], other.indicator.values[:n], equal_nan=True)


def differing(detect, history):
    """Sessions after which the answer to what was past already changed."""
    whole = detect(history)
    return [n for n in range(1, len(history)) if not same_until(n, detect(history.until(n)), whole)]


def with_another_future(history, n, rng):
    """Return the history with other values from session n on, gaps among them."""
    columns = {}
    for key, values in history.columns.items():
        other = values[rng.permutation(len(values))] * rng.uniform(0.5, 2.0)
        columns[key] = np.concatenate((values[:n], other[n:]))
    tables = {
        key: replace(table, price=np.where(table.session < n, table.price, rng.uniform(90, 100, len(table.price))))
        for key, table in history.tables.items()
    }
    return replace(history, columns=columns, tables=tables)


def test_every_built_in_detector_has_settings_here():
    assert sorted(SETTINGS) == builtin_names()


@pytest.mark.parametrize(("use", "i"), [(use, i) for use in SETTINGS for i in range(2)])
def test_a_built_in_detector_ignores_what_comes_later(history, tmp_path, use, i):
    detector = find_detector(use, tmp_path)
    values = detector.check(SETTINGS[use][i], "x.toml")
    whole = detector.condition(history, values)
    assert 3 < whole.met.sum() < 150  # there is something to compare
    assert whole.known.all() == (use in ALWAYS_KNOWN)
    assert differing(lambda prices: detector.condition(prices, values), history) == []


@pytest.mark.parametrize(("use", "i"), [(use, i) for use in SETTINGS for i in range(2)])
def test_a_built_in_detector_gives_the_same_answer_whatever_comes_later(history, tmp_path, use, i):
    detector = find_detector(use, tmp_path)
    values = detector.check(SETTINGS[use][i], "x.toml")
    whole = detector.condition(history, values)
    rng = np.random.default_rng(11)
    for n in range(1, len(history), 7):
        assert same_until(n, detector.condition(with_another_future(history, n, rng), values), whole)


def test_the_check_catches_a_detector_that_looks_ahead(history):
    def centred(prices):
        close = prices.pandas("small_index")
        mean = close.rolling(5, center=True, min_periods=1).mean()
        met = (close > mean).to_numpy()
        return Condition(met, np.ones(len(prices), dtype=bool), Indicator("mean", "points", mean.to_numpy()))

    assert len(differing(centred, history)) > 250


@pytest.mark.parametrize("name", builtin_names())
def test_the_answer_of_a_built_in_detector_is_what_the_check_of_a_users_own_makes_of_it(name, history, tmp_path):
    detector = find_detector(name, tmp_path)
    for setting in SETTINGS[name]:
        answer = detector.condition(history, detector.check(setting, "here"))
        checked = condition_from(name, answer, history)
        assert not (answer.met & ~answer.known).any()
        assert same_until(len(history), answer, checked)
        assert (answer.notes, answer.accounts) == (checked.notes, checked.accounts)
        assert kinds(answer) == kinds(checked)
        assert (answer.indicator and kinds(answer.indicator)) == (checked.indicator and kinds(checked.indicator))


def kinds(of):
    """The type of each field, and of its elements, if it is an array."""
    return [(key, type(value), getattr(value, "dtype", None)) for key, value in vars(of).items()]
