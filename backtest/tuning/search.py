"""Try every parameter set; compute what sets share only once.

The data and the forward returns do not depend on the detector: they are measured once for each set of measure
parameters. Base rates and expected variances depend on it only through the sessions that it cannot judge: they are
measured once for each set of eligible sessions. Event sets on the same sessions are shifted together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from backtest.errors import StudyRefused
from backtest.format import parameter
from backtest.inference.circular_shift import BATCH, shift_p_values, shift_statistics
from backtest.inference.multiple import family_p_values
from backtest.lookahead.guard import Passed, guard
from backtest.measure.summaries import summarise_events
from backtest.model import Asked, Floats, Ints, measured_by
from backtest.model.significance import LEVEL
from backtest.plan import Plan
from backtest.study.base_rate import BaseRate, EverySession, base_rate_of, eligible_sessions, measure_every_session
from backtest.study.detect_events import Cache, detect_events
from backtest.study.robustness.doubt import doubt_about
from backtest.untyped import Parameters

if TYPE_CHECKING:
    import pandas as pd

MAX_CELLS = 250_000_000
"""Limit of sets x horizons x shifts kept for the joint null, in single precision, twice: 2 GB."""

Progress = Callable[[int, int], None]


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


@dataclass(frozen=True, eq=False)
class Search:
    """All trials with their figures; arrays of shape (n_sets, n_horizons), NaN if a set has no complete window.

    Attributes
    ----------
    plan : Plan
        The study whose parameters are varied.
    horizons : tuple of int or str
        As they are written, in order of their length; those of the first set.
    n : ndarray
        Events with a complete window.
    mean, base, excess, hit_rate : ndarray
        Fractions, of what is judged: the spread, or the asset alone. `base` is each set's base rate, which exists
        without events, too.
    p_value, p_adjusted : ndarray
        Each set's own p, and the p adjusted for all sets and horizons.
    passed : Passed
        What the look-ahead guard found.
    """

    plan: Plan
    trials: list[Trial]
    horizons: tuple[Asked, ...]
    n: Ints
    mean: Floats
    base: Floats
    excess: Floats
    hit_rate: Floats
    p_value: Floats
    p_adjusted: Floats
    passed: Passed

    @cached_property
    def doubts(self) -> dict[tuple[int, int], str]:
        """Why looks with a significant adjusted p do not hold, by set and horizon; looks that hold are not in it."""
        looks = np.argwhere(np.nan_to_num(self.p_adjusted, nan=1.0) <= LEVEL).tolist()
        found = {(i, j): doubt_about(self.trials[i].base_rate, self.trials[i].day0, j) for i, j in looks}
        return {look: text for look, text in found.items() if text}

    @property
    def figures(self) -> dict[str, Floats]:
        """Every figure except `n` by column name, of shape (n_sets, n_horizons)."""
        of = self.trials[0].base_rate.measured
        return {
            of.mean: self.mean,
            of.base_mean: self.base,
            **{key: getattr(self, key) for key in ("excess", "hit_rate", "p_value", "p_adjusted")},
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One row per set and horizon, with the set's parameters; returns are fractions."""
        import pandas as pd

        rows = [
            {
                "set": i + 1,
                **trial.parameters,
                "horizon": h,
                "n": self.n[i, j],
                **{key: of[i, j] for key, of in self.figures.items()},
            }
            for i, trial in enumerate(self.trials)
            for j, h in enumerate(self.horizons)
        ]
        return pd.DataFrame(rows)


