"""The events of every parameter set; what sets share is read, checked, detected and measured once.

Detection depends on the tables ``detector`` and ``conditions`` alone, dating on ``episodes``, forward returns on
``measure``: each part is checked once for each of its values, not once for each combination. A base rate depends on
the rest only through the sessions that cannot be judged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

from backtest.detect.episodes import Day0, outside_cooldown, possible_day0, take_events
from backtest.errors import BacktestError, StrategyInvalid, StudyRefused, ValueExcluded
from backtest.format import parameter
from backtest.model import Bools, Ints, measured_by
from backtest.plan import Plan
from backtest.spec.measure import MeasureTable
from backtest.spec.strategy import EpisodesTable
from backtest.study.base_rate import BaseRate, EverySession, measure_every_session
from backtest.study.detect_events import sample_window
from backtest.tuning.shared_conditions import Conditions, Dated, Detected
from backtest.untyped import Parameters

Tell = Callable[[int], None]


class Trial(NamedTuple):
    """One parameter set, its events and the series that it holds.

    `cautions` are those of its condition, such as that it reads a proxy.
    """

    parameters: Parameters
    day0: Ints
    base_rate: BaseRate
    cautions: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    @property
    def n_events(self) -> int:
        """How many events it has."""
        return len(self.day0)


class Skipped(NamedTuple):
    """A parameter set that a rule excludes, as sessions = 0, and the refusal that says so."""

    parameters: Parameters
    error: ValueExcluded


class Parts(NamedTuple):
    """What a set says of the condition, of its dating, and of the rest, as text: equal parts have the same."""

    condition: str
    episodes: str
    rest: str


class Measured(NamedTuple):
    """A measure, and what it gives on every session, whatever the condition; equal measures have the same `key`."""

    key: str
    every: EverySession
    enterable: Bools
    held: tuple[str, ...]


class ParameterSets:
    """The parameter sets of a search, checked before the first detector runs.

    Parameters
    ----------
    plan : Plan
        The study whose parameters are varied.

    Attributes
    ----------
    plan : Plan
        As it was given.
    skipped : dict of int to Skipped
        The sets that are left out, by position: a rule excludes their values. A value of the wrong type, or a key that
        is unknown, is a mistake of the whole search.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan, self._sets = plan, list[Mapping[str, Any]]()
        self._conditions = Conditions(plan)
        self._episodes: dict[str, EpisodesTable] = {}
        self._measures: dict[str, MeasureTable] = {}
        self._measured: dict[str, Measured] = {}
        self._base_rates: dict[tuple[str, bytes], BaseRate] = {}
        self._windows: dict[tuple[object, ...], tuple[int, int]] = {}
        self._day0: dict[bytes, Ints] = {}
        self._parts = list[Parts]()
        self.skipped = dict[int, Skipped]()

    def checked(self, sets: Sequence[Mapping[str, Any]]) -> ParameterSets:
        """Check sets, in place of those before; what was computed for them stays. Sets that rules exclude are skipped.

        Parameters
        ----------
        sets : sequence of mapping
            Dotted keys to values, one mapping per set.

        Raises
        ------
        StudyRefused
            The sets differ in their horizons or in what is judged, or a set has several assets.
        StrategyInvalid
            A key is unknown, a value is of the wrong type, or no set is left.
        """
        self._sets, self._parts, self.skipped = list(sets), [parts_of(parameters) for parameters in sets], {}
        for i, (parameters, parts) in enumerate(zip(sets, self._parts, strict=True)):
            if self._is_checked(parts):
                continue
            if "measure.horizons" in parameters:
                raise StudyRefused(
                    "measure.horizons cannot be tuned: every set is judged at all horizons.", "Use --set instead."
                )
            if "measure.window" in parameters:
                raise StudyRefused(
                    "measure.window cannot be tuned: it changes which path is drawn, and no figure of a set.",
                    "Use --set instead.",
                )
            try:
                self._check(parameters, parts)
            except ValueExcluded as error:
                self._skip(i, error)
            except BacktestError:
                self.plan.vary(parameters)  # the refusal names the whole set
                raise
        refuse_none_left(len(self._sets), self.skipped)
        _check_measures(list(self._measures.values()))
        return self

    def trials(self, tell: Tell) -> list[Trial]:
        """Return the trials in the order of the sets, without those that are skipped; each condition is asked for once.

        A detector may exclude further sets, by a rule on several of its parameters, when it is asked. The look-ahead
        guard must have passed the study. `tell` is called with the number of sets done.

        Raises
        ------
        StrategyInvalid
            No set is left.
        """
        together: dict[str, list[int]] = {}
        for i, parts in enumerate(self._parts):
            if i not in self.skipped:
                together.setdefault(parts.condition, []).append(i)
        trials: dict[int, Trial] = {}
        for numbers in self._conditions.in_order(list(together.values()), self._sets):
            try:
                with self._located(numbers[0]):
                    detected = self._conditions.detected(self._parts[numbers[0]].condition)
            except ValueExcluded as error:
                for i in numbers:
                    self._skip(i, error)
                continue
            for i in numbers:
                trials[i] = Trial(dict(self._sets[i]), *self._dated(i, detected))
            tell(len(trials))
        refuse_none_left(len(self._sets), self.skipped)
        return [trials[i] for i in sorted(trials)]

    def _skip(self, i: int, error: ValueExcluded) -> None:
        self.skipped[i] = Skipped(dict(self._sets[i]), error)

    def _is_checked(self, parts: Parts) -> bool:
        condition, episodes, rest = parts
        return condition in self._conditions and episodes in self._episodes and rest in self._measures

    def _check(self, parameters: Mapping[str, Any], parts: Parts) -> None:
        condition, episodes, rest = ({key: parameters[key] for key in keys} for keys in _by_part(tuple(parameters)))
        self._conditions.check(condition, parts.condition)
        if parts.episodes not in self._episodes:
            self._episodes[parts.episodes] = self.plan.vary(episodes).strategy.episodes
        if parts.rest not in self._measures:
            self._measures[parts.rest] = self.plan.vary(rest).strategy.measure

    def _dated(self, i: int, detected: Detected) -> Dated:
        """Return the events of a set and what they are compared with, for each rule of dating and measure once."""
        _, episodes, rest = self._parts[i]
        if (episodes, rest) not in detected.dated:
            with self._located(i):
                made = self._made(self._episodes[episodes], self._measure(rest), detected)
            detected.dated[episodes, rest] = made
        return detected.dated[episodes, rest]

    def _made(self, rules: EpisodesTable, measured: Measured, detected: Detected) -> Dated:
        window = self._window(rules, detected.reads)
        every, base_rate = self._without_cooldown(detected, rules.day0, window, measured)
        day0 = every[outside_cooldown(every, rules.cooldown)]
        day0 = self._day0.setdefault(day0.tobytes(), day0)  # sets with the same events hold them once
        return Dated(day0, base_rate, detected.condition.cautions, measured.held)

    def _without_cooldown(
        self, detected: Detected, day0: Day0, window: tuple[int, int], measured: Measured
    ) -> tuple[Ints, BaseRate]:
        """Return every day 0, from which each cooldown takes its own, and the base rate of the eligible sessions.

        A cooldown would take no day 0 that this leaves out. Whatever has the same sessions has the same base rate.
        """
        asked = (day0, window, measured.key)
        if asked not in detected.without_cooldown:
            possible = possible_day0(detected.condition.known, detected.length, day0, window)
            eligible = possible & measured.enterable
            key = (measured.key, eligible.tobytes())
            if key not in self._base_rates:
                self._base_rates[key] = BaseRate(measured.every, eligible)
            every = take_events(detected.episodes, day0, 0, window).day0
            detected.without_cooldown[asked] = every, self._base_rates[key]
        return detected.without_cooldown[asked]

    def _window(self, rules: EpisodesTable, reads: tuple[str, ...]) -> tuple[int, int]:
        key = (rules.since, rules.until, reads)
        if key not in self._windows:
            self._windows[key] = sample_window(self.plan.dataset.prices, rules, reads)
        return self._windows[key]

    def _measure(self, rest: str) -> Measured:
        """Return what every session gives, once for each measure: several parts may write it in different ways."""
        if rest not in self._measured:
            measure = self._measures[rest]
            key = json.dumps(measure.model_dump(mode="json"))
            found = next((one for one in self._measured.values() if one.key == key), None)
            if found is None:
                every = measure_every_session(self.plan.dataset.prices, measure)
                found = Measured(key, every, every.enterable(), tuple(measure.legs.values()))
            self._measured[rest] = found
        return self._measured[rest]

    @contextmanager
    def _located(self, i: int) -> Iterator[None]:
        try:
            yield
        except BacktestError:
            with self.plan.vary(self._sets[i]).errors_located():
                raise


