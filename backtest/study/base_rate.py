"""The base rate: the same measure with every session as day 0, and the circles that events are shifted around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.inference.circular_shift import Circle, make_circle
from backtest.inference.variance import ewma_variance, expected_variance
from backtest.measure.forward import Forward, Leg, by_leg, measure_forward
from backtest.measure.legs import legs_of
from backtest.measure.summaries import Summary, summarise_sessions
from backtest.model import Bools, Floats, Measured, Prices, judged, measured_by
from backtest.spec.strategy import MeasureTable


@dataclass(frozen=True, eq=False)
class BaseRate:
    """The base rate, and all that does not depend on the events.

    Attributes
    ----------
    legs : list of Leg
        What is held: the asset and, where there is one, the benchmark.
    forward : Forward
        Forward returns with every session as day 0.
    eligible : ndarray of shape (n_sessions,)
        The sessions of the sample window.
    summary : Summary
        Over the eligible sessions whose window is complete.
    circles : list of Circle
        One a horizon: what events are shifted around.
    """

    legs: list[Leg]
    forward: Forward
    eligible: Bools
    summary: Summary
    circles: list[Circle]

    @property
    def measured(self) -> Measured:
        """What is judged: the spread, or the asset alone."""
        return measured_by(self.forward.legs)

    @property
    def begins(self) -> int:
        """First session position at which every leg has a level to enter at."""
        return max(leg.span()[0] for leg in self.legs)


def measure_base_rate(prices: Prices, measure: MeasureTable, window: tuple[int, int]) -> BaseRate:
    """Measure every session of the sample window.

    Raises
    ------
    StudyRefused
        The legs are the same, are no levels, or are on different bases.
    """
    legs, lag = legs_of(prices, measure)
    forward = measure_forward(legs, measure.horizons, lag)
    eligible = np.zeros(len(prices), dtype=np.bool_)
    eligible[window[0] : window[1] + 1] = True
    circles = _circles(legs, forward, eligible)
    return BaseRate(legs, forward, eligible, summarise_sessions(forward, eligible), circles)


def _circles(legs: Sequence[Leg], forward: Forward, eligible: Bools) -> list[Circle]:
    returns = [_daily(leg) for leg in legs]
    daily = judged(by_leg(returns))
    known = [daily] if len(legs) == 1 else [daily, (returns[0] + returns[1]) / 2]  # the mean of one leg says no more
    volatility = np.column_stack([ewma_variance(one) for one in known])
    circles = []
    for column, horizon in enumerate(forward.horizons):
        returned = forward.judged[:, column]
        fitted = eligible & np.isfinite(returned)
        variance = expected_variance(daily, volatility, horizon, forward.lag, fitted)
        circles.append(make_circle(returned, variance, eligible))
    return circles


def _daily(leg: Leg) -> Floats:
    returns = np.full(len(leg.close), np.nan)
    returns[1:] = leg.close[1:] / leg.close[:-1] - 1.0
    return returns
