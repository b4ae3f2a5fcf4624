"""What a test says, as a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Floats

NO_WINDOW = "no event has a complete window"
NO_VARIATION = "what is judged does not vary"


@dataclass(frozen=True, eq=False)
class NullTest:
    """One test of one null hypothesis.

    Attributes
    ----------
    null : str
        What the p-value supposes to be true.
    statistic, p_value, p_adjusted : float or None
        The statistic, its two-sided p, and the p adjusted for everything tried with it; None where there is no answer.
    reason : str or None
        Why there is no answer; None where there is one.
    shifts : ndarray of shape (M,)
        The statistic under every circular shift, entry 0 as observed: what a joint null over several tests needs.
        Empty where there is no circle.
    """

    null: str
    statistic: float | None
    p_value: float | None
    p_adjusted: float | None
    reason: str | None
    shifts: Floats


@dataclass(frozen=True, eq=False)
class HorizonResult:
    """One horizon of a study: how many events have a complete window, their excess as a fraction, and its test."""

    horizon: int
    n: int
    excess: float | None
    test: NullTest


def finite(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return float(value) if np.isfinite(value) else None
