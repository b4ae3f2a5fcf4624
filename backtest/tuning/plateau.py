"""A plateau, not a peak: each set's score with its neighbours', the rule that takes one, which parameters matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Floats, Ints
from backtest.model.value_groups import are_many, groups_of
from backtest.untyped import Parameters

ENOUGH = 5
"""Events that a set must have to be chosen."""
SHARED = 5
"""Sets that share a number, on average, from which on numbers need no groups."""


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
class Choice:
    """What the rule takes.

    Attributes
    ----------
    at : int
        The position of the set whose neighbourhood is best.
    sign : int
        -1 where it was taken for a loss, else 1.
    best, best_sign : int
        The same of the set that is best by itself.
    """

    at: int
    sign: int
    best: int
    best_sign: int


def choose(scores: Floats, near: Neighbours, *, two_sided: bool = False) -> Choice | None:
    """Take the set with the best mean over itself and its neighbours; None if no set has a score.

    The recommendation and every step of the walk-forward follow this one rule. A neighbour without a score counts as
    the median set, so that nothing is gained at an edge. Of equal sets the first is taken.

    Parameters
    ----------
    scores : ndarray of shape (n_sets,)
        The higher the better; NaN for a set that cannot be taken.
    near : Neighbours
        The neighbours of each set.
    two_sided : bool
        A strong loss is as good as a strong gain. A set is then judged in its own direction, in which a neighbour that
        goes the other way counts as a loss.
    """
    if not np.isfinite(scores).any():
        return None
    signs = (1, -1) if two_sided else (1,)
    kept = {sign: np.where(sign * scores >= 0, scores, np.nan) if two_sided else scores for sign in signs}
    together = [np.where(np.isfinite(kept[sign]), _together(sign * scores, near), -np.inf) for sign in signs]
    alone = [np.where(np.isfinite(kept[sign]), sign * scores, -np.inf) for sign in signs]
    (side, at), (best_side, best) = (
        np.unravel_index(int(np.argmax(values)), (len(signs), len(scores))) for values in (together, alone)
    )
    return Choice(int(at), signs[side], int(best), signs[best_side])


def _together(scores: Floats, near: Neighbours) -> Floats:
    """Return the mean score of each set and its neighbours, the median in place of those without one."""
    middle = float(np.nanmedian(scores))
    filled = np.where(np.isfinite(scores), scores, middle)
    sums = [filled[at] + filled[beside].sum() + (near.most - len(beside)) * middle for at, beside in enumerate(near.of)]
    return np.asarray(sums) / (near.most + 1)


def importance(sets: list[Parameters], values: Floats) -> dict[str, float | None]:
    """Return the share of the variance between the sets that the values of each parameter explain.

    These are the main effects of an analysis of variance: the variance of the means by value, over the variance of all
    sets with a figure. What they leave is due to combinations. Where sets without a figure leave the grid unbalanced,
    the shares may add up to more than one. Numbers that few sets share, as those drawn at random, are taken in eight
    groups by size: means of single sets would explain all of any variance.

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
        group = _groups([one[key] for one in sets])
        if total <= 0.0:
            shares[key] = None
            continue
        counts = np.bincount(group[known])
        sums = np.bincount(group[known], values[known] - values[known].mean())
        shares[key] = float((sums[counts > 0] ** 2 / counts[counts > 0]).sum() / total)
    return shares


def _groups(values: list[object]) -> Ints:
    """Return the number of each set's group, the sets with one value or, where few share one, with one near it."""
    distinct = list({repr(value): value for value in values}.values())
    few = are_many(distinct) and len(distinct) * SHARED > len(values)
    groups = groups_of(sorted(distinct, key=lambda value: float(str(value)))) if few else [[one] for one in distinct]
    number = {repr(value): at for at, group in enumerate(groups) for value in group}
    return np.array([number[repr(value)] for value in values], dtype=np.int64)


def _steps(values: list[object]) -> dict[str, int]:
    """Return the number of each value of a parameter by size; none where they have no order."""
    distinct = {repr(value): value for value in values}
    numbers = [value for value in distinct.values() if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < len(distinct):
        return {}
    order = sorted(distinct, key=lambda text: float(str(distinct[text])))
    return {text: at for at, text in enumerate(order)}
