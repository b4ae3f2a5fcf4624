"""One study at one horizon, as the test of a difference wants it."""

from __future__ import annotations

import numpy as np

from backtest.inference.contrast import Side
from backtest.model import Ints
from backtest.study.base_rate import BaseRate


def side_of(base_rate: BaseRate, column: int, sessions: np.ndarray, day0: Ints) -> Side:
    """Return the circle of a study at one horizon, with the dates of its sessions.

    Parameters
    ----------
    base_rate : BaseRate
        Of one asset of the study.
    column : int
        Which of its horizons.
    sessions : ndarray of shape (n_sessions,)
        The dates of the dataset, as whole numbers or ``datetime64[D]``.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    """
    circle = base_rate.circles[column]
    dates = sessions.astype(np.int64)
    change = np.nan_to_num(base_rate.every.daily[circle.position + base_rate.forward.lag + 1])
    return Side(circle, dates[circle.position], change, dates[day0])
