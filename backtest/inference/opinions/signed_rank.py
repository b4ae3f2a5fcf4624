"""Wilcoxon's signed rank test of the distances to the base median."""

from __future__ import annotations

import math

import numpy as np

from backtest.inference.opinions.counts import AT_THE_MEDIAN
from backtest.inference.opinions.distributions import normal_p
from backtest.inference.opinions.opinion import WILCOXON, Opinion
from backtest.inference.result import NO_WINDOW
from backtest.model import Floats, Ints
from backtest.model.rounding import rounded

EXACT, EXACT_WITH_TIES = 50, 13
"""Events up to which p is exact, without and with ties or distances of zero: where SciPy draws the line."""


def signed_rank(values: Floats, base_median: float) -> Opinion:
    """Rank the distances to the base median and compare the ranks above with those below (Wilcoxon 1945).

    Distances of zero are left out. Beyond the exact range p is that of the normal distribution with the correction for
    ties and none for continuity, as `scipy.stats.wilcoxon` gives it.

    Parameters
    ----------
    values : ndarray of shape (n,)
        What is judged after each event with a complete window, as fractions.
    base_median : float
        Its median over all eligible sessions.

    Returns
    -------
    Opinion
        Its statistic is the smaller of both sums of ranks.
    """
    if not len(values):
        return Opinion(WILCOXON, None, None, NO_WINDOW)
    everything = rounded(values - base_median)
    distance = everything[everything != 0]
    if not len(distance):
        return Opinion(WILCOXON, None, None, AT_THE_MEDIAN)
    ranks, groups = doubled_ranks(np.abs(distance))
    above, total = int(ranks[distance > 0].sum()), int(ranks.sum())
    plain = len(groups) == len(everything)
    exact = len(everything) <= (EXACT if plain else EXACT_WITH_TIES)
    p = exact_p(ranks, above) if exact else normal_approximation(len(distance), groups, above)
    return Opinion(WILCOXON, min(above, total - above) / 2, p)


def doubled_ranks(sizes: Floats) -> tuple[Ints, Ints]:
    """Return twice the rank of each size, from 2 on, ties sharing their average, and how many share each rank."""
    _, which, groups = np.unique(sizes, return_inverse=True, return_counts=True)
    return (2 * np.cumsum(groups) - groups + 1)[which], groups


def exact_p(ranks: Ints, above: int) -> float:
    """Return the two-sided p over all ways to give the ranks their signs.

    Parameters
    ----------
    ranks : ndarray of shape (n,)
        Doubled ranks, of at most 50 distances: the number of ways is then a whole number in double precision.
    above : int
        Their sum over the distances above zero.
    """
    ways = np.zeros(int(ranks.sum()) + 1)
    ways[0] = 1.0
    for rank in ranks.tolist():
        ways[rank:] += ways[:-rank]  # a copy is what NumPy adds: both sides overlap
    less, more = float(ways[: above + 1].sum()), float(ways[above:].sum())
    return min(1.0, 2.0 * min(less, more) / 2.0 ** len(ranks))


def normal_approximation(n: int, groups: Ints, above: int) -> float:
    """Return the two-sided p of a doubled sum of ranks by the normal distribution, corrected for ties."""
    ties = float((groups.astype(float) ** 3 - groups).sum())
    deviation = math.sqrt((n * (n + 1.0) * (2.0 * n + 1.0) - ties / 2.0) / 24.0)
    return normal_p((above / 2.0 - n * (n + 1.0) / 4.0) / deviation)