def parts_of(parameters: Mapping[str, Any]) -> Parts:
    """Divide a set by what depends on it."""
    condition, episodes, rest = _by_part(tuple(parameters))
    return Parts(
        repr({key: parameters[key] for key in condition}),
        repr({key: parameters[key] for key in episodes}),
        repr({key: parameters[key] for key in rest}),
    )


@lru_cache
def _by_part(keys: tuple[str, ...]) -> tuple[list[str], list[str], list[str]]:
    """Return the keys of the condition, of its dating and of the rest; all sets of a grid have the same."""
    condition, episodes, rest = list[str](), list[str](), list[str]()
    tables = {"detector": condition, "conditions": condition, "episodes": episodes}
    for key in keys:
        tables.get(key.partition(".")[0], rest).append(key)
    return condition, episodes, rest


def refuse_none_left(sets: int, skipped: Mapping[int, Skipped]) -> None:
    """Refuse a search all of whose sets rules exclude.

    Raises
    ------
    StrategyInvalid
        Nothing can be tried.
    """
    if len(skipped) < sets:
        return
    first = skipped[0].error
    if sets == 1:
        raise first
    raise StrategyInvalid(f"none of the {sets:,} sets can be tried; the first: {first.message}", first.hint)


def _check_measures(measures: Sequence[MeasureTable]) -> None:
    several = next((one for one in measures if len(one.assets) > 1), None)
    if several is not None:
        raise StudyRefused(
            f"measure.asset = {parameter(several.asset)}: a set can have only one asset.",
            "List the assets in the grid, one by one: measure.asset=A,B.",
        )
    if len({measured_by(one.legs) for one in measures}) > 1:
        raise StudyRefused(
            "some sets have a benchmark and others have none: a spread and a return cannot be compared.",
            "Search them separately.",
        )
