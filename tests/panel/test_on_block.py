"""Detectors on a matrix of assets answer as on one asset after the other, exactly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.detect.episodes import find_episodes
from backtest.detect.event_list import EventList
from backtest.detect.tree import answers_of, make_recipe, singles
from backtest.model import Condition, Prices, SeriesInfo
from backtest.model.panel import Panel
from backtest.panel.listed_events import place_on_panel
from backtest.panel.on_block import AT_ONCE, Detectors
from backtest.spec.strategy import parse_strategy, strategy_of_text

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


INFO = SeriesInfo("close", "Each", "price_index", "")
MARKET = SeriesInfo("market", "Market", "price_index", "")
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
    prices = Prices(days, {"market": market}, {"market": MARKET})
    return Panel(tuple(f"S{i}" for i in range(assets)), {"close": close}, INFO, prices)


def alone_of(panel, recipe, listed):
    """Yield the episodes of each asset and the series read, asked one after the other; `listed` flags its dates."""
    for prices, flags in zip(panel.each(), listed.T, strict=True):
        seen = prices.published()

        def ask(one, seen=seen, flags=flags):
            if one.key == "conditions.listed":
                return Condition(flags, np.ones_like(flags), begins=flags)
            return one.detector.condition(seen, one.values)

        whole = answers_of(recipe, ask)["detector"]
        yield find_episodes(whole.condition, whole.length), seen.read


def assert_same_alone(panel, recipe, lists, listed):
    """Compare the episodes of every asset, and return how many there are."""
    blocks = list(Detectors(recipe, lists).episodes(panel))
    found = [
        (episodes.take(asset == column), read)
        for block, asset, episodes in blocks
        for column, read in zip(block.columns, block.read, strict=True)
    ]
    assert sum(len(episodes) for _, _, episodes in blocks) == sum(len(episodes) for episodes, _ in found)
    for (episodes, read), (expected, read_alone) in zip(found, alone_of(panel, recipe, listed), strict=True):
        for field in ("start", "trigger", "end", "ongoing"):
            np.testing.assert_array_equal(getattr(episodes, field), getattr(expected, field))
        assert read == read_alone
    return sum(len(episodes) for episodes, _ in found)


@pytest.mark.parametrize("text", CASES)
def test_every_asset_has_the_episodes_that_it_has_alone(panel, text):
    recipe = make_recipe(strategy_of_text(HEAD + text, Path("block.toml")))
    assert assert_same_alone(panel, recipe, {}, np.zeros_like(panel.close)) > 0 or "300" in text


def falling(prices, *, of: str = "close", sessions: int = 2):
    """Flag a fall, as a user would; where it begins to fall is an event of its own."""
    series = prices.pandas(of) if of != "columns" else pd.Series(prices.columns["close"])
    fell = (series < series.shift(sessions)).to_numpy()
    return Condition(fell, series.notna().to_numpy(), begins=fell & (series < series.shift(1)).to_numpy())


SINGLES = {
    "streak": {"use": "streak", "series": "close", "sessions": 2, "threshold": 0.005},
    "market": {"use": "move", "series": "market", "sessions": 3, "threshold": 0.01},
    "high": {"use": "new_high", "series": "close", "lookback": 5, "without": 1},
    "dates": {"use": "dates", "dates": ["2001-06-03", "2001-06-04", "2001-06-20", "2001-07-02"]},
    "own": {"use": "falling"},
    "own_market": {"use": "falling", "of": "market"},
    "own_columns": {"use": "falling", "of": "columns"},  # which the history does not count as read
    "listed": {"use": "dates"},
}


def members_of(table):
    members = [*table.get("all", []), *table.get("any", []), *table.get("within", []), table.get("not", "")]
    return [name.removeprefix("not ") for name in members if name]


@st.composite
def trees(draw):
    """Conditions over detectors of every kind, combined in every way, three deep."""
    conditions, names = dict(SINGLES), list(SINGLES)
    for made in ("first", "second", "detector"):
        how = draw(st.sampled_from(["all", "any", "not", "within"]))
        member = st.builds(str.__add__, st.sampled_from(["", "", "not "]), st.sampled_from(names))
        members = draw(st.lists(member, min_size=2, max_size=2 if how == "within" else 3))
        table = {how: members[0].removeprefix("not ") if how == "not" else members}
        conditions[made] = {**table, "sessions": draw(st.integers(1, 6))} if how == "within" else table
        names.append(made)
    detector, used, waiting = conditions["detector"], {}, ["detector"]
    while waiting:
        for name in members_of(conditions[waiting.pop()]):
            waiting += [] if name in used else [name]
            used[name] = conditions[name]
    return detector, used


@settings(max_examples=300)
@given(tree=trees(), seed=st.integers(0, 2**32 - 1), lag=st.sampled_from([0, 0, 1]))
def test_conditions_of_every_kind_combine_on_a_block_as_on_one_asset(tree, seed, lag):
    rng = np.random.default_rng(seed)
    n, assets = 40, AT_ONCE + 3
    close = 50 * np.exp(rng.normal(0, 0.01, (n, assets)).cumsum(axis=0))
    close[rng.random(close.shape) < 0.05] = np.nan
    close[:10, 1] = close[30:, 2] = close[:, 3] = np.nan
    market = 50 * np.exp(rng.normal(0, 0.01, n).cumsum())
    market[rng.random(n) < 0.05] = np.nan
    info = replace(INFO, publication_lag=lag)
    common = Prices(np.datetime64("2001-06-01") + np.arange(n), {"market": market}, {"market": MARKET})
    panel = Panel(tuple(f"S{i}" for i in range(assets)), {"close": close}, info, common)
    detector, conditions = tree
    content = {"schema": 1, "title": "Tree", "detector": detector, "conditions": conditions}
    recipe = make_recipe(parse_strategy(content, Path("tree.toml"), functions={"falling": falling}))
    at, asset = rng.integers(0, n, 15), rng.integers(0, assets, 15)
    rows = EventList(common.sessions[at], np.zeros(15, dtype=bool), asset=tuple(panel.assets[one] for one in asset))
    how = {"on": "next", "offset": 0, "after_close": None}
    listed = np.zeros(close.shape, dtype=bool)
    listed[at, asset] = True
    assert_same_alone(panel, recipe, {"conditions.listed": place_on_panel(panel.universe, rows, how)}, listed)


def test_what_does_not_depend_on_the_asset_is_asked_once_and_says_what_it_says_alone(panel):
    asked = []
    conditions = {name: SINGLES[name] for name in ("own", "market", "dates", "streak")}
    content = {"schema": 1, "title": "T", "detector": {"any": list(conditions)}, "conditions": conditions}
    recipe = make_recipe(parse_strategy(content, Path("once.toml"), functions={"falling": falling}))
    for one in singles(recipe):
        detect = one.detector.detect
        watched = replace(one.detector, detect=lambda *a, f=detect, use=one.use, **k: asked.append(use) or f(*a, **k))
        object.__setattr__(one, "detector", watched)
    detectors = Detectors(recipe, {})
    list(detectors.episodes(panel))
    blocks = -(-len(panel) // AT_ONCE)
    assert {use: asked.count(use) for use in asked} == {"falling": len(panel), "move": 1, "dates": 1, "streak": blocks}
    assert [note.code for note in detectors.told] == ["dates_of_every_asset"]
    assert [account.about for account in detectors.dates] == ["conditions.dates"]
