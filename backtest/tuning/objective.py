"""What a search may look for: how a set scores, from sums that add up over pieces of the history.

A choice that is made in many parts of the history needs every set's score in each of them. So the sums are taken once a
piece, and the score of any union of pieces comes from their total.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from backtest.inference.circular_shift import PRIOR
from backtest.model import Asked, Floats

OBJECTIVES = ("p_adjusted", "excess", "t", "hit_rate", "worst_decade", "sharpe")
N, SUM, HITS, BASE_N, BASE_SUM, OWN = range(6)
"""Columns of the sums: events, their returns, their hits, the base rate's sessions and returns; from `OWN` on, more."""
IN_A_DECADE = 3
"""Events that a decade must have to be judged."""


def default_horizon(horizons: Sequence[Asked]) -> Asked:
    """Return 21 sessions, or the middle one; horizons are in order of their length."""
    return 21 if 21 in horizons else horizons[len(horizons) // 2]


def is_two_sided(objective: str) -> bool:
    """Tell whether a strong loss is as good as a strong gain: a p does not know the sign."""
    return objective == "p_adjusted"


def score(objective: str, sums: Floats) -> Floats:
    """Return the scores of sums, the higher the better.

    Parameters
    ----------
    objective : str
        One of `OBJECTIVES`. The score of ``p_adjusted`` is the studentised excess with its sign: the largest in size
        has the smallest p, and no shift is made anew in a part of the history.
    sums : ndarray of shape (..., n_columns)
        As `backtest.tuning.pieces.Pieces.sums` gives them, or a total of them.

    Returns
    -------
    ndarray of shape (...)
        NaN without an event, or where the objective has no answer.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        found = SCORES[objective](sums)
    return np.where((sums[..., N] > 0) & np.isfinite(found), found, np.nan)


def excess(sums: Floats) -> Floats:
    """Return the mean over the events minus the base rate, as fractions."""
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = sums[..., SUM] / sums[..., N] - sums[..., BASE_SUM] / sums[..., BASE_N]
    return found


def _t(sums: Floats) -> Floats:
    own = sums[..., OWN:]
    squared = own[..., 0] if own.shape[-1] == 1 else _shrunk(own)  # of a panel, the realised variance alone
    found: Floats = sums[..., N] * excess(sums) / np.sqrt(squared)
    return found


def _shrunk(own: Floats) -> Floats:
    """Return the squared scale of the verdict."""
    known, came, once, twice, shared, varied = np.moveaxis(own, -1, 0)
    alike, worth = twice / once, once**2 / twice
    varying = np.where(shared > 0, varied / shared, alike)
    found: Floats = (PRIOR * alike * known + worth * varying * came) / (PRIOR + worth)
    return found


def _hit_rate(sums: Floats) -> Floats:
    found: Floats = sums[..., HITS] / sums[..., N]
    return found


def _worst_decade(sums: Floats) -> Floats:
    decades = sums[..., OWN:].reshape(*sums.shape[:-1], -1, 4)
    n, total, sessions, base = np.moveaxis(decades, -1, 0)
    each = np.where(n >= IN_A_DECADE, total / n - base / sessions, np.inf)
    found: Floats = each.min(axis=-1, initial=np.inf)
    return found


def _sharpe(sums: Floats) -> Floats:
    days, total, squares, a_year = np.moveaxis(sums[..., OWN : OWN + 4], -1, 0)
    mean = total / days
    variance = (squares - days * mean**2) / (days - 1)
    found: Floats = np.where(variance > 0, mean / np.sqrt(variance) * np.sqrt(a_year / days), np.nan)
    return found


SCORES: dict[str, Callable[[Floats], Floats]] = {
    "p_adjusted": _t,
    "t": _t,
    "excess": excess,
    "hit_rate": _hit_rate,
    "worst_decade": _worst_decade,
    "sharpe": _sharpe,
}
