"""What a test says, as a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Floats, Horizon

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
class Effect:
    """The size of an effect at one horizon, as fractions.

    Attributes
    ----------
    low, high : float or None
        The 95% interval for the effect.
    detectable : float or None
        The smallest effect that 80% of such studies would find at the 5% level.
    kept : float or None
        Share of an effect that the excess keeps, from 0 to 1; None without an event.
    reason : str or None
        Why there is no answer; None where there is one.
    """

    low: float | None
    high: float | None
    detectable: float | None
    kept: float | None
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class Standardised:
    """The effect in units of the volatility that was expected at the time, at one horizon.

    Attributes
    ----------
    excess : float or None
        The excess with a weight of one over that volatility for each event and each session, as a fraction.
    p_value : float or None
        Its own two-sided p by the circular shift; None where there is no answer, with the reason of the verdict.
    """

    excess: float | None
    p_value: float | None


@dataclass(frozen=True, eq=False)
class VarianceRatio:
    """How widely what is judged varied after the events, at one horizon.

    Attributes
    ----------
    ratio : float or None
        Realised over expected variance of the events' windows, in all.
    p_value : float or None
        Share of shifts with a ratio at least as high.
    """

    ratio: float | None
    p_value: float | None


@dataclass(frozen=True, eq=False)
class Inference:
    """What is inferred at one horizon.

    Attributes
    ----------
    test : NullTest
        The default verdict.
    effect : Effect
        Interval and minimum detectable effect.
    standardised : Standardised
        The same events, each measured by the volatility of its time.
    variance : VarianceRatio
        Whether volatility was as expected.
    """

    test: NullTest
    effect: Effect
    standardised: Standardised
    variance: VarianceRatio


@dataclass(frozen=True, eq=False)
class HorizonResult:
    """One horizon of a study: events with a complete window, their excess as a fraction, and what is inferred."""

    horizon: Horizon
    n: int
    excess: float | None
    inference: Inference

    @property
    def null_test(self) -> NullTest:
        """The default verdict."""
        return self.inference.test


def finite(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return float(value) if np.isfinite(value) else None
