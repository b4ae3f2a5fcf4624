r"""Forward returns of every eligible session regressed on an event flag, with errors that allow for overlap.

The slope is the mean after events minus the mean of all other sessions. Each session's part in its error is

.. math:: u_t = \frac{f_t e_t}{n} - \frac{(1 - f_t) e_t}{M - n},

with f the flag and e the residual; the variance is :math:`\sum_{|l| \le L} w_l \sum_t u_t u_{t + l}`. Parts stand at
their session positions: one that is not eligible or has no complete window counts as zero, so that lags are sessions.

References
----------
Newey, W. K. and West, K. D. (1987): weights ``1 - l / (h + 1)`` up to lag h. Hansen, L. P. and Hodrick, R. J. (1980):
weights of 1 up to lag h - 1, the overlap of windows of h sessions. Neither has a correction for small samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backtest.inference.opinions.distributions import normal_p
from backtest.inference.opinions.naive_t import ALL_ALIKE
from backtest.inference.opinions.opinion import HANSEN_HODRICK, NEWEY_WEST, Method, Opinion
from backtest.inference.result import NO_WINDOW
from backtest.model import Bools, Floats
from backtest.model.rounding import rounded

ONE_EVENT = "the regression fits one event without an error, so that its variance cannot be seen"
NO_OTHERS = "every session is an event, so that there is nothing to compare with"
NOT_POSITIVE = "with equal weights for all lags the variance comes out at zero or below"
DUST = 1e-12
"""A variance below this share of the terms that it is the sum of is zero, and the rest is rounding."""


@dataclass(frozen=True, eq=False)
class EventRegression:
    """A regression on an event flag.

    Attributes
    ----------
    slope : float
        Mean after events minus the mean of all other sessions, as a fraction; NaN where there is no regression.
    products : ndarray of shape (horizon + 1,)
        Sums of products of the parts that lie 0 to `horizon` sessions apart.
    reason : str or None
        Why there is no regression.
    """

    slope: float
    products: Floats
    reason: str | None = None


def regress(returned: Floats, base: Bools, events: Bools, horizon: int) -> EventRegression:
    """Regress forward returns on the event flag.

    Parameters
    ----------
    returned : ndarray of shape (n_sessions,)
        What is judged at one horizon, as a fraction.
    base : ndarray of shape (n_sessions,)
        The eligible sessions with a complete window.
    events : ndarray of shape (n_sessions,)
        Those of them that are events.
    horizon : int
        In sessions, that of the longest window: those that begin as far apart do not overlap.
    """
    others = base & ~events
    n, rest = np.count_nonzero(events), np.count_nonzero(others)
    products = np.zeros(horizon + 1)
    if n < 2:
        return EventRegression(math.nan, products, ONE_EVENT if n else NO_WINDOW)
    if not rest:
        return EventRegression(math.nan, products, NO_OTHERS)
    if np.ptp(rounded(returned[events])) == 0.0:  # fitted without an error, as one event is
        return EventRegression(math.nan, products, ALL_ALIKE)
    after, usual = float(returned[events].mean()), float(returned[others].mean())
    parts = np.zeros(len(returned))
    parts[events] = (returned[events] - after) / n
    parts[others] = (usual - returned[others]) / rest
    for lag in range(min(horizon + 1, len(parts))):
        products[lag] = np.dot(parts[lag:], parts[: len(parts) - lag])
    return EventRegression(after - usual, products)


def newey_west(regression: EventRegression) -> Opinion:
    """Weight the lags up to the horizon by how near they are."""
    lags = len(regression.products)
    return _opinion(NEWEY_WEST, regression, regression.products * (1.0 - np.arange(lags) / lags))


def hansen_hodrick(regression: EventRegression) -> Opinion:
    """Weight all lags at which windows overlap alike, which may leave no positive variance."""
    return _opinion(HANSEN_HODRICK, regression, regression.products[:-1])


def _opinion(method: Method, regression: EventRegression, weighted: Floats) -> Opinion:
    if regression.reason:
        return Opinion(method, None, None, regression.reason)
    terms = np.concatenate((weighted[:1], 2.0 * weighted[1:]))  # forwards and backwards
    variance = float(terms.sum())
    if variance <= DUST * float(np.abs(terms).sum()):
        return Opinion(method, None, None, NOT_POSITIVE)
    z = regression.slope / math.sqrt(variance)
    return Opinion(method, z, normal_p(z))
