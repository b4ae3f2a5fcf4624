"""The conditions of many parameter sets: parameters of detectors are checked alone, each condition is asked once."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from backtest.detect.episodes import find_episodes
from backtest.detect.tree import Recipe, Single, answers_of, singles
from backtest.errors import StrategyInvalid
from backtest.model import Condition, Episodes, Ints
from backtest.plan import Plan
from backtest.spec.conditions import HOW
from backtest.study.base_rate import BaseRate

KEPT = 64
"""Answers of single detectors that are kept, for combinations that vary one of several."""


@dataclass(frozen=True, eq=False)
class Detected:
    """A condition over the whole history, the length of its pattern by session, its runs, and the series it reads.

    `base_rates` are those found so far, by rule of day 0, sample window and measure.
    """

    condition: Condition
    length: Ints
    episodes: Episodes
    reads: tuple[str, ...]
    base_rates: dict[tuple[str, tuple[int, int], str], BaseRate] = field(default_factory=dict)


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
        self._singles = {one.key: one for one in singles(plan.recipe)}
        strategy = plan.strategy
        self._tables = {"detector": strategy.detector} | {f"conditions.{k}": v for k, v in strategy.conditions.items()}

    def check(self, changes: Mapping[str, Any]) -> None:
        """Check the parameters of one condition, and keep its recipe.

        Raises
        ------
        StrategyInvalid, NotFound, DetectorFailed
            As a plan with these overrides would.
        """
        key = repr(changes)
        if key not in self._recipes:
            self._recipes[key] = self._recipe(changes)

    def detected(self, changes: Mapping[str, Any]) -> Detected:
        """Ask the detectors of a condition that was checked."""
        reads: set[str] = set()

        def ask(one: Single) -> Condition:
            condition, read = self._asked(one)
            reads.update(read)
            return condition

        whole = answers_of(self._recipes[repr(changes)], ask)["detector"]
        episodes = find_episodes(whole.condition, whole.length)
        return Detected(whole.condition, whole.length, episodes, tuple(sorted(reads)))

    def in_order(self, groups: Sequence[list[int]], changes: Sequence[Mapping[str, Any]]) -> list[list[int]]:
        """Order groups of sets so that conditions with the same threshold follow one another: they share most."""
        keys = [f"{one.key}.{one.detector.threshold_parameter}" for one in self._singles.values()]
        return sorted(groups, key=lambda numbers: [repr(changes[numbers[0]].get(key)) for key in keys])

    def _asked(self, one: Single) -> tuple[Condition, tuple[str, ...]]:
        key = json.dumps([one.use, one.values], sort_keys=True, default=str)
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
        return replace(one, values=one.detector.check(written, self._plan.strategy.place, table))


def _replaced(recipe: Recipe, changed: Mapping[str, Single]) -> Recipe:
    if isinstance(recipe, Single):
        return changed.get(recipe.key, recipe)
    return replace(recipe, members=tuple((negated, _replaced(member, changed)) for negated, member in recipe.members))
