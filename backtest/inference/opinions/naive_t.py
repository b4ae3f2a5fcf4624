"""The t-test that a spreadsheet gives."""

from __future__ import annotations

import math

import numpy as np

from backtest.inference.opinions.distributions import student_p
from backtest.inference.opinions.opinion import NAIVE_T, Opinion
from backtest.inference.result import NO_WINDOW
from backtest.model import Floats
from backtest.model.rounding import rounded

ONE_EVENT = "one event does not show how widely returns vary"
ALL_ALIKE = "the events' returns are all the same"


def naive_t(values: Floats, base_mean: float) -> Opinion:
    """Compare the events' mean with the base mean, taken as known (Student 1908).

    Parameters
    ----------
    values : ndarray of shape (n,)
        What is judged after each event with a complete window, as fractions.
    base_mean : float
        Its mean over all eligible sessions.
    """
    n = len(values)
    if n < 2:
        return Opinion(NAIVE_T, None, None, ONE_EVENT if n else NO_WINDOW)
    if np.ptp(rounded(values)) == 0.0:
        return Opinion(NAIVE_T, None, None, ALL_ALIKE)
    t = (float(values.mean()) - base_mean) / (float(values.std(ddof=1)) / math.sqrt(n))
    return Opinion(NAIVE_T, t, student_p(t, n - 1))
