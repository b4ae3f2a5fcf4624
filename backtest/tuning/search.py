"""Try every parameter set, and adjust for all of them.

Sets are checked, detected and measured by what they share (`backtest.tuning.trials`); sets with the same events are
one. All distinct ones are moved by the same shifts (`backtest.tuning.family`), a block of them at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from backtest.lookahead.guard import Passed, guard
from backtest.model import Asked, Floats, Ints
from backtest.model.significance import LEVEL
from backtest.plan import Plan, refuse_panel
from backtest.study.robustness.doubt import doubt_about
from backtest.tuning.family import Distinct, Judged, distinct_of, judge_family
from backtest.tuning.shared_outcomes import Outcome, outcomes_of
from backtest.tuning.trials import ParameterSets, Skipped, Trial

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Progress", "Search", "Skipped", "Trial", "search"]

Progress = Callable[[int, int], None]
STEPS = 10
"""Steps of progress for each set: one for its events, the others for its shifts, which take so much longer."""


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
    of_events : ndarray of shape (n_sets,)
        Which distinct set of events each set has, by number: sets with the same events are one in all that is counted.
    effective_looks : float or None
        How many independent looks would bring the same chance of a false finding; None without a look.
    skipped : tuple of Skipped
        Sets that were not tried, because a rule excludes their values; they are no looks.
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
    of_events: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    effective_looks: float | None = None
    skipped: tuple[Skipped, ...] = ()

    @property
    def event_sets(self) -> int:
        """How many distinct sets of events were tried; one without an event is none."""
        return len({int(of) for of, trial in zip(self.of_events, self.trials, strict=True) if len(trial.day0)})

    @property
    def noise(self) -> float | None:
        """The probability that noise, searched in the same way, brings a look as remarkable as the best."""
        tried = self.p_adjusted[np.isfinite(self.p_adjusted)]
        return float(tried.min()) if len(tried) else None

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
    distinct = distinct_of(trials)
    unjudged = np.full((len(trials), len(trials[0].base_rate.forward.horizons)), np.nan)
    judged = Judged(unjudged, unjudged, None)
    if inference:
        judged = judge_family(
            trials, distinct, lambda share: tell(int((1 + share * (STEPS - 1)) * len(sets))), jobs=jobs, folder=folder
        )
    tell(STEPS * len(sets))
    return replace(_figures(plan, trials, distinct, judged, passed), skipped=skipped)


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
