"""The walk-forward against a slow twin that looks at dates, and against a future that is made up anew."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

from backtest.errors import StudyRefused
from backtest.inference.circular_shift import observed_scale
from backtest.study.base_rate import BaseRate
from backtest.tuning.objective import OBJECTIVES, N, excess, score
from backtest.tuning.outside import measure_outside
from backtest.tuning.pieces import Pieces
from backtest.tuning.plateau import ENOUGH
from backtest.tuning.walk_forward import Rules, block_edges, choose_on, past_cut, walk_forward

from ..slow_shift import slow_statistics
from .conftest import SESSIONS


def slow_rule(sets, scores):
    """Average each set's score with those of sets one step away, the median in empty places; return the best two."""
    values = {key: sorted({one[key] for one in sets}) for key in sets[0]}
    middle = np.median([score for score in scores if score is not None])
    together = []
    for one, own in zip(sets, scores, strict=True):
        if own is None:
            together.append(-np.inf)
            continue
        group = [own]
        for key, ordered in values.items():
            for step in (-1, 1):
                at = ordered.index(one[key]) + step
                beside = {**one, key: ordered[at]} if 0 <= at < len(ordered) else None
                score = scores[sets.index(beside)] if beside else None
                group.append(middle if score is None else score)
        together.append(sum(group) / len(group))
    alone = [-np.inf if score is None else score for score in scores]
    return together.index(max(together)), alone.index(max(alone))


def slow_walk(found, column, blocks):
    """Choose by the mean excess and that of neighbours, event by event and session by session."""
    horizon = found.horizons[column]
    levels = [found.plan.dataset.prices.close(name) for name in "AB"]
    n = len(levels[0])
    move = [levels[0][t + horizon] / levels[0][t] - levels[1][t + horizon] / levels[1][t] for t in range(n - horizon)]
    usable = range(1, n - horizon)  # the first session has no variance
    # Blocks are cut from the sessions with a complete window, the first judged one included.
    first, last = found.trials[0].base_rate.circles[column].position[[0, -1]].tolist()
    edges = [int(first + (last + 1 - first) * k / blocks) for k in range(blocks)] + [last + 1]
    sets = [trial.parameters for trial in found.trials]
    steps, peaks = [], []
    for begin, end in itertools.pairwise(edges[1:]):
        past = [move[t] for t in range(first, n - horizon) if t + horizon < begin]
        mine = [[move[t] for t in trial.day0 if t + horizon < begin] for trial in found.trials]
        scores = [sum(one) / len(one) - sum(past) / len(past) if len(one) >= ENOUGH else None for one in mine]
        best, peak = slow_rule(sets, scores)
        inside, alone = ([t for t in found.trials[at].day0 if begin <= t < end and t in usable] for at in (best, peak))
        steps.append((begin, end - 1, best, scores[best], len(mine[best]), inside))
        peaks += alone
    outside = [move[t] for t in range(edges[1], edges[-1])]
    base = sum(outside) / len(outside)
    events = [move[t] for step in steps for t in step[-1]]
    return steps, sum(events) / len(events) - base, [move[t] for t in peaks], base, move


@pytest.mark.parametrize("column", [0, 1])
def test_the_choices_and_what_came_of_them_are_those_of_a_slow_twin(search_of, column):
    found = search_of()
    walked = walk_forward(Pieces(found, column, "excess"), Rules(blocks=5), own=0)
    steps, outside, peaks, base, move = slow_walk(found, column, 5)
    assert [(s.first, s.last, s.chosen) for s in walked.steps] == [step[:3] for step in steps]
    assert [s.n_past for s in walked.steps] == [step[4] for step in steps]
    assert [s.inside for s in walked.steps] == pytest.approx([step[3] for step in steps], abs=1e-12)
    for step, (*_, events) in zip(walked.steps, steps, strict=True):
        assert step.n == len(events)
        if events:
            assert step.excess == pytest.approx(np.mean([move[t] for t in events]) - base, abs=1e-12)
    assert walked.outside.n == sum(len(step[-1]) for step in steps)
    assert walked.best_alone.n == len(peaks)
    assert walked.best_alone.excess == pytest.approx(np.mean(peaks) - base, abs=1e-12)
    assert walked.outside.excess == pytest.approx(outside, abs=1e-12)
    weights = [len(step[-1]) for step in steps]
    assert walked.inside == pytest.approx(np.average([step[3] for step in steps], weights=weights), abs=1e-12)
    begin, end = steps[0][0], steps[-1][1]
    own = [move[t] for t in found.trials[0].day0 if begin <= t <= end]
    assert walked.own.n == len(own)
    assert walked.own.excess == pytest.approx(np.mean(own) - base, abs=1e-12)


