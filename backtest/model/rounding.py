"""Rounding of returns: arithmetic on equal levels leaves rounding errors, which are neither rises nor falls."""

from __future__ import annotations

import numpy as np

from backtest.model.arrays import Bools, Floats

DECIMALS = 12
"""Significant decimals of a return, as a fraction. Prices have a few; sums and quotients err from the 16th on."""

HALF = float(np.nextafter(0.5e-12, 1.0))
"""The largest return that is rounded to zero."""


def rounded(returned: Floats) -> Floats:
    """Round returns before they are compared or ranked; NaN stays NaN."""
    return np.round(returned, DECIMALS)


def are_hits(returned: Floats) -> Bools:
    """Flag the returns above zero; rounding errors and NaN are not."""
    return returned > HALF  # as rounded, to the nearest and halves to zero, but in one step
