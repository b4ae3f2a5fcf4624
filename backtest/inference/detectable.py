r"""The smallest effect that a study would have found.

An effect of d is planted in the windows of the events, spread evenly over their sessions. The noise is as wide as in
the data: D_0 times the statistic under each shift. The planted effect raises the sum of the deviations by n kappa d,
where kappa is the share of an effect that the excess over the base rate keeps. It also raises the realised variance,
by what the planted changes add to it. Shifts by a few sessions meet parts of the planted windows, which raises the
critical size. (For these shifts, the addition to the variance is counted by the share of the window that they meet,
without the part that depends on the returns in it.) The power is the share of noise under which the planted effect
exceeds the critical size. The minimum detectable effect is the d at which the power reaches 80%.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from backtest.inference.circle import Circle
from backtest.inference.circular_shift import Shifts
from backtest.model import Floats

POWER = 0.80
"""The power at which an effect counts as detectable."""
EXACT = 0.005
"""How closely it is found, relatively."""
LARGEST = 64.0
"""Sizes tried, in first guesses; a statistic that is studentised by what it measures may never get so large."""
GUESS = 2.8
"""Standard errors that are found in 80% of cases by a normal statistic at the 5% level."""


def detectable_effect(circle: Circle, shifts: Shifts, kept: float, rejected: int) -> float | None:
    """Return the minimum detectable effect of one event set.

    Parameters
    ----------
    circle : Circle
        The circle, of M sessions.
    shifts : Shifts
        Of the one set.
    kept : float
        Share of an effect that the excess keeps, above 0.
    rejected : int
        Shifts that may be as large as the statistic observed for a p at the level.

    Returns
    -------
    float or None
        As a fraction; None where no size is found in 80% of cases.
    """
    if rejected == 0:
        return None
    n = float(shifts.count[0, 0])
    share = _share_planted(circle, shifts.sums.windows[0])
    met = np.maximum(shifts.sums.of(share)[0], 0.0)
    raised = met - n * share.mean()
    deviation, expected, realised = shifts.deviation[0], shifts.expected[0], shifts.realised[0]
    own_scale = float(shifts.scale(expected[:1], realised[:1], place=0)[0, 0])
    noise = shifts.statistic[0] * own_scale
    sessions = float(circle.lengths.mean())

    def power(effect: float) -> float:
        found = 0.0
        scale = shifts.scale(expected, realised + met * effect**2 / sessions)[0]
        for signed in (effect, -effect):
            size = np.abs(deviation + signed * raised) / scale
            critical = np.partition(size, -1 - rejected)[-1 - rejected]
            own = np.maximum(realised[0] + (2.0 * signed * noise + n * effect**2) / sessions, 0.0)
            planted = shifts.scale(expected[:1], own, place=0)[0]
            found += np.count_nonzero(np.abs(noise + signed * kept * n) > critical * planted) / len(noise) / 2
        return found

    return smallest_found(power, own_scale / (n * kept))


def smallest_found(power: Callable[[float], float], error: float) -> float | None:
    """Return the size that is found in 80% of cases; None if no size is.

    Parameters
    ----------
    power : callable
        The share of cases in which an effect of a size is found.
    error : float
        The standard error of an effect: sizes around it are tried first.
    """
    low, high = 0.0, GUESS * error
    while power(high) < POWER:
        low, high = high, 2.0 * high
        if high > LARGEST * GUESS * error:
            return None
    while high - low > EXACT * high:
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high


def _share_planted(circle: Circle, windows: Floats) -> Floats:
    """Return the share of each place's window that lies in windows of events; shape (M,)."""
    m = len(circle)
    lengths = np.minimum(circle.lengths, m)
    covered = (windows > 0.5).astype(float)
    total = np.concatenate(([0.0], np.cumsum(np.concatenate((covered, covered)))))
    at = np.arange(m)
    return np.asarray((total[at + lengths] - total[at]) / lengths)
