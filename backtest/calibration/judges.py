"""The tests applied to each signal at each horizon: the verdict, the verdict on standardised effects, and others.

To add a test other than the circular shift, add one line to `OTHERS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from backtest.inference.circle import Circle, flags_of
from backtest.inference.circular_shift import Shifts, shift_p_values
from backtest.inference.effect import effect_of
from backtest.inference.multiple import family_p_values
from backtest.inference.opinions.ask import Base, opinions_on
from backtest.inference.opinions.naive_t import naive_t
from backtest.inference.opinions.opinion import NAIVE_T
from backtest.inference.opinions.stationary_bootstrap import bootstrap_p, stationary_indices
from backtest.inference.result import NO_WINDOW, Effect
from backtest.model import Floats, Ints
from backtest.study.base_rate import BaseRate


@dataclass(frozen=True, eq=False)
class Cell:
    """One signal at one horizon, with everything that a test may use.

    Attributes
    ----------
    base_rate : BaseRate
        The base rate of the history.
    column : int
        Which horizon.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    shifts : ndarray of shape (M,)
        The statistic of the verdict under every shift, entry 0 as observed.
    """

    base_rate: BaseRate
    column: int
    day0: Ints
    shifts: Floats

    @property
    def circle(self) -> Circle:
        """The circle of this horizon."""
        return self.base_rate.circles[self.column]


Judge = Callable[[Cell], Mapping[str, float]]
"""Returns the p of one or more tests by name; NaN if there is no answer."""

VERDICT, ADJUSTED = "verdict", "adjusted"
NO_SIZE = Effect(None, None, None, None, NO_WINDOW)
DRAWS = 499
"""Number of bootstrap resamples."""
STANDARDISED, STANDARDISED_ADJUSTED = "standardised", "standardised_adjusted"


def second_opinions(cell: Cell) -> Mapping[str, float]:
    """Return the p of each second opinion, the classical tests that are reported beside the verdict."""
    base_rate, column = cell.base_rate, cell.column
    judged = base_rate.summary.judged
    base = Base(float(judged.mean[column]), float(judged.median[column]), float(judged.hit_rate[column]))
    forward = base_rate.forward
    sessions = (forward.horizons[column].sessions, forward.longest[column])
    found = opinions_on(forward.judged[:, column], base_rate.eligible, cell.day0, sessions, base, cell.shifts)
    return {one.method.key: math.nan if one.p_value is None else one.p_value for one in found}


def t_test(cell: Cell) -> Mapping[str, float]:
    """Ask the naive t-test alone, as the yardstick of power where it is right."""
    values = cell.base_rate.forward.judged[cell.circle.position[cell.circle.ranks(cell.day0)], cell.column]
    p = naive_t(values, float(cell.base_rate.mean[cell.column])).p_value
    return {NAIVE_T.key: math.nan if p is None else p}


def stationary_bootstrap(cell: Cell) -> Mapping[str, float]:
    """Resample the events' excesses in blocks; this is not a second opinion but a warning."""
    excess = cell.circle.deviation[cell.circle.ranks(cell.day0)]
    return {"bootstrap": bootstrap_p(excess, _draws(len(excess))) if len(excess) > 1 else math.nan}


@cache
def _draws(n: int) -> Ints:
    """Draw the resamples for n events, the same in every history; the mean block length is the cube root of n."""
    return stationary_indices(n, max(1.0, n ** (1 / 3)), DRAWS, np.random.default_rng(n))


OTHERS: tuple[Judge, ...] = (second_opinions, stationary_bootstrap)


@dataclass(frozen=True, eq=False)
class Judged:
    """The results of all tests on all signals in one history.

    Attributes
    ----------
    p : dict of str to ndarray of shape (n_signals, n_horizons)
        By test; NaN where there is no answer.
    effects : list of list of Effect
        By signal and horizon; empty if it was not requested.
    """

    p: dict[str, Floats]
    effects: list[list[Effect]]


def judge(
    base_rate: BaseRate, events: Sequence[Ints], others: Sequence[Judge] = OTHERS, sized: Collection[int] = ()
) -> Judged:
    """Apply every test to every signal at every horizon.

    Parameters
    ----------
    base_rate : BaseRate
        The base rate of the history.
    events : sequence of ndarray
        Session positions of each signal's events.
    others : sequence of callable
        Tests besides the circular shift.
    sized : collection of int
        The signals whose effect size is computed as well; this takes longer than all tests.
    """
    found = [
        [_ask(circle, circle.ranks(day0), row in sized) for row, day0 in enumerate(events)]
        for circle in base_rate.circles
    ]
    plain, scaled = ([np.array([getattr(one, name) for one in row]) for row in found] for name in ("plain", "scaled"))
    p = {VERDICT: _columns(plain), STANDARDISED: _columns(scaled)}
    p[ADJUSTED] = _family(plain, p[VERDICT])
    p[STANDARDISED_ADJUSTED] = _family(scaled, p[STANDARDISED])
    for row, day0 in enumerate(events):
        for column, shifts in enumerate(plain):
            cell = Cell(base_rate, column, day0, shifts[row])
            for other in others:
                for name, value in other(cell).items():
                    p.setdefault(name, np.full(p[VERDICT].shape, np.nan))[row, column] = value
    return Judged(p, [[column[row].effect for column in found] for row in range(len(events))])


@dataclass(frozen=True, eq=False)
class _Shifted:
    """The statistics of the mean and of standardised effects under every shift, NaN without events; and the size."""

    plain: Floats
    scaled: Floats
    effect: Effect


def _ask(circle: Circle, places: Ints, sized: bool) -> _Shifted:
    if not len(places):
        none = np.full(len(circle), np.nan)
        return _Shifted(none, none, NO_SIZE)
    shifts = Shifts(circle, flags_of(circle, [places]))  # one set at a time: few events are faster alone
    effect = effect_of(circle, places, shifts) if sized else NO_SIZE
    return _Shifted(shifts.statistic[0], shifts.standardised[0], effect)


def _columns(shifts: Sequence[Floats]) -> Floats:
    return np.column_stack([shift_p_values(one) for one in shifts])


def _family(shifts: Sequence[Floats], p: Floats) -> Floats:
    return np.array([family_p_values([one[row] for one in shifts], p[row].tolist()) for row in range(len(p))])