@pytest.mark.parametrize("objective", [one for one in OBJECTIVES if one != "sharpe"])
def test_no_choice_knows_what_comes_later(search_of, objective):
    rules = Rules(blocks=6)
    whole = search_of()
    pieces = Pieces(whole, 1, objective)
    edges = block_edges(pieces, rules)
    walked = walk_forward(pieces, rules)
    assert len({step.chosen for step in walked.steps}) > 1 or objective == "hit_rate"
    for at, step in enumerate(walked.steps):
        again = walk_forward(Pieces(search_of(keep=step.first), 1, objective), rules).steps[at]
        assert (again.chosen, again.sign, again.n_past) == (step.chosen, step.sign, step.n_past)
        assert again.inside == step.inside  # not one bit of it is from later
    assert edges[1] == walked.steps[0].first


def test_a_window_that_ends_in_the_block_is_purged_and_the_embargo_purges_more(search_of):
    found = search_of()
    pieces = Pieces(found, 1, "excess")  # windows of 3 sessions
    for until in (100, 101, 102, 103):
        cut = past_cut(pieces, 0, until)
        assert np.flatnonzero(cut.windows >= 0).max() == until - 4
        assert pieces.sums(cut)[0, 0, N] == np.count_nonzero(found.trials[0].day0 + 3 < until)
    rules = Rules(blocks=4, embargo=10)
    early = walk_forward(pieces, rules).steps[0]
    assert early.n_past == np.count_nonzero(found.trials[early.chosen].day0 + 3 < early.first - 10)


def test_the_recommended_set_is_measured_in_the_blocks_that_chose_it(search_of):
    found = search_of()
    pieces = Pieces(found, 0, "excess")
    chosen = [step.chosen for step in walk_forward(pieces, Rules(blocks=8)).steps]
    once = next(at for at in chosen if chosen.count(at) < len(chosen))
    walked = walk_forward(pieces, Rules(blocks=8), recommended=once)
    mine = [step for step in walked.steps if step.chosen == once]
    returned = pieces.returned(found.trials[once])
    base = np.concatenate([returned[step.first : step.last + 1] for step in mine]).mean()
    events = [returned[t] for step in mine for t in found.trials[once].day0 if step.first <= t <= step.last]
    assert walked.recommended.n == len(events) == sum(step.n for step in mine)
    assert walked.recommended.excess == pytest.approx(np.mean(events) - base, abs=1e-12)
    never = next(at for at in range(len(found.trials)) if at not in chosen)
    assert walk_forward(pieces, Rules(blocks=8), recommended=never).recommended is None


def test_a_rolling_choice_forgets(search_of):
    pieces = Pieces(search_of(), 0, "excess")
    edges = block_edges(pieces, Rules(blocks=6))
    steps = walk_forward(pieces, Rules(blocks=6, rolling=2)).steps
    assert [step.first for step in steps] == edges[2:-1].tolist()
    for at, step in enumerate(steps):
        day0 = pieces.found.trials[step.chosen].day0
        assert step.n_past == np.count_nonzero((day0 >= edges[at]) & (day0 + 1 < step.first))


def test_blocks_by_events_hold_as_many_days_with_one(search_of):
    found = search_of()
    pieces = Pieces(found, 0, "excess")
    days = sorted({int(day) for trial in found.trials for day in pieces.events(trial)})
    edges = block_edges(pieces, Rules(events=30))
    counts = [sum(a <= day < b for day in days) for a, b in itertools.pairwise(edges)]
    assert counts[:-1] == [30] * (len(counts) - 1)
    assert 0 < counts[-1] <= 30


def test_a_strong_loss_is_chosen_for_its_p_and_told_in_its_direction(search_of):
    found = search_of(effect=-0.03)
    walked = walk_forward(Pieces(found, 0, "p_adjusted"), Rules(blocks=5))
    assert {step.sign for step in walked.steps} == {-1}
    assert walked.outside.excess > 0.02
    assert walked.outside.p_value < 0.01
    gains = walk_forward(Pieces(found, 0, "t"), Rules(blocks=5))
    assert {step.sign for step in gains.steps} == {1}  # who looks for gains does not take it


def test_the_studentised_excess_of_a_part_is_the_statistic_of_the_verdict_there(search_of):
    pieces = Pieces(search_of(), 1, "t")
    cut = past_cut(pieces, 0, 250)
    sums = pieces.sums(cut)[:, 0]
    trial = pieces.found.trials[2]
    circle = BaseRate(trial.base_rate.every, trial.base_rate.eligible & (cut.windows >= 0)).circles[1]
    places = circle.ranks(trial.day0)
    assert score("t", sums)[2] == pytest.approx(slow_statistics(circle, places)[0], rel=1e-9)
    assert score("t", sums)[2] == pytest.approx(
        circle.deviation[places].sum() / observed_scale(circle, places), rel=1e-9
    )
    assert sums[2, N] == len(places)


