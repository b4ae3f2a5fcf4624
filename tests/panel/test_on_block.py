"""Detectors on a matrix of assets answer as on one asset after the other, exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backtest.detect.episodes import find_episodes
from backtest.detect.tree import answers_of, make_recipe
from backtest.model import Prices, SeriesInfo
from backtest.model.panel import Panel
from backtest.panel.on_block import AT_ONCE, episodes_by_block, works_by_block
from backtest.spec.strategy import strategy_of_text

HEAD = """
schema = 1
title = "On a block"
[measure]
asset = "close"
benchmark = ""
horizons = [1]
"""
STREAK = 'use = "streak"\nseries = "close"\nthreshold = 0.01\nsessions = {}'
MOVE = 'use = "move"\nseries = "close"\nthreshold = 0.02\nsessions = {}'


OTHERS = {
    "breadth": 'against = "market"\nthreshold = 0.05',
    "change": "threshold = 5.0",
    "divergence": 'against = "market"',
    "drawdown": "",
    "level": "threshold = 55.0",
    "moving_average": "fast = 5\nslow = 10",
    "new_high": "lookback = 20\nwithout = 5",
    "relative": 'against = "market"\nsessions = 20\nleave = 0.0',
    "volatility": "jump = 5.0\nsessions = 5",
    "year_to_date": "share = 0.5",
}


def detector(text):
    return f"[detector]\n{text}\n"


CASES = [
    *(detector(STREAK.format(n)) for n in (1, 2, 3, 4, 7, 300)),
    detector(STREAK.format(2) + '\ndirection = "down"\nagainst = "market"'),
    detector(STREAK.format(2).replace("0.01", "0.0")),
    *(detector(MOVE.format(n)) for n in (1, 5, 300)),
    *(detector(f'use = "{name}"\nseries = "close"\n{more}') for name, more in OTHERS.items()),
    detector(MOVE.format(5) + '\nagainst = "market"\ndirection = "down"'),
    detector(MOVE.format(2).replace('series = "close"', 'series = "market"\nagainst = "close"')),
    detector(MOVE.format(2).replace('series = "close"', 'series = "market"')),
    f'[detector]\nall = ["a", "not b"]\n[conditions.a]\n{MOVE.format(3)}\n[conditions.b]\n{STREAK.format(2)}',
    f'[detector]\nany = ["a", "b"]\n[conditions.a]\n{MOVE.format(3)}\n[conditions.b]\n'
    + MOVE.format(2).replace('series = "close"', 'series = "market"'),
]


@pytest.fixture(scope="module")
def panel():
    """More assets than a block has; some begin late, end early, have holes, repeated closes, one close or none."""
    rng = np.random.default_rng(3)
    n, assets = 250, 2 * AT_ONCE + 5
    close = 50 * np.exp(rng.normal(0, 0.02, (n, assets)).cumsum(axis=0))
    close[rng.random(close.shape) < 0.05] = np.nan
    close[:100, 1] = close[200:, 2] = close[:, 3] = close[1:, 4] = np.nan
    close[:, 5] = 7.0
    close[3:40, 6] = close[2, 6] * 1.01 ** np.arange(1, 38)
    market = 100 * np.exp(rng.normal(0, 0.01, n).cumsum())
    market[:20] = market[90:93] = np.nan
    days = np.datetime64("2001-06-01") + np.arange(n)
    info = SeriesInfo("close", "Each", "price_index", "")
    prices = Prices(days, {"market": market}, {"market": SeriesInfo("market", "Market", "price_index", "")})
    return Panel(tuple(f"S{i}" for i in range(assets)), {"close": close}, info, prices)


@pytest.mark.parametrize("text", CASES)
def test_every_asset_has_the_episodes_that_it_has_alone(panel, text):
    recipe = make_recipe(strategy_of_text(HEAD + text, Path("block.toml")))
    assert works_by_block(recipe, panel)
    by_block = list(episodes_by_block(panel, recipe))
    assert len(by_block) == len(panel)
    total = 0
    for (found, seen), alone in zip(by_block, panel.each(), strict=True):
        whole = answers_of(recipe, lambda one: one.detector.condition(alone, one.values))["detector"]  # noqa: B023
        expected = find_episodes(whole.condition, whole.length)
        for field in ("start", "trigger", "end", "ongoing"):
            np.testing.assert_array_equal(getattr(found, field), getattr(expected, field))
        assert seen.read == alone.read
        total += len(found)
    assert total > 0 or "300" in text


@pytest.mark.parametrize("text", CASES)
def test_every_answer_is_known_exactly_where_it_is_alone(panel, text):
    recipe = make_recipe(strategy_of_text(HEAD + text, Path("block.toml")))
    matrix = panel.common.beside({"close": panel.info}, {"close": panel.close})

    def ask(one):
        found = one.detector.on_block(matrix, one.values)
        flags = (np.broadcast_to(f if f.ndim == 2 else f[:, None], panel.close.shape) for f in (found.met, found.known))
        return type(found)(*flags)

    block = answers_of(recipe, ask)["detector"].condition
    for column, alone in enumerate(panel.each()):
        whole = answers_of(recipe, lambda one: one.detector.condition(alone, one.values))["detector"]  # noqa: B023
        np.testing.assert_array_equal(block.met[:, column], whole.condition.met)
        np.testing.assert_array_equal(block.known[:, column], whole.condition.known)


def test_within_runs_on_one_asset_after_the_other(panel):
    both = f"[conditions.a]\n{MOVE.format(3)}\n[conditions.b]\n{STREAK.format(2)}"
    text = f'[detector]\nwithin = ["a", "b"]\nsessions = 5\n{both}'
    assert not works_by_block(make_recipe(strategy_of_text(HEAD + text, Path("block.toml"))), panel)
