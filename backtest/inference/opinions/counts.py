"""Opinions that count events: the hit rate against that of all sessions, and the share above the base median."""

from __future__ import annotations

import numpy as np

from backtest.inference.opinions.distributions import binomial_p
from backtest.inference.opinions.opinion import BINOMIAL, SIGN, Opinion
from backtest.inference.result import NO_WINDOW
from backtest.model import Floats
from backtest.model.rounding import are_hits, rounded

NO_HITS = "no session is a hit, so that events could not differ"
ALL_HITS = "every session is a hit, so that events could not differ"
AT_THE_MEDIAN = "every event is at the base median"


def exact_binomial(values: Floats, base_hit_rate: float) -> Opinion:
    """Compare the events' hits with the base hit rate, taken as known.

    Parameters
    ----------
    values : ndarray of shape (n,)
        What is judged after each event with a complete window, as fractions.
    base_hit_rate : float
        Share of hits among all eligible sessions.

    Returns
    -------
    Opinion
        Its statistic is the number of hits.
    """
    if not len(values):
        return Opinion(BINOMIAL, None, None, NO_WINDOW)
    if base_hit_rate in (0.0, 1.0):
        return Opinion(BINOMIAL, None, None, ALL_HITS if base_hit_rate else NO_HITS)
    hits = int(np.count_nonzero(are_hits(values)))
    return Opinion(BINOMIAL, float(hits), binomial_p(hits, len(values), base_hit_rate))


def sign_test(values: Floats, base_median: float) -> Opinion:
    """Compare the number of events above the base median with that below; those at it are left out (Arbuthnott 1710).

    Parameters
    ----------
    values : ndarray of shape (n,)
        What is judged after each event with a complete window, as fractions.
    base_median : float
        Its median over all eligible sessions.

    Returns
    -------
    Opinion
        Its statistic is the number of events above the median.
    """
    if not len(values):
        return Opinion(SIGN, None, None, NO_WINDOW)
    distance = rounded(values - base_median)
    above, below = int(np.count_nonzero(distance > 0)), int(np.count_nonzero(distance < 0))
    if not above + below:
        return Opinion(SIGN, None, None, AT_THE_MEDIAN)
    return Opinion(SIGN, float(above), binomial_p(above, above + below, 0.5))
