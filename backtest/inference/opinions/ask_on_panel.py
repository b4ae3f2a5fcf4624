"""All second opinions on one horizon of a panel."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from backtest.inference.opinions.by_date import driscoll_kraay, t_by_date
from backtest.inference.opinions.counts import exact_binomial
from backtest.inference.opinions.local_shifts import local_shifts
from backtest.inference.opinions.naive_t import naive_t
from backtest.inference.opinions.opinion import EVENTS_T, Opinion
from backtest.inference.result import NO_VARIATION, NO_WINDOW
from backtest.model import Floats, Ints


def opinions_on_panel(
    values: Floats, date: Ints, base: tuple[float, float], length: int, shifts: Floats
) -> tuple[Opinion, ...]:
    """Ask every method.

    Parameters
    ----------
    values : ndarray of shape (n_events,)
        What each event gave, as a fraction; those without a complete window are NaN and left out.
    date : ndarray of shape (n_events,)
        Session positions of the events.
    base : (float, float)
        The mean and the hit rate of all asset-sessions.
    length : int
        About how many sessions a window has.
    shifts : ndarray of shape (M,)
        The statistic of the verdict under every shift, entry 0 as observed; empty where there is none.

    Returns
    -------
    tuple of Opinion
        In the order of `PANEL_METHODS`.
    """
    complete = np.isfinite(values)
    values, date = values[complete], date[complete]
    mean, hit_rate = base
    return (
        replace(naive_t(values, mean), method=EVENTS_T),
        t_by_date(values, date, mean),
        driscoll_kraay(values, date, mean, length),
        exact_binomial(values, hit_rate),
        local_shifts(shifts, length, NO_VARIATION if len(values) else NO_WINDOW),
    )
