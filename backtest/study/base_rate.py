"""The base rate: the same measure with every session as day 0, and the circles that events are shifted around."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.inference.circular_shift import Circle, make_circle
from backtest.inference.variance import ewma_variance, expected_variance
from backtest.measure.forward import Forward, Leg, measure_forward
from backtest.measure.legs import legs_of
from backtest.measure.summaries import Summary, summarise_sessions
from backtest.model import Bools, Floats, Prices
from backtest.spec.strategy import MeasureTable


@dataclass(frozen=True, eq=False)
class BaseRate:
    """The base rate, and all that does not depend on the events.

    Attributes
    ----------
    asset, benchmark : Leg
        The legs.
    forward : Forward
        Forward returns with every session as day 0.
    eligible : ndarray of shape (n_sessions,)
        The sessions of the sample window.
    summary : Summary
        Over the eligible sessions whose window is complete.
    circles : list of Circle
        One a horizon: what events are shifted around.
    """

    asset: Leg
    benchmark: Leg
    forward: Forward
    eligible: Bools
    summary: Summary
    circles: list[Circle]


def measure_base_rate(prices: Prices, measure: MeasureTable, window: tuple[int, int]) -> BaseRate:
    """Measure every session of the sample window.

    Raises
    ------
    StudyRefused
        The legs are the same, are no levels, or are on different bases.
    """
    asset, benchmark, lag = legs_of(prices, measure)
    forward = measure_forward(asset, benchmark, measure.horizons, lag)
    eligible = np.zeros(len(prices), dtype=np.bool_)
    eligible[window[0] : window[1] + 1] = True
    circles = _circles(asset, benchmark, forward, eligible)
    return BaseRate(asset, benchmark, forward, eligible, summarise_sessions(forward, eligible), circles)


def _circles(asset: Leg, benchmark: Leg, forward: Forward, eligible: Bools) -> list[Circle]:
    returns = _daily(asset), _daily(benchmark)
    daily, mean = returns[0] - returns[1], (returns[0] + returns[1]) / 2
    volatility = np.column_stack((ewma_variance(daily), ewma_variance(mean)))
    circles = []
    for column, horizon in enumerate(forward.horizons):
        spread = forward.spread[:, column]
        fitted = eligible & np.isfinite(spread)
        variance = expected_variance(daily, volatility, horizon, forward.lag, fitted)
        circles.append(make_circle(spread, variance, eligible))
    return circles


def _daily(leg: Leg) -> Floats:
    returns = np.full(len(leg.close), np.nan)
    returns[1:] = leg.close[1:] / leg.close[:-1] - 1.0
    return returns
