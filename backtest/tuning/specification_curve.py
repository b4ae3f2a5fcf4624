"""The specification curve: the effect of every set with its interval, and a joint test of their median.

The joint test moves the events of all sets by the same shifts, which keeps what the sets have in common, and compares
the median of their studentised effects with what it is under every shift.

References
----------
Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020), Specification curve analysis. Nature Human Behaviour 4.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backtest.inference.circle import Circle, flags_of, overlap
from backtest.inference.circular_shift import TIE, Shifts
from backtest.inference.effect import ENOUGH, interval_of
from backtest.inference.neighbouring_sets import looks_along
from backtest.model import Floats, Ints
from backtest.model.significance import LEVEL
from backtest.tuning.neighbours import in_neighbourly_order
from backtest.tuning.search import Search, Trial
from backtest.tuning.searched import Searched

MOST_LOOKS = 4_000
"""Looks, of distinct events, that are moved around the circle one by one; of more, intervals at one horizon are made of
sizes in single precision, set after set, and there is no joint p, which needs all sets under each shift."""
ROOM = 4_000_000
"""Numbers that are held at a time."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """95% intervals as `backtest run` gives them, of shape (n_sets, n_horizons); NaN where there is none.

    Attributes
    ----------
    low, high : ndarray
        Fractions.
    columns : list of int
        The horizons that they were computed at, by position.
    joint : float or None
        The p of the median of the studentised effects at the chosen horizon; None where it was not computed.
    """

    low: Floats
    high: Floats
    columns: list[int]
    joint: float | None


@dataclass(frozen=True, eq=False)
class Curve:
    """Sets by their effect at one horizon.

    Attributes
    ----------
    order : ndarray of int of shape (n,)
        Positions of the sets with an effect, the lowest first.
    positive : int
        How many of them are above zero.
    median : float or None
        Their median, as a fraction.
    joint : float or None
        The p of the median.
    """

    order: Ints
    positive: int
    median: float | None
    joint: float | None


def intervals(found: Search, column: int) -> Intervals:
    """Compute the intervals of all looks or, where they are too many, of those at one horizon.

    Parameters
    ----------
    found : Search
        The search.
    column : int
        The chosen horizon, by position.
    """
    shape = found.excess.shape
    low, high = np.full(shape, np.nan), np.full(shape, np.nan)
    groups: dict[tuple[int, bytes], list[int]] = {}
    for at, trial in enumerate(found.trials):
        groups.setdefault((id(trial.base_rate), trial.day0.tobytes()), []).append(at)
    columns = list(range(shape[1])) if len(groups) * shape[1] <= MOST_LOOKS else [column]
    if len(groups) * len(columns) > MOST_LOOKS:
        for first, ends in _along(found, [sets[0] for sets in groups.values()], column):
            sets = groups[id(found.trials[first].base_rate), found.trials[first].day0.tobytes()]
            low[sets, column], high[sets, column] = ends
        return Intervals(low, high, columns, None)
    statistics: list[Floats] = []
    weights: list[int] = []
    for sets in groups.values():
        for at in columns:
            looked = _look(found.trials[sets[0]], at)
            if looked is None:
                continue
            low[sets, at], high[sets, at], moved = looked
            if at == column:
                statistics.append(moved)
                weights.append(len(sets))
    return Intervals(low, high, columns, joint_p(statistics, weights) if statistics else None)


def _along(found: Search, firsts: list[int], column: int) -> Iterator[tuple[int, tuple[float, float]]]:
    """Yield the interval of each set of events at one horizon, neighbours after one another."""
    for base in {id(found.trials[at].base_rate): found.trials[at].base_rate for at in firsts}.values():
        mine = [(at, found.trials[at]) for at in firsts if found.trials[at].base_rate is base]
        order, circle = in_neighbourly_order(mine), base.circles[column]
        places = [circle.ranks(found.trials[at].day0) for at in order]
        for at, held, look in zip(order, places, looks_along(circle, places), strict=True):
            alone = _look(found.trials[at], column) if len(held) and not look.sizes[0] else None
            if len(held):
                yield at, _ends(circle, held, look.sizes) if alone is None else alone[:2]


def _ends(circle: Circle, places: Ints, sizes: np.ndarray) -> tuple[float, float]:
    """Return the ends of an interval as `interval_of` does, from the sizes in units of their root mean square."""
    nan = float("nan")
    kept = 1.0 - float(np.mean(overlap(circle, flags_of(circle, [places]))[0] > 0.5))
    rejected = int(LEVEL * len(circle))
    if kept < ENOUGH or not rejected:
        return nan, nan
    excess = float(circle.deviation[places].mean())
    # The observed size is |excess| n / (D_0 unit): so are the shifts' sizes in units of |excess|, whatever the unit is.
    reach = float(np.partition(sizes, -1 - rejected)[-1 - rejected]) / float(sizes[0]) * abs(excess)
    return (excess - reach) / kept, (excess + reach) / kept


def _look(trial: Trial, column: int) -> tuple[float, float, Floats] | None:
    circle = trial.base_rate.circles[column]
    places = circle.ranks(trial.day0)
    if not len(places):
        return None
    shifts = Shifts(circle, flags_of(circle, [places]))
    low, high, _ = interval_of(circle, places, shifts)
    nan = float("nan")
    return nan if low is None else low, nan if high is None else high, shifts.statistic[0].astype(np.float32)


def joint_p(statistics: list[Floats], weights: list[int]) -> float:
    """Return the two-sided p of the median over all sets: the share of shifts with one as far from zero.

    Parameters
    ----------
    statistics : list of ndarray of shape (M,)
        The studentised effect of each set under every shift, entry 0 as observed. Where circles differ in length, the
        shifts that all have are used.
    weights : list of int
        How many sets have these events.
    """
    shifts = min(map(len, statistics))
    table = np.array([_shortest(one, shifts) for one in statistics])
    step = max(1, ROOM // sum(weights))  # each set counts, whatever it shares: not all of them under all shifts at once
    parts = (np.repeat(table[:, at : at + step], weights, axis=0) for at in range(0, shifts, step))
    medians = np.abs(np.concatenate([np.median(part, axis=0) for part in parts]))
    return float(np.count_nonzero(medians >= medians[0] * (1.0 - 1e-6) - TIE) / shifts)


def _shortest(statistic: Floats, shifts: int) -> Floats:
    """Keep the shortest shifts forwards and backwards: those backwards stand at the end."""
    forwards = (shifts + 1) // 2
    return np.concatenate((statistic[:forwards], statistic[len(statistic) - (shifts - forwards) :]))


def curve(found: Searched, column: int, joint: float | None) -> Curve:
    """Order the sets by their excess at one horizon."""
    excess = found.excess[:, column]
    known = np.flatnonzero(np.isfinite(excess))
    order = known[np.argsort(excess[known], kind="stable")]
    median = float(np.median(excess[known])) if len(known) else None
    return Curve(order, int((excess[known] > 0).sum()), median, joint)
