"""Neighbours, the recommendation and the importance of parameters, by hand and against statsmodels."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from backtest.tuning.grid import combinations
from backtest.tuning.plateau import importance, neighbours_of, recommend

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


def found_with(values, n=20, key="detector.a"):
    """A search of one parameter of which only the excess is known."""
    excess = np.array(values, dtype=float)[:, None]
    return SimpleNamespace(excess=excess, n=np.full(excess.shape, n)), neighbours_of(
        combinations({key: list(range(len(values)))})
    )


def test_a_plateau_is_recommended_before_a_peak():
    values = [0.0, 0.05, 0.0, 0.0, 0.03, 0.03, 0.03, 0.0]
    found, near = found_with(values)
    taken = recommend(found, 0, found.excess[:, 0], "excess", near)
    assert (taken.chosen, taken.best, taken.neighbours) == (5, 1, 2)
    assert (taken.alone, taken.together) == pytest.approx((0.03, 0.03))
    assert (taken.best_alone, taken.best_together) == pytest.approx((0.05, 0.05 / 3))


def test_an_edge_gains_nothing_by_its_missing_neighbour():
    values = [0.04, 0.03, 0.0, 0.03, 0.031, 0.03, 0.0]
    found, near = found_with(values)
    # With what there is, the edge averages 0.035; with a median set (0.03) in the empty place, 0.0333.
    taken = recommend(found, 0, found.excess[:, 0], "excess", near)
    assert taken.chosen == 0
    low, near = found_with([0.04, 0.03, -0.02, -0.02, -0.02, 0.03, 0.03, 0.03, -0.02, -0.02])
    assert recommend(low, 0, low.excess[:, 0], "excess", near).chosen == 6  # the median is 0.005


def test_a_neighbour_with_the_other_sign_confirms_no_p():
    found, near = found_with([0.02, -0.02, 0.02, 0.01, 0.01, 0.01])
    goodness = -np.array([0.01, 0.01, 0.01, 0.02, 0.02, 0.02])
    assert recommend(found, 0, goodness, "p_adjusted", near).chosen == 3
    assert recommend(found, 0, goodness, "t", near).chosen == 1


def test_nothing_is_recommended_of_too_few_events():
    found, near = found_with([0.02, 0.03], n=4)
    assert recommend(found, 0, found.excess[:, 0], "excess", near) is None


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
