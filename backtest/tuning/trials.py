"""The events of every parameter set; what sets share is read, checked, detected and measured once.

Detection depends on the tables ``detector`` and ``conditions`` alone, dating on ``episodes``, forward returns on
``measure``: each part is checked once for each of its values, not once for each combination. A base rate depends on
the rest only through the sessions that cannot be judged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from backtest.detect.episodes import possible_day0, take_events
from backtest.errors import BacktestError, StudyRefused
from backtest.format import parameter
from backtest.model import Bools, Ints, measured_by
from backtest.plan import Plan
from backtest.spec.measure import MeasureTable
from backtest.spec.strategy import EpisodesTable
from backtest.study.base_rate import BaseRate, EverySession, base_rate_of, measure_every_session
from backtest.study.detect_events import sample_window
from backtest.tuning.shared_conditions import Conditions, Detected
from backtest.untyped import Parameters

Tell = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Trial:
    """One parameter set, its events and the series that it holds.

    `cautions` are those of its condition, such as that it reads a proxy.
    """

    parameters: Parameters
    day0: Ints
    base_rate: BaseRate
    cautions: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


class ParameterSets:
    """The parameter sets of a search, checked before the first detector runs.

    Parameters
    ----------
    plan : Plan
        The study whose parameters are varied.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan, self._sets = plan, list[Mapping[str, Any]]()
        self._conditions = Conditions(plan)
        self._episodes: dict[str, EpisodesTable] = {}
        self._measures: dict[str, MeasureTable] = {}
        self._how: dict[str, str] = {}
        self._every: dict[str, EverySession] = {}
        self._enterable: dict[str, Bools] = {}
        self._base_rates: dict[tuple[str, bytes], BaseRate] = {}
        self._windows: dict[str, tuple[int, int]] = {}
        self._day0: dict[bytes, Ints] = {}
        self._parts = list[tuple[Parameters, Parameters, Parameters]]()

    def checked(self, sets: Sequence[Mapping[str, Any]]) -> ParameterSets:
        """Check sets, in place of those before; what was computed for them stays.

        Parameters
        ----------
        sets : sequence of mapping
            Dotted keys to values, one mapping per set.

        Raises
        ------
        StudyRefused
            The sets differ in their horizons or in what is judged, or a set has several assets.
        """
        self._sets, self._parts = list(sets), [_parts(parameters) for parameters in sets]
        for parameters, (condition, episodes, rest) in zip(sets, self._parts, strict=True):
            if "measure.horizons" in rest:
                raise StudyRefused(
                    "measure.horizons cannot be tuned: every set is judged at all horizons.", "Use --set instead."
                )
            try:
                self._check(condition, episodes, rest)
            except BacktestError:
                self._plan.vary(parameters)  # the refusal names the whole set
                raise
        _check_measures(list(self._measures.values()))
        return self

    def trials(self, tell: Tell) -> list[Trial]:
        """Return the trials in the order of the sets; each condition is asked for once.

        The look-ahead guard must have passed the study. `tell` is called with the number of sets done.
        """
        together: dict[str, list[int]] = {}
        for i, (condition, _, _) in enumerate(self._parts):
            together.setdefault(repr(condition), []).append(i)
        trials: dict[int, Trial] = {}
        for numbers in self._conditions.in_order(list(together.values()), [part[0] for part in self._parts]):
            with self._located(numbers[0]):
                detected = self._conditions.detected(self._parts[numbers[0]][0])
            for i in numbers:
                with self._located(i):
                    trials[i] = self._trial(i, detected)
            tell(len(trials))
        return [trials[i] for i in range(len(self._sets))]

    def _check(self, condition: Parameters, episodes: Parameters, rest: Parameters) -> None:
        self._conditions.check(condition)
        if repr(episodes) not in self._episodes:
            self._episodes[repr(episodes)] = self._plan.vary(episodes).strategy.episodes
        if repr(rest) not in self._measures:
            self._measures[repr(rest)] = self._plan.vary(rest).strategy.measure

    def _trial(self, i: int, detected: Detected) -> Trial:
        _, episodes, rest = self._parts[i]
        rules, measure = self._episodes[repr(episodes)], self._measures[repr(rest)]
        window = self._window(rules, detected.reads)
        day0 = take_events(detected.episodes, rules.day0, rules.cooldown, window).day0
        day0 = self._day0.setdefault(day0.tobytes(), day0)  # sets with the same events hold them once
        held = tuple(measure.legs.values())
        base_rate = self._base_rate(detected, rules, window, self._measured(repr(rest), measure))
        return Trial(dict(self._sets[i]), day0, base_rate, detected.condition.cautions, held)

    def _base_rate(self, detected: Detected, rules: EpisodesTable, window: tuple[int, int], how: str) -> BaseRate:
        """Return the base rate of the sessions that are eligible; whatever has the same sessions has the same one."""
        asked = (rules.day0, window, how)
        if asked not in detected.base_rates:
            possible = possible_day0(detected.condition.known, detected.length, rules.day0, window)
            eligible = possible & self._enterable[how]
            key = (how, eligible.tobytes())
            if key not in self._base_rates:
                self._base_rates[key] = base_rate_of(self._every[how], eligible)
            detected.base_rates[asked] = self._base_rates[key]
        return detected.base_rates[asked]

    def _window(self, rules: EpisodesTable, reads: tuple[str, ...]) -> tuple[int, int]:
        key = repr((rules.since, rules.until, reads))
        if key not in self._windows:
            self._windows[key] = sample_window(self._plan.dataset.prices, rules, reads)
        return self._windows[key]

    def _measured(self, rest: str, measure: MeasureTable) -> str:
        """Return the key of the measure, which several parts may write in different ways."""
        if rest not in self._how:
            how = json.dumps(measure.model_dump(mode="json"))
            if how not in self._every:
                self._every[how] = measure_every_session(self._plan.dataset.prices, measure)
                self._enterable[how] = self._every[how].enterable()
            self._how[rest] = how
        return self._how[rest]

    @contextmanager
    def _located(self, i: int) -> Iterator[None]:
        try:
            yield
        except BacktestError:
            with self._plan.vary(self._sets[i]).errors_located():
                raise


def _parts(parameters: Mapping[str, Any]) -> tuple[Parameters, Parameters, Parameters]:
    """Split a set by what depends on it: the condition, its dating, and the rest."""
    parts: tuple[Parameters, Parameters, Parameters] = ({}, {}, {})
    for key, value in parameters.items():
        table = key.partition(".")[0]
        parts[0 if table in ("detector", "conditions") else 1 if table == "episodes" else 2][key] = value
    return parts


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
