"""Rows that somebody filled in: days without a market that repeat the day before."""

from __future__ import annotations

import numpy as np

from backtest.data.firewall.exchange import weekday
from backtest.data.firewall.rhythm import FRIDAY
from backtest.model import Bools, Floats, Ints, Sessions

FEWEST = 2
"""With fewer rows, repeats may be chance."""
ALL, USUAL = 0.95, 0.3
"""Least share of the doubtful rows that repeat the day before, and largest share of the other rows that may."""


def are_repeats(values: Floats, rows: Ints) -> bool:
    """Tell whether the doubtful rows repeat the row before them while the other rows do not.

    Parameters
    ----------
    values : ndarray of shape (n_rows,)
        Levels; or returns, where 0 repeats the level before. NaN never repeats.
    rows : ndarray of shape (n_doubted,)
        The doubtful rows.
    """
    again: Bools = np.append(False, values[1:] == values[:-1]) | (values == 0)
    doubted = np.isin(np.arange(len(values)), rows)
    if np.count_nonzero(doubted) < FEWEST or doubted.all():
        return False
    return bool(again[doubted].mean() >= ALL and again[~doubted].mean() <= USUAL)


def nontrading_rows(dates: Sessions) -> Ints:
    """Return the rows on a Saturday or a Sunday, on 25 December or on 1 January."""
    day = (dates - dates.astype("datetime64[M]")).astype(np.int64) + 1
    month = dates.astype("datetime64[M]").astype(np.int64) % 12 + 1
    shut = (weekday(dates) > FRIDAY) | ((month == 12) & (day == 25)) | ((month == 1) & (day == 1))
    return np.flatnonzero(shut).astype(np.int64)
