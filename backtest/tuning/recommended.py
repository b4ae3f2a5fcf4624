"""The set to recommend: what the rule of the walk-forward takes on the whole history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.tuning.objective import is_two_sided
from backtest.tuning.plateau import ENOUGH, Neighbours, choose
from backtest.tuning.scores import signed_scores
from backtest.tuning.searched import Searched


@dataclass(frozen=True)
class Recommended:
    """The set to take if one must be taken.

    Attributes
    ----------
    chosen, best : int
        Positions of the set with the best mean over itself and its neighbours, and of the best by itself.
    neighbours, best_neighbours : int
        How many neighbours with a figure the one and the other have.
    alone, together : float
        Its excess, and its mean with theirs; fractions.
    best_alone, best_together : float
        The same of the best by itself.
    """

    chosen: int
    best: int
    neighbours: int
    alone: float
    together: float
    best_alone: float
    best_together: float
    best_neighbours: int = 0


def recommend(found: Searched, column: int, objective: str, near: Neighbours) -> Recommended | None:
    """Recommend the set whose neighbourhood is best by the objective; None if no set has enough events.

    The rule is that of `backtest.tuning.plateau.choose`, by the scores that the walk-forward has in each past: for the
    adjusted p the studentised excess.

    Parameters
    ----------
    found : Search
        The search.
    column : int
        The horizon, by position.
    objective : str
        One of `backtest.tuning.objective.OBJECTIVES`.
    near : Neighbours
        The neighbours.

    Raises
    ------
    StudyRefused
        The objective is a figure of the trade, and the strategy has none.
    """
    able = np.where(found.n[:, column] >= ENOUGH, signed_scores(found, objective, column), np.nan)
    taken = choose(able, near, two_sided=is_two_sided(objective))
    if taken is None:
        return None
    excess, mean = found.excess[:, column], near.mean(found.excess[:, column])
    counted, of_best = (int(np.isfinite(excess[near.of[at]]).sum()) for at in (taken.at, taken.best))
    return Recommended(
        taken.at,
        taken.best,
        counted,
        float(excess[taken.at]),
        float(mean[taken.at]),
        float(excess[taken.best]),
        float(mean[taken.best]),
        of_best,
    )
