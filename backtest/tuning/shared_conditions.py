"""The conditions of many parameter sets: parameters of detectors are checked alone, each condition is asked once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from backtest.detect.episodes import Day0, find_episodes
from backtest.detect.logic import Answer
from backtest.detect.tree import Recipe, Single, answers_of, singles
from backtest.errors import StrategyInvalid
from backtest.model import Condition, Episodes, Ints
from backtest.plan import Plan
from backtest.spec.conditions import HOW
from backtest.study.base_rate import BaseRate

KEPT = 64
"""Answers of single detectors that are kept, for combinations that vary one of several; and whole conditions."""


class Dated(NamedTuple):
    """The events of a condition under one rule of dating and one measure, as a `Trial` has them."""

    day0: Ints
    base_rate: BaseRate
    cautions: tuple[str, ...]
    held: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Detected:
    """A condition over the whole history, the length of its pattern by session, its runs, and the series it reads.

    Found so far are every day 0 and the base rate `without_cooldown`, by rule of day 0, sample window and measure; and
    `dated`, the events, by what the sets say of episodes and of the rest.
    """

    condition: Condition
    length: Ints
    episodes: Episodes
    reads: tuple[str, ...]
    without_cooldown: dict[tuple[Day0, tuple[int, int], str], tuple[Ints, BaseRate]] = field(default_factory=dict)
    dated: dict[tuple[str, str], Dated] = field(default_factory=dict)


class Conditions:
    """The conditions of a study whose parameters are varied.

    Parameters
    ----------
    plan : Plan
        The study.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan, self._prices = plan, plan.dataset.prices.published()
        self._recipes: dict[str, Recipe] = {}
        self._answers: OrderedDict[str, tuple[Condition, tuple[str, ...]]] = OrderedDict()
        self._detected: OrderedDict[tuple[object, ...], Detected] = OrderedDict()
        self._singles = {one.key: one for one in singles(plan.recipe)}
        strategy = plan.strategy
        self._place = strategy.place
        self._tables = {"detector": strategy.detector} | {f"conditions.{k}": v for k, v in strategy.conditions.items()}

    def check(self, changes: Mapping[str, Any], text: str) -> None:
        """Check the parameters of one condition, and keep its recipe under a text that equal ones share.

        Raises
        ------
        StrategyInvalid, NotFound, DetectorFailed
            As a plan with these overrides would.
        """
        if text not in self:
            self._recipes[text] = self._recipe(changes)

    def __contains__(self, text: str) -> bool:
        """Return whether a condition was checked, by its text."""
        return text in self._recipes

    def detected(self, text: str) -> Detected:
        """Ask the detectors of a condition that was checked.

        A condition with the same answers as one of the last ones is the same object: thresholds between which no
        return lies give the same episodes.
        """
        reads: set[str] = set()

        def ask(one: Single) -> Condition:
            condition, read = self._asked(one)
            reads.update(read)
            return condition

        whole = answers_of(self._recipes[text], ask)["detector"]
        key = (_content(whole), whole.condition.cautions, *sorted(reads))
        if key not in self._detected:
            episodes = find_episodes(whole.condition, whole.length)
            self._detected[key] = Detected(whole.condition, whole.length, episodes, tuple(sorted(reads)))
            if len(self._detected) > KEPT:
                self._detected.popitem(last=False)
        return self._detected[key]

    def in_order(self, groups: Sequence[list[int]], changes: Sequence[Mapping[str, Any]]) -> list[list[int]]:
        """Order groups of sets so that conditions with the same threshold follow one another: they share most."""
        keys = [f"{one.key}.{one.detector.threshold_parameter}" for one in self._singles.values()]
        return sorted(groups, key=lambda numbers: [repr(changes[numbers[0]].get(key)) for key in keys])

    def _asked(self, one: Single) -> tuple[Condition, tuple[str, ...]]:
        key = repr([one.use, sorted(one.values.items())])
        if key not in self._answers:
            self._prices.read.clear()
            condition = one.detector.condition(self._prices, one.values)
            self._answers[key] = (condition, tuple(sorted(self._prices.read)))
            if len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return self._answers[key]

    def _recipe(self, changes: Mapping[str, Any]) -> Recipe:
        """Check a detector's own parameters alone; whatever is more than that is checked as a whole study."""
        by_table: dict[str, dict[str, object]] = {}
        for key, value in changes.items():
            table, _, name = key.rpartition(".")
            if table not in self._singles or name in HOW:
                return self._plan.vary(changes).recipe
            by_table.setdefault(table, {})[name] = value
        try:
            changed = {table: self._checked(table, values) for table, values in by_table.items()}
        except StrategyInvalid:
            return self._plan.vary(changes).recipe
        return _replaced(self._plan.recipe, changed)

    def _checked(self, table: str, values: Mapping[str, object]) -> Single:
        one = self._singles[table]
        written = {**self._tables[table].parameters, **values}
        return replace(one, values=one.detector.check(written, self._place, table))


def _content(whole: Answer) -> tuple[bytes | int | None, ...]:
    """Return what episodes are made of, short enough to be compared often."""
    condition, length = whole.condition, whole.length
    flags = (condition.met, condition.known, condition.begins)
    pattern = int(length[0]) if length.strides == (0,) else length.tobytes()  # one length for all sessions
    return *(None if of is None else np.packbits(of).tobytes() for of in flags), pattern


def _replaced(recipe: Recipe, changed: Mapping[str, Single]) -> Recipe:
    if isinstance(recipe, Single):
        return changed.get(recipe.key, recipe)
    return replace(recipe, members=tuple((negated, _replaced(member, changed)) for negated, member in recipe.members))
