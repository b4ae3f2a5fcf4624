"""Where a return of zero ends: arithmetic on equal levels leaves dust, which is neither a rise nor a fall."""

from __future__ import annotations

import numpy as np

from backtest.model.arrays import Bools, Floats

DECIMALS = 12
"""Decimals of a return, as a fraction, that count. Prices give a few; sums and quotients err from the 16th on."""


def rounded(returned: Floats) -> Floats:
    """Round returns before they are compared or ranked; NaN stays NaN."""
    return np.round(returned, DECIMALS)


def are_hits(returned: Floats) -> Bools:
    """Flag the returns above zero; dust is none, and neither is NaN."""
    return rounded(returned) > 0
