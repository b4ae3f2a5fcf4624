r"""How large the effect is: the interval for it, and the smallest one that would have been found.

The interval comes from the statistic of the verdict, so that it holds zero exactly where its p is above the level. With
q the size that |S_k| reaches in 5% of shifts, D_0 the scale of the events as observed and n their number, it is

.. math:: \frac{1}{\kappa}\left(\bar{y} \pm q\,\frac{D_0}{n}\right).

kappa is the share of an effect that the excess keeps. The base rate holds the windows of the events themselves; where
they cover the share u of the sessions, an effect of d raises the base rate by u d, and the excess shows (1 - u) d.
"""

from __future__ import annotations

import numpy as np

from backtest.inference.circle import Circle
from backtest.inference.circular_shift import TIE, Shifts, observed_scale
from backtest.inference.detectable import detectable_effect
from backtest.inference.result import Effect
from backtest.model import Ints
from backtest.model.significance import LEVEL

ENOUGH = 0.5
"""Share of an effect that an excess must keep for its size to be judged."""
TOO_MANY_WINDOWS = "the events' windows cover more than half of the sessions"
TOO_FEW_SHIFTS = "there are too few shifts for a 5% level"
NEVER_FOUND = "no effect of the sizes tried would be found in 80% of cases"


def effect_of(circle: Circle, places: Ints, shifts: Shifts) -> Effect:
    """Return the interval and the minimum detectable effect.

    Parameters
    ----------
    circle : Circle
        The circle of one horizon.
    places : ndarray of shape (n_events,)
        The events' places on the circle, one or more.
    shifts : Shifts
        Of these events alone.
    """
    low, high, reason = interval_of(circle, places, shifts)
    kept = share_kept(shifts)
    if low is None:
        return Effect(None, None, None, kept, reason)
    smallest = detectable_effect(circle, shifts, kept, int(LEVEL * len(circle)))
    return Effect(low, high, smallest, kept, None if smallest is not None else NEVER_FOUND)


def interval_of(circle: Circle, places: Ints, shifts: Shifts) -> tuple[float | None, float | None, str | None]:
    """Return the 95% interval alone, for callers that ask it of many sets: its ends, and why there is none.

    The parameters are those of `effect_of`.
    """
    kept = share_kept(shifts)
    if kept < ENOUGH:
        return None, None, TOO_MANY_WINDOWS
    rejected = int(LEVEL * len(circle))
    if rejected == 0:
        return None, None, TOO_FEW_SHIFTS
    critical = float(np.partition(np.abs(shifts.statistic[0]), -1 - rejected)[-1 - rejected])
    reach = (critical * (1.0 + TIE) + TIE) * observed_scale(circle, places) / len(places)
    excess = float(circle.deviation[places].mean())
    return (excess - reach) / kept, (excess + reach) / kept, None


def share_kept(shifts: Shifts) -> float:
    """Return the share of an effect that the excess over the base rate keeps."""
    return 1.0 - float(np.mean(shifts.sums.windows[0] > 0.5))
