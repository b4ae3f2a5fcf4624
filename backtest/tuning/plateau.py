"""A plateau, not a peak: each set's score with its neighbours', the set to recommend, and which parameters matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Floats
from backtest.tuning.objective import is_two_sided
from backtest.tuning.search import Search
from backtest.tuning.walk_forward import ENOUGH
from backtest.untyped import Parameters


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The neighbours of each set: those that differ in one parameter by one step.

    A step leads to the next number that was tried, by size; names, dates, lists and yes or no have no
    neighbours in their values.
    """

    of: list[list[int]]
    most: int
    """How many a set in the middle of the grid has."""

    def mean(self, values: Floats) -> Floats:
        """Average each set's value with those of its neighbours; NaN where it has none itself.

        Parameters
        ----------
        values : ndarray of shape (n_sets,)
            NaN where there is none: such a neighbour does not count.
        """
        result = np.full(len(values), np.nan)
        for at, near in enumerate(self.of):
            if np.isfinite(values[at]):
                group = values[[at, *near]]
                result[at] = group[np.isfinite(group)].mean()
        return result


def neighbours_of(sets: list[Parameters]) -> Neighbours:
    """Find the neighbours of each set."""
    keys = list(sets[0]) if sets else []
    steps = {key: _steps([one[key] for one in sets]) for key in keys}
    places = [tuple(steps[key].get(repr(one[key]), repr(one[key])) for key in keys) for one in sets]
    where = {place: at for at, place in enumerate(places)}
    found = []
    for place in places:
        near = []
        for axis, value in enumerate(place):
            if isinstance(value, int):
                beside = [(*place[:axis], value + step, *place[axis + 1 :]) for step in (-1, 1)]
                near += [where[one] for one in beside if one in where]
        found.append(near)
    return Neighbours(found, 2 * sum(len(one) > 1 for one in steps.values()))


@dataclass(frozen=True)
class Recommended:
    """The set to take if one must be taken.

    Attributes
    ----------
    chosen, best : int
        Positions of the set with the best mean over itself and its neighbours, and of the best by itself.
    neighbours : int
        How many neighbours with a figure it has.
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


def recommend(found: Search, column: int, values: Floats, objective: str, near: Neighbours) -> Recommended | None:
    """Recommend the set whose neighbourhood is best by the objective; None if no set has enough events.

    A neighbour that was not tried, or has too few events, counts as the median set: nothing is gained at an edge.

    Parameters
    ----------
    found : Search
        The search.
    column : int
        The horizon, by position.
    values : ndarray of shape (n_sets,)
        The objective, the higher the better (`backtest.tuning.scores.goodness`).
    objective : str
        Its name: a two-sided one does not count neighbours whose effect has the other sign as good.
    near : Neighbours
        The neighbours.
    """
    able = np.where(found.n[:, column] >= ENOUGH, values, np.nan)
    if not np.isfinite(able).any():
        return None
    together = np.array([_together(at, near, able, found.excess[:, column], objective) for at in range(len(able))])
    chosen, best = int(np.nanargmax(together)), int(np.nanargmax(able))
    excess, mean = found.excess[:, column], near.mean(found.excess[:, column])
    counted = int(np.isfinite(excess[near.of[chosen]]).sum())
    return Recommended(
        chosen,
        best,
        counted,
        float(excess[chosen]),
        float(mean[chosen]),
        float(excess[best]),
        float(mean[best]),
    )


def _together(at: int, near: Neighbours, able: Floats, excess: Floats, objective: str) -> float:
    if not np.isfinite(able[at]):
        return float("nan")
    sets = [at, *near.of[at]]
    group = able[sets]
    if is_two_sided(objective):  # what goes the other way confirms nothing: it has the worst p there is
        group = np.where((np.sign(excess[sets]) != np.sign(excess[at])) & np.isfinite(group), -1.0, group)
    filled = np.full(near.most + 1, np.nanmedian(able))
    filled[: len(group)] = np.where(np.isfinite(group), group, filled[: len(group)])
    return float(filled.mean())


def importance(sets: list[Parameters], values: Floats) -> dict[str, float | None]:
    """Return the share of the variance between the sets that the values of each parameter explain.

    These are the main effects of an analysis of variance: the variance of the means by value, over the variance of all
    sets with a figure. What they leave is due to combinations. Where sets without a figure leave the grid unbalanced,
    the shares may add up to more than one.

    Parameters
    ----------
    sets : list of mapping
        The parameters of each set.
    values : ndarray of shape (n_sets,)
        The figure of each; NaN where there is none.

    Returns
    -------
    dict of str to float or None
        By parameter; None where the sets do not differ, or are fewer than two.
    """
    known = np.isfinite(values)
    total = float(((values[known] - values[known].mean()) ** 2).sum()) if known.any() else 0.0
    shares: dict[str, float | None] = {}
    for key in sets[0]:
        _, group = np.unique([repr(one[key]) for one in sets], return_inverse=True)
        if total <= 0.0:
            shares[key] = None
            continue
        counts = np.bincount(group[known])
        sums = np.bincount(group[known], values[known] - values[known].mean())
        shares[key] = float((sums[counts > 0] ** 2 / counts[counts > 0]).sum() / total)
    return shares


def _steps(values: list[object]) -> dict[str, int]:
    """Return the number of each value of a parameter by size; none where they have no order."""
    distinct = {repr(value): value for value in values}
    numbers = [value for value in distinct.values() if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < len(distinct):
        return {}
    order = sorted(distinct, key=lambda text: float(str(distinct[text])))
    return {text: at for at, text in enumerate(order)}
