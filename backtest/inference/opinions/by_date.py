r"""Opinions on panels that treat the events of one date as one: what happens on a date happens to all of its assets.

References
----------
Jaffe, J. F. (1974), Special information and insider trading; Mandelker, G. (1974), on forming portfolios by date.
Driscoll, J. C. and Kraay, A. C. (1998), Consistent covariance matrix estimation with spatially dependent panel data.
"""

from __future__ import annotations

import math

import numpy as np

from backtest.inference.opinions.distributions import normal_p, student_p
from backtest.inference.opinions.opinion import BY_DATE, DRISCOLL_KRAAY, Opinion
from backtest.inference.opinions.regression import DUST, NOT_POSITIVE
from backtest.inference.result import NO_WINDOW
from backtest.model import Floats, Ints
from backtest.model.rounding import rounded

ONE_DATE = "one date does not show how widely dates vary"
DATES_ALIKE = "the dates' means are all the same"


def t_by_date(values: Floats, date: Ints, base_mean: float) -> Opinion:
    """Compare the mean of the dates' means with the base mean, taken as known.

    Parameters
    ----------
    values : ndarray of shape (n,)
        What is judged after each event with a complete window, as fractions.
    date : ndarray of shape (n,)
        Session positions of the events.
    base_mean : float
        Its mean over all eligible asset-sessions.
    """
    _, which, size = np.unique(date, return_inverse=True, return_counts=True)
    if len(size) < 2:
        return Opinion(BY_DATE, None, None, ONE_DATE if len(size) else NO_WINDOW)
    means = np.bincount(which, values) / size
    if np.ptp(rounded(means)) == 0.0:
        return Opinion(BY_DATE, None, None, DATES_ALIKE)
    t = (float(means.mean()) - base_mean) / (float(means.std(ddof=1)) / math.sqrt(len(means)))
    return Opinion(BY_DATE, t, student_p(t, len(means) - 1))


def driscoll_kraay(values: Floats, date: Ints, base_mean: float, length: int) -> Opinion:
    """Compare the events' mean with the base mean; dates are clusters, and windows that overlap have things in common.

    With u the sum over a session's events of their distance to their mean, the variance of the mean is that of Newey
    and West (1987) with lags up to the horizon, over the sessions from the first event to the last.

    Parameters
    ----------
    values, date, base_mean
        As `t_by_date` takes them.
    length : int
        Sessions of a window.
    """
    if len(np.unique(date)) < 2:
        return Opinion(DRISCOLL_KRAAY, None, None, ONE_DATE if len(date) else NO_WINDOW)
    sums = np.bincount(date - date.min(), values - values.mean())
    lags = range(1, min(length + 1, len(sums)))
    later = [2.0 * (1.0 - lag / (length + 1.0)) * float((sums[lag:] * sums[:-lag]).sum()) for lag in lags]
    terms = [float((sums**2).sum()), *later]
    variance = sum(terms)
    if variance <= DUST * sum(map(abs, terms)):
        return Opinion(DRISCOLL_KRAAY, None, None, NOT_POSITIVE)
    z = (float(values.mean()) - base_mean) * len(values) / math.sqrt(variance)
    return Opinion(DRISCOLL_KRAAY, z, normal_p(z))
