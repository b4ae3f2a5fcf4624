r"""How large the effect is: the interval for it, and the smallest one that would have been found.

Both come from the statistic of the verdict, so that the interval holds zero exactly where its p is above the level.
With q the size that |S_k| reaches in 5% of shifts, D_0 the scale of the events as observed and n their number,

.. math:: \frac{1}{\kappa}\left(\bar{y} \pm q\,\frac{D_0}{n}\right), \qquad
          \mathrm{MDE} = \frac{1}{\kappa}\,(q + q_{80})\,\frac{D_0}{n},

where q_80 is the size that |S_k| keeps within in 60% of shifts: a symmetric statistic is below it in 80%. kappa is the
share of an effect that the excess keeps. The base rate holds the windows of the events themselves; where they cover
the share u of the sessions, an effect of d raises the base rate by u d, and the excess shows (1 - u) d.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.inference.circle import Circle, flags_of, overlap
from backtest.inference.circular_shift import TIE, observed_scale
from backtest.model import Floats, Ints
from backtest.model.significance import LEVEL

POWER = 0.80
"""Power that the minimum detectable effect is asked for."""
ENOUGH = 0.5
"""Share of an effect that an excess must keep for its size to be judged."""
TOO_MANY_WINDOWS = "the events' windows cover more than half of the sessions"
TOO_FEW_SHIFTS = "there are too few shifts for a 5% level"


@dataclass(frozen=True, eq=False)
class Effect:
    """The size of an effect at one horizon, as fractions.

    Attributes
    ----------
    low, high : float or None
        The 95% interval for the effect.
    detectable : float or None
        The smallest effect that 80% of such studies would find at the 5% level.
    kept : float or None
        Share of an effect that the excess keeps, from 0 to 1; None without an event.
    reason : str or None
        Why there is no answer; None where there is one.
    """

    low: float | None
    high: float | None
    detectable: float | None
    kept: float | None
    reason: str | None = None


def effect_of(circle: Circle, day0: Ints, shifts: Floats, reason: str | None) -> Effect:
    """Return the interval and the minimum detectable effect.

    Parameters
    ----------
    circle : Circle
        The circle of one horizon.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    shifts : ndarray of shape (M,)
        S_k for every shift, entry 0 as observed.
    reason : str or None
        Why the verdict has no answer: then there is none here.
    """
    places = circle.ranks(day0)
    if reason is not None or not len(places):
        return Effect(None, None, None, None, reason)
    kept = share_kept(circle, places)
    if kept < ENOUGH:
        return Effect(None, None, None, kept, TOO_MANY_WINDOWS)
    rejected = int(LEVEL * len(shifts))
    if rejected == 0:
        return Effect(None, None, None, kept, TOO_FEW_SHIFTS)
    size = np.sort(np.abs(shifts))
    critical = float(size[-1 - rejected]) * (1.0 + TIE) + TIE  # where the events themselves are the critical shift
    within = float(size[int((2 * POWER - 1) * len(size))])
    scale = observed_scale(circle, places) / len(places)
    excess = float(circle.deviation[places].mean())
    return Effect(
        (excess - critical * scale) / kept, (excess + critical * scale) / kept, (critical + within) * scale / kept, kept
    )


def share_kept(circle: Circle, places: Ints) -> float:
    """Return the share of an effect that the excess over the base rate keeps.

    Parameters
    ----------
    circle : Circle
        The circle.
    places : ndarray of shape (n_events,)
        As `Circle.ranks` gives them.
    """
    return 1.0 - float(np.count_nonzero(overlap(circle, flags_of(circle, [places])) > 0.5)) / len(circle)
