"""The sentences of a choice against the figures that they tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.tuning.evidence_json import evidence_json
from backtest.tuning.evidence_of_search import gather
from backtest.tuning.evidence_words import importance_words, recommended_outside, recommended_words, sets_named
from backtest.tuning.walk_forward import Rules

GRID = {"detector.least": [1.0, 2.0, 3.0], "episodes.cooldown": [0, 2, 4, 8]}


def points(value):
    """A zero has no sign, as everywhere."""
    text = f"{value * 100:+.2f}".replace("-", "−")
    return "0.00" if text[1:] == "0.00" else text


@pytest.mark.parametrize("seed", range(8))
def test_the_recommended_set_is_told_with_what_it_gave_where_it_was_chosen(search_of, seed):
    found = search_of(GRID, seed=seed)
    of = gather(found, "excess", 0, Rules(blocks=6))
    number = of.recommended.chosen + 1
    mine = [step for step in of.walked.steps if step.chosen == of.recommended.chosen]
    told = evidence_json(found, of)
    if not mine:
        assert f"No block's past chose the recommended set {number}" in told["finding"]
        assert told["walk_forward"]["recommended"] is None
        return
    events = sum(step.n for step in mine)
    gave = told["walk_forward"]["recommended"]
    assert gave["n"] == events
    assert "p_value" not in gave  # blocks that helped to recommend it cannot test it
    text = (
        f"The recommended set {number} was chosen for {len(mine)} of 5 blocks and gave {points(gave['excess'])} points"
    )
    assert text in told["finding"]


@pytest.mark.parametrize("objective", ["p_adjusted", "excess"])
def test_a_choice_for_a_loss_is_told(search_of, objective):
    """By p a set may be chosen for its loss; by excess none is. The sign of each step is that of the past's choice."""
    told = []
    for seed in range(4):
        found = search_of(GRID, seed=seed)
        of = gather(found, objective, 0, Rules(blocks=6))
        losses = [step for step in of.walked.steps if step.chosen is not None and step.sign == -1]
        said = evidence_json(found, of)["finding"]
        assert ("chosen for its loss" in said) == bool(losses)
        if losses:
            assert f"In {len(losses)} of 5 blocks a set was chosen for its loss, which counts as a gain here." in said
        told.append(bool(losses))
    assert any(told) == (objective == "p_adjusted")


def test_a_best_set_that_is_not_recommended_is_told_with_its_neighbours(search_of):
    texts = []
    for seed in range(8):
        found = search_of(GRID, seed=seed)
        of = gather(found, "excess", 0, Rules(blocks=6))
        taken, text = of.recommended, recommended_words(found, of)
        assert f"averages {points(taken.together)} points" in text
        if taken.chosen != taken.best:
            near = [taken.best, *of.neighbours.of[taken.best]]
            mean = np.nanmean(found.excess[near, 0])
            told = f"({points(found.excess[taken.best, 0])}; {points(mean)} with its {len(near) - 1} neighbours)"
            assert told in text
            texts.append(text)
    assert texts


def test_without_a_recommended_set_nothing_is_said_of_it(search_of):
    found = search_of()
    of = gather(found, "excess", 0, Rules(blocks=6))
    assert recommended_outside(replace(of, recommended=None)) == []


def test_ten_sets_are_named():
    assert sets_named([3]) == "set 4"
    assert sets_named([0, 1]) == "sets 1 and 2"
    assert sets_named(list(range(12))).endswith("10 and 2 more")


def test_shares_that_overlap_are_said_to():
    told = importance_words({"detector.sessions": 0.52, "detector.threshold": 0.71}, "excess")
    assert told.startswith("threshold 71% and sessions 52% of the variance")
    assert told.endswith("They overlap: not every combination is there.")
    assert importance_words({"detector.sessions": 0.2, "detector.threshold": 0.7}, "excess").endswith(
        "What they leave is due to combinations."
    )
    assert importance_words({"detector.sessions": 1.0}, "excess").endswith("(main effects).")


def test_a_set_without_neighbours_is_said_to_have_none(search_of):
    found = search_of({"detector.least": [2.0]})
    text = recommended_words(found, gather(found, "excess", 0, Rules(blocks=6)))
    assert text == "Set 1 (least = 2): the only set with at least 5 events."


def test_drawn_sets_without_neighbours_are_said_to_have_none(search_of):
    drawn = {"detector.least": 1.0, "episodes.cooldown": 0}, {"detector.least": 1.5, "episodes.cooldown": 3}
    found = search_of(drawn)
    text = recommended_words(found, gather(found, "excess", 0, Rules(blocks=6)))
    assert "the best by excess alone. No two sets differ in one parameter by one step" in text
    assert "0 neighbours" not in text
