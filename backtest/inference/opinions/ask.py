"""All second opinions on one horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.inference.opinions.counts import exact_binomial, sign_test
from backtest.inference.opinions.local_shifts import local_shifts
from backtest.inference.opinions.naive_t import naive_t
from backtest.inference.opinions.opinion import Opinion
from backtest.inference.opinions.regression import hansen_hodrick, newey_west, regress
from backtest.inference.opinions.signed_rank import signed_rank
from backtest.inference.result import NO_VARIATION, NO_WINDOW
from backtest.model import Bools, Floats, Ints


@dataclass(frozen=True)
class Base:
    """The base rate at one horizon: mean and median as fractions, and the share of hits."""

    mean: float
    median: float
    hit_rate: float


def opinions_on(
    returned: Floats, eligible: Bools, day0: Ints, sessions: tuple[int, int], base: Base, shifts: Floats
) -> tuple[Opinion, ...]:
    """Ask every method.

    Parameters
    ----------
    returned : ndarray of shape (n_sessions,)
        What is judged at this horizon with every session as day 0, as a fraction; NaN where the window is not complete.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen.
    day0 : ndarray of shape (n_events,)
        Session positions of the events, each once. As on the circle, those without a complete window are left out.
    sessions : (int, int)
        About how many a window has, and how many the longest has: the same where sessions are counted.
    base : Base
        Over the eligible sessions with a complete window.
    shifts : ndarray of shape (M,)
        The statistic of the default verdict under every circular shift, entry 0 as observed.

    Returns
    -------
    tuple of Opinion
        In the order of `METHODS`.
    """
    measured = eligible & np.isfinite(returned)
    events = np.zeros(len(returned), dtype=bool)
    events[day0] = True
    events &= measured
    values = returned[events]
    regression = regress(returned, measured, events, sessions[1])
    return (
        naive_t(values, base.mean),
        newey_west(regression),
        hansen_hodrick(regression),
        exact_binomial(values, base.hit_rate),
        signed_rank(values, base.median),
        sign_test(values, base.median),
        local_shifts(shifts, sessions[0], NO_VARIATION if len(values) else NO_WINDOW),
    )
