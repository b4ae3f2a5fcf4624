"""Conditions combined: all, any, not, and one within some sessions of another.

Kleene's strong three-valued logic: an answer is unknown only if an unknown input could change it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.detect.rolling import positions, session_before
from backtest.model import Bools, Condition, Ints

NEVER = np.iinfo(np.int64).min // 2


@dataclass(frozen=True, eq=False)
class Answer:
    """A condition, and the length of the pattern that ends on each session.

    Attributes
    ----------
    condition : Condition
        The condition, session by session; of a block of assets, with one column each.
    length : ndarray of the condition's shape
        Sessions from the first of the pattern to this one, both included; at least 1.
    """

    condition: Condition
    length: Ints


def all_of(answers: Sequence[Answer]) -> Answer:
    """Hold if all hold; unknown if one is unknown and none is known not to hold.

    The pattern is the longest of all patterns.
    """
    met = np.logical_and.reduce([a.condition.met for a in answers])
    refuted = np.logical_or.reduce([_refuted(a.condition) for a in answers])
    known = np.logical_and.reduce([a.condition.known for a in answers]) | refuted
    return Answer(Condition(met, known, begins=_begins(answers, met)), np.maximum.reduce([a.length for a in answers]))


def any_of(answers: Sequence[Answer]) -> Answer:
    """Hold if any holds; unknown if one is unknown and none holds.

    The pattern is the longest pattern of those that hold.
    """
    met = np.logical_or.reduce([a.condition.met for a in answers])
    known = np.logical_and.reduce([a.condition.known for a in answers]) | met
    length = np.maximum.reduce([np.where(a.condition.met, a.length, 1) for a in answers])
    return Answer(Condition(met, known, begins=_begins(answers, met)), length)


def not_of(answer: Answer) -> Answer:
    """Hold if the condition is known not to hold. The pattern is the session itself."""
    return Answer(Condition(_refuted(answer.condition), answer.condition.known), np.ones_like(answer.length))


def within(first: Answer, then: Answer, sessions: int) -> Answer:
    """Hold if `then` holds and `first` held on one of the `sessions` sessions before.

    The pattern begins with the pattern of the latest such `first`. Sessions before the history are unknown.
    """
    index = positions(then.condition.met)
    latest = _last_before(first.condition.met, NEVER)
    followed = index - latest <= sessions
    met = then.condition.met & followed
    perhaps = index - _last_before(~_refuted(first.condition), -1) <= sessions
    possible = ~_refuted(then.condition) & perhaps
    length, at = then.length.copy(), np.nonzero(met)
    since = latest[at]
    length[at] = np.maximum(at[0] - since + first.length[since, *at[1:]], length[at])
    return Answer(Condition(met, met | ~possible, begins=_begins([then], met)), length)


def _begins(answers: Sequence[Answer], met: Bools) -> Bools | None:
    """Flag the sessions that begin a separate event in one of the answers, if the whole holds."""
    own = [a.condition.begins for a in answers if a.condition.begins is not None]
    return met & np.logical_or.reduce(own) if own else None


def _refuted(condition: Condition) -> Bools:
    return condition.known & ~condition.met


def _last_before(flags: Bools, none: int) -> Ints:
    """Return the last flagged position before each session; `none` if there is none."""
    return np.maximum.accumulate(session_before(np.where(flags, positions(flags), none), none))
