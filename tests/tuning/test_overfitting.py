"""The probability of backtest overfitting against loops over splits, sets, blocks and events."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.tuning.overfitting import block_cut, blocks_for, over_halves, overfitting
from backtest.tuning.pieces import Pieces
from backtest.tuning.walk_forward import ENOUGH


def slow(found, column, blocks):
    """Lambda of every half by the mean excess: means over lists of events and of sessions, half by half."""
    horizon = found.horizons[column]
    levels = [found.plan.dataset.prices.close(name) for name in "AB"]
    n = len(levels[0])
    move = [levels[0][t + horizon] / levels[0][t] - levels[1][t + horizon] / levels[1][t] for t in range(n - horizon)]
    first, last = found.trials[0].base_rate.circles[column].position[[0, -1]].tolist()
    edges = [int(first + (last + 1 - first) * k / blocks) for k in range(blocks)] + [last + 1]
    block_of = {t: k for k in range(blocks) for t in range(edges[k], edges[k + 1])}
    stays = [t for t in block_of if t + horizon < (edges[block_of[t] + 1] if block_of[t] < blocks - 1 else n)]
    sets, seen = [], set()
    for trial in found.trials:
        if tuple(trial.day0) not in seen:
            seen.add(tuple(trial.day0))
            sets.append([t for t in trial.day0 if t in stays])

    def excess(events, half):
        base = [move[t] for t in stays if block_of[t] in half]
        mine = [move[t] for t in events if block_of[t] in half]
        return (sum(mine) / len(mine) - sum(base) / len(base), len(mine)) if mine else (math.nan, 0)

    logits, untested, unchosen = [], 0, 0
    for half in itertools.combinations(range(blocks), blocks // 2):
        rest = set(range(blocks)) - set(half)
        inside = [excess(events, half) for events in sets]
        able = [at for at, (_, count) in enumerate(inside) if count >= ENOUGH]
        if not able:
            unchosen += 1
            continue
        best = max(able, key=lambda at: inside[at][0])
        outside = [excess(events, rest)[0] for events in sets]
        others = [value for at, value in enumerate(outside) if at != best and not math.isnan(value)]
        if math.isnan(outside[best]) or not others:
            untested += 1
            continue
        rank = 1 + sum(value < outside[best] for value in others) + sum(value == outside[best] for value in others) / 2
        omega = rank / (len(others) + 2)
        logits.append(math.log(omega / (1 - omega)))
    return logits, unchosen, untested


@pytest.mark.parametrize(("column", "seed"), [(0, 7), (1, 7), (0, 8)])
def test_every_half_gives_what_loops_give(search_of, column, seed):
    found = search_of({"detector.least": [1.0, 2.0, 3.0, 9.0], "episodes.cooldown": [0, 4, 60]}, seed=seed)
    of = overfitting(Pieces(found, column, "excess"), 6)
    logits, unchosen, untested = slow(found, column, 6)
    assert of.logits == pytest.approx(logits, abs=1e-9)
    assert (of.unchosen, of.untested, of.halves) == (unchosen, untested, len(logits))
    assert of.pbo == pytest.approx(
        (sum(one < -1e-12 for one in logits) + sum(abs(one) <= 1e-12 for one in logits) / 2) / len(logits)
    )


def test_halves_in_which_nothing_can_be_chosen_or_tested_are_counted():
    sums = np.zeros((2, 4, 5))
    sums[..., 3], sums[..., 4] = 10, 0.0  # the base rate is zero
    sums[0, 0, :2] = [6, 0.6]  # one set has events in the first block alone
    sums[1, 1, :2] = [6, 0.3]
    of = over_halves(sums, "excess")
    # Of six halves, one has no event; in the one with both, nothing is left to test; elsewhere one set has no event.
    assert (of.unchosen, of.untested, of.halves, of.pbo) == (1, 5, 0, None)
    assert "in no half" in of.reason


def test_two_sets_that_swap_places_are_overfitted_for_certain():
    sums = np.zeros((2, 2, 5))
    sums[..., 0], sums[..., 3] = 10, 10
    sums[0, :, 1], sums[1, :, 1] = [1.0, -1.0], [-1.0, 1.0]  # each is good in one half alone
    of = over_halves(sums, "excess")
    assert (of.pbo, of.loss, of.halves) == (1.0, 1.0, 2)
    assert of.logits == pytest.approx([math.log(0.5)] * 2)  # the lower of two: 1/3 against 2/3
    sums[0, :, 1], sums[1, :, 1] = [1.0, 1.0], [-1.0, -1.0]
    assert over_halves(sums, "excess").pbo == 0.0
    sums[1, :, 1] = 1.0  # the same: neither above nor below
    assert over_halves(sums, "excess").pbo == 0.5


@given(st.integers(0, 10_000), st.integers(2, 7))
def test_the_order_of_the_sets_and_of_the_blocks_does_not_matter(seed, n):
    rng = np.random.default_rng(seed)
    sums = np.zeros((n, 6, 5))
    sums[..., 0], sums[..., 1], sums[..., 3] = rng.integers(2, 9, (n, 6)), rng.normal(0, 1, (n, 6)), 10
    of = over_halves(sums, "excess")
    mixed = over_halves(sums[rng.permutation(n)][:, rng.permutation(6)], "excess")
    assert mixed.pbo == pytest.approx(of.pbo)
    assert sorted(mixed.logits) == pytest.approx(sorted(of.logits))
    assert of.halves + of.unchosen + of.untested == 20
    assert of.slope == pytest.approx(np.polyfit(of.inside, of.outside, 1)[0])


def test_what_is_planted_is_not_overfitted(search_of):
    grid = {"detector.least": [1.0, 2.0, 3.0], "episodes.cooldown": [0, 1, 2, 4]}
    assert overfitting(Pieces(search_of(grid, effect=0.03), 0, "t")).pbo < 0.05


def test_a_choice_for_its_p_is_tested_in_its_direction(search_of):
    of = overfitting(Pieces(search_of(effect=-0.03), 0, "p_adjusted"))
    assert of.pbo < 0.05
    assert of.loss == 0.0
    assert of.outside.min() > 0 < of.inside.min()


def test_a_window_that_reaches_into_another_block_counts_in_neither(search_of):
    pieces = Pieces(search_of(), 1, "excess")  # windows of 3 sessions
    cut = block_cut(pieces, 4)
    first, last = pieces.span
    edge = int(first + (last + 1 - first) / 4)
    assert cut.windows[edge - 5 : edge + 1].tolist() == [0, 0, -1, -1, -1, 1]
    assert cut.windows[last] == 3  # a complete window at the end reaches into no block
    assert overfitting(pieces, 4).crossing == sum(
        sum(cut.windows[t] < 0 for t in pieces.events(pieces.found.trials[at])) for at in set(pieces.distinct.tolist())
    )


def test_there_are_fewer_blocks_where_windows_are_long_or_events_few(search_of):
    assert blocks_for(Pieces(search_of(), 0, "excess")) == 16
    found = search_of({"detector.least": [3.0], "episodes.cooldown": [60, 70]})
    few = max(len(Pieces(found, 0, "excess").events(trial)) for trial in found.trials)
    assert few < 10
    assert blocks_for(Pieces(found, 0, "excess")) == few // 2 // 2 * 2
    of = overfitting(Pieces(found, 0, "excess"))
    assert of.pbo is None
    assert "too few" in of.reason
    one = overfitting(Pieces(search_of({"detector.least": [3.0], "episodes.cooldown": [0]}), 0, "excess"))
    assert one.reason == "there is only one set of events, and nothing to choose between"
