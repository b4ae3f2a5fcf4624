"""The headline of a search against its own table, on grids of noise and on one with an effect in it."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from backtest.cli.tune_view import print_search
from backtest.lookahead.guard import Passed
from backtest.report.pages.tune.page import tune_page
from backtest.tuning.grid import combinations
from backtest.tuning.ranking import best_set, looks, order_of, verdict
from backtest.tuning.result import tune_json
from backtest.tuning.search import Search, Trial, search

NAN = float("nan")
GRID = {"detector.least": [1.0, 2.0, 3.0, 9.0], "episodes.cooldown": [0, 4]}
OBJECTIVES = ("p_adjusted", "excess", "hit_rate")


def plan_with(history_of, plan_of, seed, effect, taken_back=False):
    """300 sessions, marks from 0 to 3; after a mark of 3 the spread of the next session is `effect` higher."""
    rng = np.random.default_rng(seed)
    marks = rng.choice([0.0, 1.0, 2.0, 3.0], 300, p=[0.85, 0.05, 0.05, 0.05])
    daily = rng.normal(0, 0.01, (2, 300))
    daily[0, 1:] += np.where(marks[:-1] == 3, effect, 0.0)
    if taken_back:
        daily[0, 2:] -= np.where(marks[:-2] == 3, effect, 0.0)
    a, b = 100 * np.cumprod(1 + daily, axis=1)
    return plan_of(history_of({"A": a, "B": b, "M": marks}, kinds={"M": "rate"}))


def read(content):
    """Take the headline apart: how many looks survive, the first set and horizon it names, and the best it names."""
    text = content["verdict"]
    many = re.match(r"(\d+) of (\d+) looks survive", text)
    alive = int(many[1]) if many else int(text.startswith("Survives"))
    named = [(int(row), int(over)) for row, over in re.findall(r"set (\d+) \(.*?over (\d+) session", text)]
    return alive, named


@pytest.mark.parametrize("effect", [0.0, 0.03, -0.03])
@pytest.mark.parametrize("seed", range(3))
def test_the_headline_says_what_the_table_says(history_of, plan_of, effect, seed, capsys):
    found = search(plan_with(history_of, plan_of, seed, effect), combinations(GRID))
    for objective, horizon in itertools.product(OBJECTIVES, found.horizons):
        content = tune_json(found, GRID, objective, horizon)
        cells = sorted(
            (row["p_adjusted"], row["p_value"], one["set"], row["horizon"])
            for one in content["sets"]
            for row in one["horizons"]
            if row["p_adjusted"] is not None
        )
        alive = [cell[2:] for cell in cells if cell[0] <= 0.05]
        count, named = read(content)
        assert count == len(alive), content["verdict"]
        assert named[0] == cells[0][2:]
        assert [(look["set"], look["horizon"]) for look in content["survivors"]] == alive
        best = (content["order"][0], horizon)
        assert content["best"] == best[0]
        assert best in named  # the best by the objective is told too, with whether it survives
        if alive and best != named[0]:
            assert content["verdict"].endswith("survives too." if best in alive else "does not survive.")
        if effect:  # three standard deviations; marks of 3 are the events of sets 5 and 6
            assert {(5, 1), (6, 1)} <= {*alive}
        print_search(content)
        printed = capsys.readouterr().out
        table = [line.split() for line in printed.splitlines() if re.match(r" *\d+ +\d+ +\d+ ", line)]
        assert [int(line[0]) for line in table[: len(content["order"])]] == content["order"]
        assert_sorted(content, horizon)


def test_one_true_effect_is_the_one_that_the_headline_names(history_of, plan_of):
    # What a mark of 3 brings on the next session is gone after the one that follows: over 3 sessions there is nothing.
    grid = {"detector.least": [3.0, 9.0]}
    found = search(plan_with(history_of, plan_of, 1, 0.03, taken_back=True), combinations(grid))
    content = tune_json(found, grid, "p_adjusted", 3)
    assert content["survivors"] == [{"set": 1, "horizon": 1}]
    assert content["verdict"].startswith("Survives having been searched for: set 1 (least = 3) gives +")
    assert "over 1 session beyond" in content["verdict"]
    assert content["verdict"].endswith("It does not survive.")


def assert_sorted(content, horizon):
    by_set = {one["set"]: row for one in content["sets"] for row in one["horizons"] if row["horizon"] == horizon}
    values = [by_set[number][content["objective"]] for number in content["order"]]
    known = [value for value in values if value is not None]
    assert values[len(known) :] == [None] * (len(values) - len(known))
    assert known == sorted(known, reverse=content["objective"] != "p_adjusted")


def test_the_page_lists_what_survives_and_sorts_as_it_says(history_of, plan_of):
    found = search(plan_with(history_of, plan_of, 1, 0.03), combinations(GRID))
    content = tune_json(found, GRID, "excess", 3)
    page = " ".join(tune_page(content).split())
    assert "Sets of parameters over 3 sessions, the best by excess first" in page
    alive = page.split("Looks that survive</h2>")[1].split("</table>")[0]
    assert [int(n) for n in re.findall(r'<th scope="row">(\d+)</th>', alive)] == [
        o["set"] for o in content["survivors"]
    ]
    rows = page.split('id="table-of-sets"')[1]
    assert [int(n) for n in re.findall(r'<th scope="row" data-value="(\d+)"', rows)] == content["order"]
    nothing = tune_json(search(plan_with(history_of, plan_of, 1, 0.0), combinations(GRID)), GRID, "excess", 3)
    assert nothing["survivors"] == []
    assert "no look has an adjusted p of at most 0.05." in " ".join(tune_page(nothing).split())


# By hand


def made(p_adjusted, p_value, excess, hit_rate=None, doubts=None):
    shape = np.array(p_adjusted).shape
    trials = [Trial({"detector.least": float(i)}, np.arange(3), None) for i in range(shape[0])]
    arrays = [np.array(v, dtype=float) for v in (excess, excess, excess, hit_rate or excess, p_value, p_adjusted)]
    found = Search(None, trials, (1, 3)[: shape[1]], np.full(shape, 3), *arrays, Passed())
    found.__dict__["doubts"] = doubts or {}  # kept there once they are known
    return found


def test_the_order_of_the_sets_by_each_objective():
    of = made(
        p_adjusted=[[0.5], [0.2], [0.2], [NAN]],
        p_value=[[0.01], [0.05], [0.04], [NAN]],
        excess=[[0.01], [0.02], [-0.03], [NAN]],
        hit_rate=[[0.9], [0.5], [0.5], [NAN]],
    )
    assert order_of(of, "p_adjusted", 0).tolist() == [2, 1, 0, 3]  # the tie is broken by the own p
    assert order_of(of, "excess", 0).tolist() == [1, 0, 2, 3]
    assert order_of(of, "hit_rate", 0).tolist() == [0, 2, 1, 3]
    assert [best_set(of, name, 0) for name in OBJECTIVES] == [2, 1, 0]
    assert looks(of) == 3
    nothing = made([[NAN]], [[NAN]], [[NAN]])
    assert [best_set(nothing, name, 0) for name in OBJECTIVES] == [None] * 3
    assert (
        verdict(nothing, "excess", 0) == "Too little to judge: no parameter set gives an event with a complete window."
    )


def test_the_headline_counts_every_look():
    of = made([[0.3, 0.4]], [[0.004, 0.1]], [[-0.0123, 0.01]])
    first = (
        "set 1 (least = 0) gives −1.23 points over 1 session beyond the base rate (n = 3); taken alone, chance gives "
        "as much in 0.4% of cases, with all 2 looks counted in 30%"
    )
    assert verdict(of, "excess", 0) == (
        f"Consistent with what a search of this size finds in noise. The most remarkable look: {first}."
    )
    assert ". By excess over 3 sessions the best: set 1 (least = 0) gives +1.00 points" in verdict(of, "excess", 1)
    # What survives at a horizon that was not asked for comes first, and the best of the one asked for after it.
    of = made([[0.3, 0.04]], [[0.004, 0.01]], [[0.0123, 0.01]])
    text = verdict(of, "p_adjusted", 0)
    assert text.startswith("Survives having been searched for: set 1 (least = 0) gives +1.00 points over 3 sessions")
    assert "By adjusted p over 1 session the best: set 1" in text
    assert text.endswith("with all 2 looks counted in 30%. It does not survive.")
    assert verdict(of, "p_adjusted", 1).count("set 1") == 1
    of = made([[0.02, 0.04]], [[0.004, 0.01]], [[0.0123, 0.01]])
    assert verdict(of, "p_adjusted", 1).startswith(
        "2 of 2 looks survive having been searched for. The most remarkable:"
    )
    assert verdict(of, "p_adjusted", 1).endswith("It survives too.")


def test_a_horizon_that_no_event_reaches_is_told():
    of = made([[0.3, NAN]], [[0.004, NAN]], [[0.0123, NAN]])
    assert verdict(of, "excess", 1).endswith("Over 3 sessions no parameter set has an event with a complete window.")
