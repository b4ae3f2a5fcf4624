"""Try every parameter set, and adjust for all of them.

Sets are checked, detected and measured by what they share (`backtest.tuning.trials`); sets with the same events are
one. All distinct ones are moved by the same shifts (`backtest.tuning.family`), a block of them at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from backtest.lookahead.guard import Passed, guard
from backtest.model import Horizon, Measured
from backtest.plan import Plan, refuse_panel
from backtest.study.robustness.doubt import doubt_about
from backtest.tuning.family import Distinct, Judged, distinct_of, judge_family
from backtest.tuning.searched import Searched
from backtest.tuning.shared_outcomes import Outcome, outcomes_of
from backtest.tuning.trials import ParameterSets, Skipped, Trial

__all__ = ["Progress", "Search", "Skipped", "Trial", "search"]

Progress = Callable[[int, int], None]
STEPS = 10
"""Steps of progress for each set: one for its events, the others for its shifts, which take so much longer."""


@dataclass(frozen=True, eq=False)
class Search(Searched):
    """A search of single series."""

    trials: list[Trial]

    @property
    def measured(self) -> Measured:
        """What is judged."""
        return self.trials[0].base_rate.measured

    @property
    def lengths(self) -> tuple[Horizon, ...]:
        """The horizons with their lengths."""
        return self.trials[0].base_rate.forward.horizons

    @property
    def shifts(self) -> int:
        """How many shifts the joint null has, as in `backtest.inference.multiple.family_p_values`."""
        of: dict[tuple[str, ...], int] = {}
        for trial in self.trials:
            least = min(len(circle) for circle in trial.base_rate.circles)
            of[trial.held] = min(least, of.get(trial.held, least))
        return max(of.values())

    @property
    def last(self) -> int:
        """Position of the last session of the longest sample."""
        rates = [trial.base_rate for trial in self.trials]
        return max((int(np.flatnonzero(rate.eligible)[-1]) for rate in rates if rate.eligible.any()), default=0)

    @property
    def base_sizes(self) -> list[int]:
        """How many sessions the base rate of each set is made of."""
        return [int(np.count_nonzero(trial.base_rate.eligible)) for trial in self.trials]

    def doubt(self, at: int, column: int) -> str:
        """Say why a look that stands out does not hold; empty if it holds."""
        return doubt_about(self.trials[at].base_rate, self.trials[at].day0, column)


def search(
    plan: Plan,
    sets: Sequence[Mapping[str, Any]],
    progress: Progress | None = None,
    *,
    allow_lookahead: bool = False,
    jobs: int | None = 1,
    folder: Path | None = None,
    inference: bool = True,
) -> Search:
    """Try every parameter set of a strategy; sets whose values a rule excludes are skipped.

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
    jobs : int, optional
        Processes; None takes one per core if there is enough to do. The result does not depend on it.
    folder : Path, optional
        Where what is done is stored, and found again by the same search; by default in memory or a temporary folder.
    inference : bool
        Without it there is no p: for a look at many sets that nobody reports.

    Raises
    ------
    LooksAhead
        A detector of the study looks ahead, and that is not allowed.
    StudyRefused
        The sets differ in their horizons or in what is judged.
    StrategyInvalid
        A key is unknown, a value is of the wrong type, or no set is left.
    """
    tell = _steps(progress, len(sets))
    checked = ParameterSets(plan).checked(sets)
    refuse_panel(plan)
    passed = guard(plan, allow=allow_lookahead)
    trials = checked.trials(tell)
    skipped = tuple(checked.skipped[i] for i in sorted(checked.skipped))
    if not inference:
        tell(STEPS * len(sets))
        return replace(unjudged(plan, trials, passed), skipped=skipped)
    distinct = distinct_of(trials)
    judged = judge_family(
        trials, distinct, lambda share: tell(int((1 + share * (STEPS - 1)) * len(sets))), jobs=jobs, folder=folder
    )
    tell(STEPS * len(sets))
    return replace(_figures(plan, trials, distinct, judged, passed), skipped=skipped)


def unjudged(plan: Plan, trials: list[Trial], passed: Passed) -> Search:
    """Return trials with their figures and without any p.

    Parameters
    ----------
    plan : Plan
        The study whose parameters are varied.
    trials : list of Trial
        One at least.
    passed : Passed
        What the look-ahead guard found.
    """
    without = np.full((len(trials), len(trials[0].base_rate.forward.horizons)), np.nan)
    return _figures(plan, trials, distinct_of(trials), Judged(without, without, None), passed)


def _steps(progress: Progress | None, sets: int) -> Callable[[int], None]:
    """Report each number of steps once."""
    reported = [0]

    def tell(done: int) -> None:
        if progress is not None and done > reported[0]:
            reported[0] = done
            progress(done, STEPS * sets)

    return tell


def _figures(plan: Plan, trials: list[Trial], distinct: Distinct, judged: Judged, passed: Passed) -> Search:
    found = _outcomes([trials[i] for i in distinct.first])
    mean = found.mean[distinct.of_set]
    base = np.array([trials[i].base_rate.mean for i in distinct.first])[distinct.of_set]
    horizons = tuple(one.label for one in trials[0].base_rate.forward.horizons)
    return Search(
        plan,
        trials,
        horizons,
        found.n[distinct.of_set],
        mean,
        base,
        mean - base,
        found.hit_rate[distinct.of_set],
        judged.p_value,
        judged.p_adjusted,
        passed,
        distinct.of_set,
        judged.effective_looks,
    )


def _outcomes(trials: Sequence[Trial]) -> Outcome:
    """Return what came after the events of each trial, each under its own measure."""
    rows: dict[int, list[int]] = {}
    for i, trial in enumerate(trials):
        rows.setdefault(id(trial.base_rate.every), []).append(i)
    found = [outcomes_of(trials[same[0]].base_rate.forward, [trials[i].day0 for i in same]) for same in rows.values()]
    order = np.argsort(np.concatenate(list(rows.values())))
    return Outcome(
        np.concatenate([one.n for one in found])[order],
        np.concatenate([one.mean for one in found])[order],
        np.concatenate([one.hit_rate for one in found])[order],
    )
