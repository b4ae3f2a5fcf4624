"""Combined conditions against a twin that fills in every unknown both ways, and looks."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.detect.logic import Answer, all_of, any_of, not_of, within
from backtest.model import Condition

STATES = st.sampled_from([True, False, None])


def answer(states, length=1):
    met = np.array([state is True for state in states], dtype=bool)
    known = np.array([state is not None for state in states], dtype=bool)
    return Answer(Condition(met, known), np.full(len(states), length))


def states(found: Answer) -> list[bool | None]:
    flags = zip(found.condition.met.tolist(), found.condition.known.tolist(), strict=True)
    return [met if known else None for met, known in flags]


def by_filling_in(rows, rule):
    """The answer is known where every way of filling in the unknowns gives the same."""
    unknown = [(i, t) for i, row in enumerate(rows) for t, state in enumerate(row) if state is None]
    seen = []
    for values in itertools.product([True, False], repeat=len(unknown)):
        filled = [list(row) for row in rows]
        for (i, t), value in zip(unknown, values, strict=True):
            filled[i][t] = value
        seen.append(rule(*filled))
    return [column[0] if len(set(column)) == 1 else None for column in zip(*seen, strict=True)]


@given(st.integers(0, 5).flatmap(lambda n: st.tuples(*[st.lists(STATES, min_size=n, max_size=n)] * 2)))
@settings(max_examples=150)
def test_all_any_and_not_are_known_where_no_filling_in_changes_them(rows):
    one, two = map(answer, rows)
    n = len(rows[0])
    assert states(all_of([one, two])) == by_filling_in(rows, lambda a, b: [a[t] and b[t] for t in range(n)])
    assert states(any_of([one, two])) == by_filling_in(rows, lambda a, b: [a[t] or b[t] for t in range(n)])
    assert states(not_of(one)) == by_filling_in(rows[:1], lambda a: [not state for state in a])


@given(
    st.integers(0, 5).flatmap(lambda n: st.tuples(*[st.lists(STATES, min_size=n, max_size=n)] * 2)), st.integers(1, 4)
)
@settings(max_examples=150)
def test_one_within_some_sessions_of_another(rows, sessions):
    def rule(earlier, first, then):
        whole = earlier + first  # what came before the history is unknown too
        return [then[t] and any(whole[len(earlier) + t - k] for k in range(1, sessions + 1)) for t in range(len(then))]

    found = within(answer(rows[0]), answer(rows[1]), sessions)
    assert states(found) == by_filling_in([[None] * sessions, *rows], rule)


def test_the_session_itself_is_not_before_itself():
    on = answer([False, True, True, False, False, True])
    assert states(within(on, on, 1)) == [False, False, True, False, False, False]
    assert states(within(on, on, 3))[5] is True


def test_the_pattern_begins_where_the_first_did():
    # A holds on 2 and 3 with a pattern of 2 sessions; B on 3, 5 and 9 with a pattern of 1, or of 5.
    first = answer([False, False, True, True, False, False, False, False, False, False], 2)
    then = [False, False, False, True, False, True, False, False, False, True]
    found = within(first, answer(then), 4)
    assert np.flatnonzero(found.condition.met).tolist() == [3, 5]
    # On 3, the latest A before is on 2, whose pattern began on 1: 3 sessions. On 5, A on 3 from 2: 4 sessions.
    assert found.length[[3, 5]].tolist() == [3, 4]
    assert within(first, answer(then, 5), 4).length[[3, 5]].tolist() == [5, 5]


@pytest.mark.parametrize("block", [False, True])
def test_the_pattern_of_the_first_is_as_long_as_it_was_on_its_own_session(block):
    first, then = answer([True, False, True, False, False]), answer([False, True, False, False, True])
    lengths, expected = np.array([1, 5, 3, 5, 5]), [1, 2, 1, 1, 5]  # 0 to 1; of 3 sessions up to 2, then up to 4
    if block:
        first, then = (
            Answer(Condition(one.condition.met[:, None], one.condition.known[:, None]), one.length[:, None])
            for one in (first, then)
        )
    found = within(replace(first, length=lengths.reshape(first.length.shape)), then, 3)
    assert found.length.ravel().tolist() == expected


def test_patterns_of_the_others():
    a, b = answer([True, True, False], 3), answer([True, False, True], 5)
    assert all_of([a, b]).length.tolist() == [5, 5, 5]
    assert any_of([a, b]).length.tolist() == [5, 3, 5]
    assert not_of(a).length.tolist() == [1, 1, 1]


@pytest.mark.parametrize("combine", [lambda a: all_of([a, a]), lambda a: any_of([a, a]), lambda a: within(a, a, 2)])
def test_an_empty_history_has_an_empty_answer(combine):
    assert len(combine(answer([])).condition.met) == 0


def test_what_begins_an_episode_does_so_in_a_combination_where_the_whole_holds():
    listed = answer([True, True, False, True])
    listed = replace(listed, condition=replace(listed.condition, begins=listed.condition.met))
    plain = answer([False, True, True, True])
    assert all_of([listed, plain]).condition.begins.tolist() == [False, True, False, True]
    assert any_of([listed, plain]).condition.begins.tolist() == [True, True, False, True]
    assert within(plain, listed, 2).condition.begins.tolist() == [False, False, False, True]
    # What only has to come before is no event itself, and neither is what is not listed.
    assert within(listed, plain, 2).condition.begins is None
    assert not_of(listed).condition.begins is None
    assert all_of([plain, plain]).condition.begins is None
