"""What is asked of each signal at each horizon: the verdict, the verdict on standardised effects, and other tests.

A test that is not the circular shift joins by one line in `OTHERS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backtest.inference.circular_shift import Circle, shift_p_values, shift_statistics
from backtest.inference.effect import Effect, effect_of
from backtest.inference.multiple import family_p_values
from backtest.inference.result import NO_WINDOW
from backtest.model import Floats, Ints
from backtest.study.base_rate import BaseRate


@dataclass(frozen=True, eq=False)
class Cell:
    """One signal at one horizon, and all that a test may look at.

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

    @property
    def deviations(self) -> Floats:
        """What is judged after each event with a complete window, minus the base rate, as fractions."""
        return self.circle.deviation[self.circle.ranks(self.day0)]


Judge = Callable[[Cell], Mapping[str, float]]
"""Returns the p of one or more tests by name; NaN where there is no answer."""

VERDICT, ADJUSTED = "verdict", "adjusted"
STANDARDISED, STANDARDISED_ADJUSTED = "standardised", "standardised_adjusted"


def naive_t(cell: Cell) -> Mapping[str, float]:
    """Compare the events' mean with the base rate by a t-test that knows of no overlap."""
    values = cell.deviations
    n = len(values)
    deviation = float(values.std(ddof=1)) if n > 1 else 0.0
    t = float(values.mean()) / (deviation / math.sqrt(n)) if deviation > 0 else math.nan
    return {"naive_t": student_p(t, n - 1) if deviation > 0 else math.nan}


OTHERS: tuple[Judge, ...] = (naive_t,)


def student_p(t: float, freedom: int) -> float:
    """Return the two-sided p of Student's t with whole degrees of freedom.

    References
    ----------
    Abramowitz and Stegun (1964), 26.7.3 and 26.7.4.
    """
    angle = math.atan2(abs(t), math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = total = (cosine if freedom > 1 else 0.0) if odd else 1.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine**2 * (k - 1) / k
        total += term
    inside = 2.0 / math.pi * (angle + sine * total) if odd else sine * total
    return max(0.0, 1.0 - inside)


@dataclass(frozen=True, eq=False)
class Judged:
    """What all tests say of all signals in one history.

    Attributes
    ----------
    p : dict of str to ndarray of shape (n_signals, n_horizons)
        By test; NaN where there is no answer.
    effects : list of list of Effect
        By signal and horizon.
    """

    p: dict[str, Floats]
    effects: list[list[Effect]]


def judge(base_rate: BaseRate, events: Sequence[Ints], others: Sequence[Judge] = OTHERS) -> Judged:
    """Ask every test of every signal at every horizon.

    Parameters
    ----------
    base_rate : BaseRate
        The base rate of the history.
    events : sequence of ndarray
        Session positions of each signal's events.
    others : sequence of callable
        Tests beside the circular shift.
    """
    circles = base_rate.circles
    places = [[circle.ranks(day0) for day0 in events] for circle in circles]
    plain = [shift_statistics(circle, rows) for circle, rows in zip(circles, places, strict=True)]
    scaled = [shift_statistics(circle.standardised(), rows) for circle, rows in zip(circles, places, strict=True)]
    p = {VERDICT: _columns(plain), STANDARDISED: _columns(scaled)}
    p[ADJUSTED] = _family(plain, p[VERDICT])
    p[STANDARDISED_ADJUSTED] = _family(scaled, p[STANDARDISED])
    effects = []
    for row, day0 in enumerate(events):
        cells = [Cell(base_rate, column, day0, shifts[row]) for column, shifts in enumerate(plain)]
        effects.append([_effect(cell) for cell in cells])
        for column, cell in enumerate(cells):
            for other in others:
                for name, value in other(cell).items():
                    p.setdefault(name, np.full(p[VERDICT].shape, np.nan))[row, column] = value
    return Judged(p, effects)


def _columns(shifts: Sequence[Floats]) -> Floats:
    return np.column_stack([shift_p_values(one) for one in shifts])


def _family(shifts: Sequence[Floats], p: Floats) -> Floats:
    return np.array([family_p_values([one[row] for one in shifts], p[row].tolist()) for row in range(len(p))])


def _effect(cell: Cell) -> Effect:
    answered = len(cell.shifts) and np.isfinite(cell.shifts[0])
    return effect_of(cell.circle, cell.day0, cell.shifts, None if answered else NO_WINDOW)