def test_the_p_outside_is_that_of_all_shifts_of_the_joined_blocks(search_of):
    pieces = Pieces(search_of(), 1, "excess")
    choices = [(100, 159, 0, 1), (160, 229, 4, -1), (230, 300, 2, 1)]
    of, each = measure_outside(pieces, choices)
    returned = pieces.returned(pieces.found.trials[0])  # all sets have one measure here
    circle = pieces.found.trials[0].base_rate.circles[1]
    at = np.searchsorted(circle.position, np.arange(100, 301))
    level = returned[100:301].mean()
    sign = np.concatenate([np.full(60, 1.0), np.full(70, -1.0), np.full(71, 1.0)])
    deviation = sign * (returned[100:301] - level)
    deviation -= deviation.mean()

    class Joined:
        pass

    joined = Joined()
    joined.deviation, joined.lengths = deviation.tolist(), circle.lengths[at].tolist()
    joined.expected, joined.realised, joined.square = circle.expected[at], circle.realised[at], circle.square[at]
    events = [
        t - 100 for first, last, chosen, _ in choices for t in pieces.found.trials[chosen].day0 if first <= t <= last
    ]
    size = np.abs(slow_statistics(joined, events))
    assert of.n == len(events) == sum(n for n, _ in each)
    assert of.p_value == pytest.approx(np.mean(size >= size[0] * (1 - 1e-9)), abs=1e-12)
    assert of.excess == pytest.approx(np.mean(deviation[events]), abs=1e-12)
    assert (of.low <= 0 <= of.high) == (of.p_value > 0.05)


def test_who_has_too_few_events_is_not_chosen(search_of):
    pieces = Pieces(search_of({"detector.least": [1.0, 2.0, 3.0]}), 0, "excess")
    fifth = np.array([trial.day0[ENOUGH - 1] + 1 for trial in pieces.found.trials])  # each set's, when it is known
    for until in range(int(fifth.min()) - 1, int(fifth.max()) + 3):
        choice, sums = choose_on(pieces, past_cut(pieces, 0, until))
        able = np.flatnonzero(fifth < until)
        assert (choice is None) == (len(able) == 0)
        assert choice is None or choice.at in able
        assert np.array_equal(np.flatnonzero(sums[:, N] >= ENOUGH), able)
    walked = walk_forward(Pieces(search_of({"detector.least": [9.0]}), 0, "excess"), Rules(blocks=4))
    assert walked.unchosen == 3
    assert (walked.outside.n, walked.outside.p_value) == (0, None)
    assert np.isnan(walked.inside)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (Rules(blocks=4, rolling=4), "--blocks: 4 blocks.*the first 4 of which only choose; there must be 5 to 200"),
        (Rules(blocks=390), "--blocks: 390 blocks.*Use another --blocks"),
        (Rules(events=500), "--block-events 500: 1 block of .*Use another --block-events"),
    ],
)
def test_a_history_that_cannot_be_cut_so_is_refused(search_of, rules, told):
    with pytest.raises(StudyRefused) as refused:
        walk_forward(Pieces(search_of(), 0, "excess"), rules)
    assert re.search(told, str(refused.value))


def test_what_no_history_allows_is_refused_without_one():
    for rules in (Rules(blocks=4, rolling=4), Rules(blocks=201)):
        with pytest.raises(StudyRefused, match="walk-forward"):
            rules.refuse_impossible()
    for rules in (Rules(), Rules(blocks=4, rolling=3), Rules(blocks=200), Rules(events=500, rolling=30)):
        rules.refuse_impossible()


def test_the_worst_decade_is_the_lowest_of_those_with_enough_events():
    # Events, hits and base rate in all; then events, returns, sessions and their returns of each decade.
    decades = [[3, 0.06, 100, 1.0], [4, 0.02, 100, 2.0], [2, -9.0, 100, 0.0]]
    sums = np.array([9, -8.92, 0, 300, 3.0, *np.ravel(decades)])
    assert score("worst_decade", sums) == pytest.approx(0.005 - 0.02)  # the third has two events only
    sums[5] = sums[9] = 2
    assert np.isnan(score("worst_decade", sums))


def test_the_excess_of_sums_is_the_excess_of_the_search(search_of):
    found = search_of()
    for objective in ("excess", "worst_decade", "t"):
        pieces = Pieces(found, 0, objective)
        sums = pieces.sums(past_cut(pieces, 0, SESSIONS + 10))[:, 0]
        assert excess(sums) == pytest.approx(found.excess[:, 0], abs=1e-12)
