"""The circular shift among near shifts alone, for a history whose parts differ."""

from __future__ import annotations

import numpy as np

from backtest.inference.circular_shift import TIE
from backtest.inference.opinions.opinion import LOCAL_SHIFTS, Opinion
from backtest.model import Floats

REACH = 504
"""Sessions that events are shifted by at most, in both directions: two years."""
LONGEST = 63
"""Beyond this horizon the reach holds too few windows that do not overlap."""
TOO_LONG = f"within {REACH} sessions there are too few separate windows longer than {LONGEST}"


def local_shifts(shifts: Floats, horizon: int, missing: str) -> Opinion:
    """Return the share of the near shifts whose statistic is at least as large as the one observed.

    Parameters
    ----------
    shifts : ndarray of shape (M,)
        The statistic under every circular shift, entry 0 as observed; the last entries are the shifts backwards. Of a
        circle of at most 1,009 sessions all shifts are near.
    horizon : int
        About how many sessions a window has.
    missing : str
        Why there is no statistic, where there is none.
    """
    if horizon > LONGEST:
        return Opinion(LOCAL_SHIFTS, None, None, TOO_LONG)
    if not len(shifts) or not np.isfinite(shifts[0]):
        return Opinion(LOCAL_SHIFTS, None, None, missing)
    near = shifts if len(shifts) <= 2 * REACH + 1 else np.concatenate((shifts[: REACH + 1], shifts[-REACH:]))
    size, observed = np.abs(near), abs(float(shifts[0]))
    p = np.count_nonzero(size >= observed * (1.0 - TIE) - TIE) / len(near)
    return Opinion(LOCAL_SHIFTS, float(shifts[0]), p)
