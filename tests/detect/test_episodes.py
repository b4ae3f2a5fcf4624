from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.episodes import find_episodes, outside_cooldown, possible_day0, take_events
from backtest.model import Condition

FLAGS = st.lists(st.sampled_from("u.?"), max_size=40)  # met, not met, unknown


def condition(flags):
    return Condition(np.array([f == "u" for f in flags], dtype=bool), np.array([f != "?" for f in flags], dtype=bool))


def slow_episodes(flags, pattern):
    """Walk through the sessions once."""
    runs, trigger = [], None
    for t in range(len(flags) + 1):
        here = flags[t] if t < len(flags) else "?"
        if here == "u" and trigger is None:
            trigger = t
        elif here != "u" and trigger is not None:
            runs.append((max(trigger - pattern + 1, 0), trigger, t - 1, here == "?"))
            trigger = None
    return runs


@given(FLAGS, st.integers(1, 6))
def test_episodes_agree_with_a_walk(flags, pattern):
    found = find_episodes(condition(flags), pattern)
    columns = (found.start, found.trigger, found.end, found.ongoing)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == slow_episodes(flags, pattern)
    assert len(found) == len(found.trigger)


def test_what_begins_is_an_episode_of_its_own():
    # Sessions 0 to 2 are met, 1 is listed; 5 and 6 are both listed.
    met = np.array([1, 1, 1, 0, 0, 1, 1], dtype=bool)
    begins = np.array([0, 1, 0, 0, 0, 1, 1], dtype=bool)
    found = find_episodes(Condition(met, np.ones(7, dtype=bool), begins=begins))
    assert found.trigger.tolist() == [0, 1, 5, 6]
    assert found.end.tolist() == [0, 2, 5, 6]


@given(FLAGS, st.lists(st.booleans(), min_size=40, max_size=40))
def test_beginnings_agree_with_a_cut_before_each(flags, cuts):
    base = condition(flags)
    begins = np.array(cuts[: len(flags)], dtype=bool)
    found = find_episodes(replace(base, begins=begins & base.met))
    triggers = [t for t, flag in enumerate(flags) if flag == "u" and (t == 0 or flags[t - 1] != "u" or cuts[t])]
    assert found.trigger.tolist() == triggers


@given(FLAGS)
def test_episodes_are_maximal_and_cover_the_condition(flags):
    found = find_episodes(condition(flags))
    covered = {t for a, b in zip(found.trigger.tolist(), found.end.tolist(), strict=True) for t in range(a, b + 1)}
    assert covered == {t for t, flag in enumerate(flags) if flag == "u"}
    assert (found.trigger[1:] > found.end[:-1] + 1).all()  # at least one session lies between two


def events(text, day0="trigger", cooldown=0, window=None, pattern=1):
    flags = list(text)
    taken = take_events(
        find_episodes(condition(flags), pattern), day0, cooldown, (0, len(flags) - 1) if window is None else window
    )
    return taken.day0.tolist(), taken.knowable.tolist()


# position:        0123456789
MADE = "..uuu..u.u"


def test_day0_is_the_trigger_the_start_or_the_end():
    assert events(MADE, "trigger", pattern=3) == ([2, 7, 9], [2, 7, 9])
    # Day 1 of three lies two sessions before the trigger, and is known only on the trigger.
    assert events(MADE, "start", pattern=3) == ([0, 5, 7], [2, 7, 9])
    # An end is seen one session later; the last run has no seen end.
    assert events(MADE, "end", pattern=3) == ([4, 7], [5, 8])


def test_an_end_before_an_unknown_session_is_not_seen():
    assert events(".uu?..u.", "end") == ([6], [7])
    assert events(".uu?..u.", "trigger") == ([1, 6], [1, 6])


def test_a_start_never_lies_before_the_history():
    assert events("u.....", "start", pattern=5) == ([0], [0])


@pytest.mark.parametrize(
    ("window", "day0", "expected"),
    [((2, 7), "trigger", [2, 7]), ((3, 6), "trigger", []), ((4, 4), "end", [4]), ((3, 9), "end", [4, 7])],
)
def test_the_window_holds_day0_and_both_of_its_ends(window, day0, expected):
    assert events(MADE, day0, window=window)[0] == expected


def test_the_cooldown_counts_sessions_after_an_event():
    # Triggers at 0, 3, 6: with 2 sessions of rest the next may come on the third.
    assert events("u..u..u", cooldown=2)[0] == [0, 3, 6]
    assert events("u..u..u", cooldown=3)[0] == [0, 6]
    assert events("u..u..u", cooldown=6)[0] == [0]


def test_what_lies_before_the_window_blocks_nothing():
    assert events("u..u..u", cooldown=3, window=(1, 6))[0] == [3]


@given(st.lists(st.integers(0, 200), max_size=30), st.integers(0, 40))
def test_the_cooldown_agrees_with_a_countdown(positions, cooldown):
    position = np.array(sorted(set(positions)), dtype=np.int64)
    kept, rest = [], 0
    for t in range(201):  # one session after the other
        if t in set(position.tolist()) and rest == 0:
            kept.append(t)
            rest = cooldown
        else:
            rest = max(rest - 1, 0)
    assert position[outside_cooldown(position, cooldown)].tolist() == kept


@given(st.lists(st.integers(0, 60), max_size=30), st.integers(0, 20), st.booleans(), st.randoms())
def test_positions_in_another_order_than_their_episodes_are_taken_one_after_the_other(at, cooldown, own, random):
    ends = [day + (random.randint(0, cooldown) if own else cooldown) for day in at]
    kept, over = [], -1
    for day, end in zip(at, ends, strict=True):  # of each of an episode, in order of trigger
        kept.append(day > over)
        over = end if kept[-1] else over
    position = np.array(at, dtype=np.int64)
    asked = np.array(ends, dtype=np.int64) - position if own else cooldown
    assert outside_cooldown(position, asked).tolist() == kept


@given(FLAGS, st.sampled_from(["trigger", "start", "end"]), st.integers(0, 5), st.integers(1, 4))
def test_events_keep_their_own_episode(flags, day0, cooldown, pattern):
    episodes = find_episodes(condition(flags), pattern)
    taken = take_events(episodes, day0, cooldown, (0, max(len(flags) - 1, 0)))
    assert getattr(taken.episodes, day0).tolist() == taken.day0.tolist()
    assert set(taken.episodes.trigger.tolist()) <= set(episodes.trigger.tolist())
    assert (taken.knowable >= taken.episodes.trigger).all()
    assert (taken.knowable >= taken.day0).all()
    assert (np.diff(taken.day0) > cooldown).all()


@given(st.lists(st.booleans(), min_size=1, max_size=7), st.sampled_from(["trigger", "start", "end"]), st.data())
def test_what_could_be_day_0_is_what_some_answer_would_make_it(known, day0, data):
    n = len(known)
    length = np.array(data.draw(st.lists(st.integers(1, 3), min_size=n, max_size=n)))
    first = data.draw(st.integers(0, n - 1))
    window = (first, data.draw(st.integers(first, n - 1)))
    could = set()
    for answers in itertools.product((False, True), repeat=n):  # whatever the condition says where it is known
        met = np.array(answers) & np.array(known)
        episodes = find_episodes(Condition(met, np.array(known)), length)
        could |= set(take_events(episodes, day0, 0, window).day0.tolist())
    assert np.flatnonzero(possible_day0(np.array(known), length, day0, window)).tolist() == sorted(could)