def search(
    plan: Plan,
    sets: Sequence[Mapping[str, Any]],
    progress: Progress | None = None,
    *,
    allow_lookahead: bool = False,
) -> Search:
    """Try every parameter set of a strategy.

    Parameters
    ----------
    plan : Plan
        The study whose parameters are varied.
    sets : sequence of mapping
        Dotted keys to values, one mapping per set.
    progress : callable, optional
        Called with the number of steps done and their total.
    allow_lookahead : bool
        Search even if the detector looks ahead.

    Raises
    ------
    LooksAhead
        A detector of the study looks ahead, and that is not allowed.
    StudyRefused
        The sets differ in their horizons, or there are too many sets.
    """
    if any("measure.horizons" in parameters for parameters in sets):
        raise StudyRefused(
            "measure.horizons cannot be tuned: every set is judged at all horizons.", "Use --set instead."
        )
    report_progress = progress or (lambda _done, _total: None)
    plans = [plan.vary(parameters) for parameters in sets]  # check all sets before the first runs
    several = next((one.strategy.measure for one in plans if len(one.strategy.measure.assets) > 1), None)
    if several is not None:
        raise StudyRefused(
            f"measure.asset = {parameter(several.asset)}: a set can have only one asset.",
            "List the assets in the grid, one by one: measure.asset=A,B.",
        )
    if len({measured_by(one.strategy.measure.legs) for one in plans}) > 1:
        raise StudyRefused(
            "some sets have a benchmark and others have none: a spread and a return cannot be compared.",
            "Search them separately.",
        )
    passed = guard(plan, allow=allow_lookahead)
    trials = _trials(plans, sets, passed, report_progress)
    shape = (len(trials), len(trials[0].base_rate.forward.horizons))
    shifts = max((len(of) for trial in trials for of in trial.base_rate.circles), default=0)
    if shape[0] * shape[1] * shifts > MAX_CELLS:
        raise StudyRefused(
            f"{shape[0]:,} sets x {shape[1]} horizons x {shifts:,} shifts are too many to keep.",
            "Coarsen the grid, or --set measure.horizons to fewer.",
        )
    cells: list[list[Any]] = [[np.zeros(0, dtype=np.float32)] * shape[1] for _ in trials]
    p_value = np.full(shape, np.nan)
    for done in _shift_all(trials, cells, p_value):
        report_progress(len(trials) + done, 2 * len(trials))
    return _figures(plan, trials, p_value, _adjusted(trials, cells, p_value), passed)


def _adjusted(trials: list[Trial], cells: list[list[Any]], p_value: Floats) -> Floats:
    flat = [cell for row in cells for cell in row]
    held = [trial.held for trial, row in zip(trials, cells, strict=True) for _ in row]
    return np.array(family_p_values(flat, p_value.ravel().tolist(), held)).reshape(p_value.shape)


def _figures(plan: Plan, trials: list[Trial], p_value: Floats, adjusted: Floats, passed: Passed) -> Search:
    summaries = [summarise_events(trial.base_rate.forward, trial.day0) for trial in trials]
    mean = np.array([summary.judged.mean for summary in summaries])
    base = np.array([trial.base_rate.mean for trial in trials])
    return Search(
        plan,
        trials,
        tuple(one.label for one in trials[0].base_rate.forward.horizons),
        np.array([summary.n for summary in summaries]),
        mean,
        base,
        mean - base,
        np.array([summary.judged.hit_rate for summary in summaries]),
        p_value,
        adjusted,
        passed,
    )


def _trials(
    plans: Sequence[Plan], sets: Sequence[Mapping[str, Any]], passed: Passed, report_progress: Progress
) -> list[Trial]:
    measured: dict[str, EverySession] = {}
    base_rates: dict[tuple[str, bytes], BaseRate] = {}
    conditions: Cache = {}
    trials = []
    for plan, parameters in zip(plans, sets, strict=True):
        detection = detect_events(plan, conditions, passed=passed)
        measure = plan.strategy.measure
        how = json.dumps(measure.model_dump(mode="json"))
        if how not in measured:
            with plan.errors_located():
                measured[how] = measure_every_session(plan.dataset.prices, measure)
        eligible = eligible_sessions(detection, plan.strategy.episodes.day0, measured[how])
        key = (how, eligible.tobytes())
        if key not in base_rates:
            base_rates[key] = base_rate_of(measured[how], eligible)
        held = tuple(measure.legs.values())
        trials.append(
            Trial(dict(parameters), detection.events.day0, base_rates[key], detection.condition.cautions, held)
        )
        report_progress(len(trials), 2 * len(sets))
    return trials


def _shift_all(trials: list[Trial], cells: list[list[Any]], p_value: Floats) -> Iterator[int]:
    """Fill the cells for each base rate and horizon; yield the number of sets done."""
    done = 0
    for base_rate in {id(trial.base_rate): trial.base_rate for trial in trials}.values():
        rows = [i for i, trial in enumerate(trials) if trial.base_rate is base_rate]
        for first in range(0, len(rows), BATCH):
            batch = rows[first : first + BATCH]
            for column, of in enumerate(base_rate.circles):
                statistics = shift_statistics(of, [of.ranks(trials[i].day0) for i in batch])
                p_value[batch, column] = shift_p_values(statistics)
                for i, row in zip(batch, statistics.astype(np.float32), strict=True):
                    cells[i][column] = row
            done += len(batch)
            yield done
