"""Sets that a rule excludes are skipped, counted and named; a mistake refuses the whole search."""

from __future__ import annotations

import numpy as np
import pytest

from backtest import Strategy, tune
from backtest.errors import StrategyInvalid, ValueExcluded
from backtest.tuning import trials
from backtest.tuning.grid import combinations
from backtest.tuning.result import tune_json
from backtest.tuning.search import search

from .conftest import GRID, made


@pytest.fixture
def plan(history_of, plan_of):
    return plan_of(history_of(made(), kinds={"M": "rate"}))


def test_the_others_are_those_of_a_search_without_them(plan):
    grid = {**GRID, "episodes.cooldown": [-1, 0, 4]}
    whole, less = search(plan, combinations(grid)), search(plan, combinations(GRID))
    assert whole.frame.equals(less.frame)
    assert [one.parameters["episodes.cooldown"] for one in whole.skipped] == [-1] * 3
    told, plain = (tune_json(found, of, "excess", 3) for found, of in ((whole, grid), (less, GRID)))
    assert [told["n_sets"], told["looks"]] == [plain["n_sets"], plain["looks"]]
    assert told["grid"] == plain["grid"]  # a value that no set has is not on the page
    rule = "episodes.cooldown = -1: must be at least 0."
    assert told["skipped"] == [
        {"parameters": {"detector.least": least, "episodes.cooldown": -1}, "reason": rule} for least in (1.0, 2.0, 3.0)
    ]
    assert told["notes"][0]["text"] == f"3 of 9 sets skipped: {rule}"
    assert plain["skipped"] == []
    assert "skipped" not in [note["code"] for note in plain["notes"]]


def test_a_rule_on_two_parameters_is_found_when_the_detector_is_asked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = tune("death_cross", {"fast": [20, 100], "slow": [50, 100, 200]}, dataset="sample")
    assert [tuple(one.parameters.values()) for one in found.trials] == [(20, 50), (20, 100), (20, 200), (100, 200)]
    assert [tuple(one.parameters.values()) for one in found.skipped] == [(100, 50), (100, 100)]
    note = tune_json(found, {"detector.fast": [20, 100], "detector.slow": [50, 100, 200]}, "excess", 21)["notes"][0]
    assert note["text"] == (
        "2 of 6 sets skipped for 2 reasons, the first: detector moving_average: fast = 100 is not below slow = 50."
    )


def test_a_detector_of_ones_own_can_exclude_values(tmp_path, monkeypatch):
    def odd(prices, *, every: int = 20):
        if every % 2:
            raise ValueExcluded(f"every = {every} is odd.")
        return np.arange(len(prices)) % every == 0

    monkeypatch.chdir(tmp_path)
    mine = Strategy.of(odd, measure={"asset": "small", "horizons": [5]})
    found = tune(mine, {"detector.every": [20, 21, 30]}, dataset="sample")
    assert [one.parameters["detector.every"] for one in found.trials] == [20, 30]
    (note,) = (one for one in tune_json(found, {}, "excess", 5)["notes"] if one["code"] == "skipped")
    assert note["text"] == "1 of 3 sets skipped: every = 21 is odd."


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        ([{"episodes.cooldown": -1}], "marked.toml as overridden: episodes.cooldown = -1: must be at least 0."),
        (
            [{"episodes.cooldown": n} for n in (-1, -2)],
            "episodes.cooldown = -1: must be at least 0.",
        ),
        ([{"episodes.cooldown": n} for n in (-1, "a", 4)], 'episodes.cooldown = "a": must be a whole number.'),
        ([{"episodes.cooldown": n} for n in (0, 4.5)], "episodes.cooldown = 4.5: must be a whole number."),
        ([{"episodes.day0": n} for n in ("start", "strat")], "must be one of"),
        ([{"episodes.cool": n} for n in (-1, 4)], "unknown key"),
    ],
)
def test_a_mistake_or_nothing_that_is_left_is_refused_before_a_detector_is_asked(plan, monkeypatch, sets, told):
    monkeypatch.setattr(trials.ParameterSets, "trials", lambda *_: pytest.fail("it was asked"))
    with pytest.raises(StrategyInvalid) as refused:
        search(plan, sets)
    assert told in str(refused.value)
    assert ("none of the 2 sets" in str(refused.value)) == (sets[-1] == {"episodes.cooldown": -2})
