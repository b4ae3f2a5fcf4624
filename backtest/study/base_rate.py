"""The base rate: the same measure with every session as day 0 on which an event could have been seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.detect.episodes import Day0, possible_day0
from backtest.inference.circular_shift import Circle, make_circle
from backtest.inference.variance import ewma_variance, expected_variance
from backtest.measure.forward import Forward, Leg, measure_forward
from backtest.measure.legs import legs_of
from backtest.measure.summaries import Summary, summarise_sessions
from backtest.model import Bools, Detection, Floats, Prices
from backtest.spec.strategy import MeasureTable


@dataclass(frozen=True, eq=False)
class EverySession:
    """The measure with every session of the history as day 0: what depends on no event and no detector.

    Attributes
    ----------
    asset, benchmark : Leg
        The legs.
    forward : Forward
        Forward returns.
    daily : ndarray of shape (n_sessions,)
        Daily spread, close to close, as a fraction.
    volatility : ndarray of shape (n_sessions, 2)
        Variance of the spread, and of the mean of the legs, known at each close.
    """

    asset: Leg
    benchmark: Leg
    forward: Forward
    daily: Floats
    volatility: Floats


@dataclass(frozen=True, eq=False)
class BaseRate:
    """The base rate, and the circles that events are shifted around.

    Attributes
    ----------
    every : EverySession
        What it selects from.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen.
    summary : Summary
        Over the eligible sessions whose window is complete.
    circles : list of Circle
        One a horizon: the same sessions.
    """

    every: EverySession
    eligible: Bools
    summary: Summary
    circles: list[Circle]

    @property
    def asset(self) -> Leg:
        """The asset."""
        return self.every.asset

    @property
    def benchmark(self) -> Leg:
        """The benchmark."""
        return self.every.benchmark

    @property
    def forward(self) -> Forward:
        """Forward returns with every session as day 0, eligible or not."""
        return self.every.forward


def measure_every_session(prices: Prices, measure: MeasureTable) -> EverySession:
    """Measure every session of the history.

    Raises
    ------
    StudyRefused
        The legs are the same, are no levels, or are on different bases.
    """
    asset, benchmark, lag = legs_of(prices, measure)
    returns = _daily(asset), _daily(benchmark)
    daily, mean = returns[0] - returns[1], (returns[0] + returns[1]) / 2
    volatility = np.column_stack((ewma_variance(daily), ewma_variance(mean)))
    forward = measure_forward(asset, benchmark, measure.horizons, lag)
    return EverySession(asset, benchmark, forward, daily, volatility)


def eligible_sessions(detection: Detection, day0: Day0) -> Bools:
    """Flag the sessions of the sample window on which an event could have been seen.

    Where the condition cannot be judged there can be no event: such a session stands for nothing that an event is
    compared with.
    """
    return possible_day0(detection.condition.known, detection.length, day0, detection.window)


def base_rate_of(every: EverySession, eligible: Bools) -> BaseRate:
    """Select the base rate and the circles.

    Parameters
    ----------
    every : EverySession
        The measure.
    eligible : ndarray of shape (n_sessions,)
        As `eligible_sessions` gives them.
    """
    circles = []
    for column, horizon in enumerate(every.forward.horizons):
        spread = every.forward.spread[:, column]
        fitted = eligible & np.isfinite(spread)
        variance = expected_variance(every.daily, every.volatility, horizon, every.forward.lag, fitted)
        circles.append(make_circle(spread, variance, eligible))
    return BaseRate(every, eligible, summarise_sessions(every.forward, eligible), circles)


def _daily(leg: Leg) -> Floats:
    returns = np.full(len(leg.close), np.nan)
    returns[1:] = leg.close[1:] / leg.close[:-1] - 1.0
    return returns
