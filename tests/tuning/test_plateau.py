"""Neighbours, the recommendation and the importance of parameters, by hand and against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.tuning.grid import combinations
from backtest.tuning.objective import excess
from backtest.tuning.pieces import Pieces
from backtest.tuning.plateau import Choice, choose, importance, neighbours_of
from backtest.tuning.recommended import recommend
from backtest.tuning.walk_forward import choose_on, past_cut

NAN = float("nan")


def test_neighbours_differ_in_one_parameter_by_one_step_of_size():
    sets = combinations({"detector.a": [5, 1, 10], "detector.b": [0.1, 0.2], "detector.c": ["up", "down"]})
    near = neighbours_of(sets)
    for at, one in enumerate(sets):
        expected = set()
        for other_at, other in enumerate(sets):
            differing = [key for key in one if one[key] != other[key]]
            if differing == ["detector.a"] and {one["detector.a"], other["detector.a"]} != {1, 10}:
                expected.add(other_at)
            if differing == ["detector.b"]:
                expected.add(other_at)
        assert set(near.of[at]) == expected  # up is no neighbour of down
    assert near.most == 4


def test_the_mean_with_neighbours_leaves_out_what_is_missing():
    near = neighbours_of(combinations({"detector.a": [1, 2, 3, 4]}))
    assert near.mean(np.array([1.0, 3.0, NAN, 5.0])) == pytest.approx([2.0, 2.0, NAN, 5.0], nan_ok=True)


def near_of(n):
    """Neighbours along one parameter of so many values."""
    return neighbours_of(combinations({"detector.a": list(range(n))}))


def taken(values, **how):
    return choose(np.array(values, dtype=float), near_of(len(values)), **how)


def test_a_plateau_is_taken_before_a_peak():
    values = [0.0, 0.05, 0.0, 0.0, 0.03, 0.03, 0.03, 0.0]
    assert taken(values) == Choice(5, 1, 1, 1)
    assert taken([-value for value in values]).sign == 1  # who looks for gains takes no loss
    assert taken([-value for value in values], two_sided=True) == Choice(5, -1, 1, -1)


def test_an_edge_gains_nothing_by_its_missing_neighbour():
    # With what there is, the edge averages 0.035; with a median set (0.03) in the empty place, 0.0333.
    assert taken([0.04, 0.03, 0.0, 0.03, 0.031, 0.03, 0.0]).at == 0
    low = [0.04, 0.03, -0.02, -0.02, -0.02, 0.03, 0.03, 0.03, -0.02, -0.02]
    assert taken(low).at == 6  # the median is 0.005
    assert taken([NAN, 0.03, NAN, 0.02, 0.02, 0.02]).at == 1  # the median is 0.02


def test_a_neighbour_with_the_other_sign_confirms_nothing():
    values = [2.0, -2.0, 2.0, 1.0, 1.0, 1.0]
    # In the direction of gains, the medians of empty places being 1: 1/3, -, 1/3, 4/3, 1, 1.
    assert taken(values, two_sided=True) == Choice(3, 1, 0, 1)
    # In the direction of losses, where the third, which gains, cannot be taken: 5/3, 3.5/3, -, 1.5/3, -.
    assert taken([-1.0, -3.0, 0.5, -3.0, 1.0], two_sided=True) == Choice(0, -1, 1, -1)


def test_nothing_is_taken_where_there_is_no_score():
    assert taken([NAN, NAN]) is None
    assert taken([0.0, NAN], two_sided=True) == Choice(0, 1, 0, 1)


@pytest.mark.parametrize("objective", ["p_adjusted", "excess", "t", "hit_rate", "worst_decade"])
@pytest.mark.parametrize("seed", range(6))
def test_the_set_that_is_recommended_is_what_the_rule_of_the_walk_forward_takes_on_all_of_the_past(
    search_of, objective, seed
):
    found = search_of({"detector.least": [1.0, 2.0, 3.0, 9.0], "episodes.cooldown": [0, 2, 4, 8]}, seed=seed)
    pieces = Pieces(found, 0, objective)
    everything = past_cut(pieces, 0, len(found.plan.dataset.prices) + 1)
    recommended = recommend(found, 0, objective, pieces.near)
    rule, sums = choose_on(pieces, everything)
    assert (recommended.chosen, recommended.best) == (rule.at, rule.best)
    assert recommended.alone == pytest.approx(float(excess(sums[rule.at])), abs=1e-12)


def test_nothing_is_recommended_of_too_few_events(search_of):
    found = search_of({"detector.least": [9.0, 10.0]})
    assert recommend(found, 0, "excess", neighbours_of([one.parameters for one in found.trials])) is None


def test_importance_is_the_main_effect_of_an_analysis_of_variance():
    statsmodels = pytest.importorskip("statsmodels.api", reason="needs statsmodels, the witness")
    rng = np.random.default_rng(5)
    sets = combinations({"detector.a": [1, 2, 3], "detector.b": [1, 2, 3, 4], "detector.c": ["x", "y"]})
    values = rng.normal(0, 1, len(sets)) + np.array([one["detector.a"] for one in sets])
    shares = importance(sets, values)
    for key, share in shares.items():
        dummies = np.array([[one[key] == value for value in {each[key] for each in sets}] for one in sets], dtype=float)
        assert share == pytest.approx(statsmodels.OLS(values, dummies).fit().rsquared, abs=1e-12)


def test_importance_by_hand_with_a_missing_set():
    sets = combinations({"detector.a": [1, 2], "detector.b": [1, 2]})
    assert importance(sets, np.array([0.0, 0.0, 1.0, 1.0])) == {"detector.a": 1.0, "detector.b": 0.0}
    # Left are 0 (1, 1), 1 (2, 1) and 2 (2, 2): mean 1, total 2; by a 0 and 1.5, by b 0.5 and 2.
    assert importance(sets, np.array([0.0, NAN, 1.0, 2.0])) == pytest.approx({"detector.a": 0.75, "detector.b": 0.75})
    assert importance(sets, np.full(4, 0.3)) == {"detector.a": None, "detector.b": None}


def test_importance_of_drawn_numbers_is_that_of_eight_groups():
    statsmodels = pytest.importorskip("statsmodels.api", reason="needs statsmodels, the witness")
    rng = np.random.default_rng(8)
    drawn, values = rng.permutation(np.linspace(0.001, 0.02, 240)), rng.normal(0, 1, 240)
    noise = importance([{"detector.a": float(one), "detector.b": int(one * 1e6) % 2} for one in drawn], values)
    eighths = (np.argsort(np.argsort(drawn)) // 30)[:, None] == np.arange(8)
    assert noise["detector.a"] == pytest.approx(
        statsmodels.OLS(values, eighths.astype(float)).fit().rsquared, abs=1e-12
    )
    assert noise["detector.a"] < 0.1  # 240 groups of one set each would explain all of the noise
    few = combinations({"detector.a": [float(one) for one in range(13)], "detector.b": [1, 2, 3, 4, 5]})
    alone = np.array([one["detector.a"] % 2 for one in few])
    assert importance(few, alone)["detector.a"] == pytest.approx(1.0)  # five sets share each number: no groups
