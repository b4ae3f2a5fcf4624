r"""The smallest effect that a study would have found.

An effect of d is planted in the windows of the events, spread evenly over their sessions, wherever the shifts put them:
the sums of the deviations rise by n kappa d, kappa being the share of an effect that the excess over the base rate
keeps, and the realised variance of each window by what the planted changes add to it. Shifts by a few sessions meet the
planted windows in part, which raises the critical size. (What they add to a variance there is counted by the share of
the window that they meet, without the part that depends on the returns in it.) The power is the share of places at
which the planted effect is beyond it, and the minimum detectable effect the d at which that reaches 80%.
"""

from __future__ import annotations

import numpy as np

from backtest.inference.circle import Circle
from backtest.inference.circular_shift import Shifts
from backtest.model import Floats

POWER = 0.80
"""Power that the minimum detectable effect is asked for."""
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
    deviation, realised = shifts.deviation[0], shifts.realised[0]

    def scale(more: Floats) -> Floats:
        wider = np.maximum(realised + more / circle.horizon, 0.0)
        return np.asarray(shifts.scale(shifts.expected, wider[None, :])[0])

    def power(effect: float) -> float:
        found = 0.0
        for signed in (effect, -effect):
            size = np.abs(deviation + signed * raised) / scale(met * effect**2)
            critical = np.partition(size, -1 - rejected)[-1 - rejected]
            planted = scale(2.0 * signed * deviation + n * effect**2)
            found += float(np.mean(np.abs(deviation + signed * kept * n) > critical * planted)) / 2
        return found

    first = GUESS * float(scale(np.zeros(len(circle)))[0]) / (n * kept)
    low, high = 0.0, first
    while power(high) < POWER:
        low, high = high, 2.0 * high
        if high > LARGEST * first:
            return None
    while high - low > EXACT * high:
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= POWER else (middle, high)
    return high


def _share_planted(circle: Circle, windows: Floats) -> Floats:
    """Return the share of each place's window that lies in windows of events; shape (M,)."""
    length = min(circle.horizon, len(circle))
    covered = (windows > 0.5).astype(float)
    total = np.concatenate(([0.0], np.cumsum(np.concatenate((covered, covered[: length - 1])))))
    return np.asarray((total[length:] - total[:-length]) / length)
