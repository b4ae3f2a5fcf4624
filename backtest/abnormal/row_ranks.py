"""Ranks within each row of a matrix."""

from __future__ import annotations

import numpy as np

from backtest.model import Floats


def ranks_of(values: Floats) -> Floats:
    """Rank each row from 1, ties sharing their mean rank; NaN stays NaN.

    Parameters
    ----------
    values : ndarray of shape (n, T)
        Finite or NaN.
    """
    from scipy.stats import rankdata

    known = np.isfinite(values)
    return np.where(known, rankdata(np.where(known, values, np.inf), axis=1), np.nan)
