"""The base rate: the same measure with every session as day 0 on which an event could have been seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backtest.detect.episodes import Day0, possible_day0
from backtest.inference.circle import Circle, make_circle
from backtest.inference.variance import ewma_variance, expected_variance, realised_variance
from backtest.measure.by_leg import LegFigures, figures_by_leg
from backtest.measure.drawdowns import drawdowns
from backtest.measure.forward import Forward, Leg, by_leg, measure_forward
from backtest.measure.legs import legs_of
from backtest.measure.summaries import Summary, mean_over_sessions, summarise_sessions
from backtest.model import (
    Bools,
    Detection,
    Floats,
    Horizon,
    Measured,
    Prices,
    Sessions,
    horizons_of,
    judged,
    measured_by,
)
from backtest.spec.measure import MeasureTable


@dataclass(frozen=True, eq=False)
class EverySession:
    """The measure with every session of the history as day 0; it does not depend on events or detectors.

    Attributes
    ----------
    legs : list of Leg
        What is held: the asset and, if there is one, the benchmark.
    forward : Forward
        Forward returns.
    daily : ndarray of shape (n_sessions,)
        What is judged, from close to close, as a fraction.
    volatility : ndarray of shape (n_sessions, 1 or 2)
        Variance of what is judged and, with a benchmark, of the mean of the legs, known at each close.
    """

    legs: list[Leg]
    forward: Forward
    daily: Floats
    volatility: Floats

    @cached_property
    def realised(self) -> tuple[Floats, ...]:
        """The realised variance of every session's window, by horizon; all base rates of a measure share it."""
        entries = [leg.entry for leg in self.legs]
        return tuple(realised_variance(entries, leave, self.forward.lag) for leave in self.forward.leave.T)

    @property
    def begins(self) -> int:
        """First session position at which every leg has a level to enter at."""
        return max(leg.span()[0] for leg in self.legs)

    def enterable(self) -> Bools:
        """Flag each day 0 with a level for every leg at its entry; entries after the end of a leg count as unknown."""
        lag = self.forward.lag
        level: Bools = np.all([np.isfinite(leg.entry) for leg in self.legs], axis=0)
        level[min(leg.span()[1] for leg in self.legs) + 1 :] = self.begins < len(level)
        return np.concatenate((level[lag:], np.full(lag, level[-1])))


@dataclass(frozen=True, eq=False)
class BaseRate:
    """The base rate, and the circles that events are shifted around.

    Attributes
    ----------
    every : EverySession
        The measure from which the sessions are selected.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen and entered: as `eligible_sessions` gives them.
    """

    every: EverySession
    eligible: Bools

    @cached_property
    def circles(self) -> list[Circle]:
        """One per horizon, with the same sessions."""
        circles, forward = [], self.forward
        for column, realised in enumerate(self.every.realised):
            returned, lengths = forward.judged[:, column], forward.lengths[:, column]
            expected = expected_variance(realised, self.every.volatility, self.eligible & np.isfinite(returned))
            circles.append(
                make_circle(returned, expected, realised, self.every.daily, self.eligible, lengths, forward.lag)
            )
        return circles

    @cached_property
    def summary(self) -> Summary:
        """Over the eligible sessions with a complete window."""
        return summarise_sessions(self.forward, self.eligible)

    @cached_property
    def mean(self) -> Floats:
        """The mean of the spread or return over the same sessions, by horizon, as fractions; often that is enough."""
        return mean_over_sessions(self.forward, self.eligible)

    @cached_property
    def drawdowns(self) -> dict[str, Floats]:
        """The drawdown of every session, by leg, each (n_sessions, n_horizons); NaN before the first eligible one."""
        span = np.flatnonzero(self.eligible)
        return drawdowns(self.legs, self.forward, (int(span[0]), int(span[-1])) if len(span) else (0, -1))

    @cached_property
    def by_leg(self) -> dict[str, LegFigures]:
        """The figures of each leg over the eligible sessions whose window is complete."""
        return figures_by_leg(self.summary, self.forward, self.drawdowns, self.eligible)

    @property
    def legs(self) -> list[Leg]:
        """What is held."""
        return self.every.legs

    @property
    def measured(self) -> Measured:
        """What is judged: the spread, or the asset alone."""
        return measured_by(self.forward.legs)

    @property
    def begins(self) -> int:
        """First session position at which every leg has a level to enter at."""
        return self.every.begins

    @property
    def forward(self) -> Forward:
        """Forward returns with every session as day 0, eligible or not."""
        return self.every.forward


def measure_every_session(prices: Prices, measure: MeasureTable) -> EverySession:
    """Measure every session of the history.

    Raises
    ------
    StudyRefused
        The legs are the same, are not levels, or are on different bases.
    """
    legs, lag = legs_of(prices, measure)
    return measure_legs(legs, horizons_of(measure.horizons, prices.sessions_a_year), lag, prices.sessions)


def measure_legs(legs: list[Leg], horizons: Sequence[Horizon], lag: int, days: Sessions | None = None) -> EverySession:
    """Measure the legs with every session as day 0; calendar horizons need the sessions' dates."""
    returns = [_daily(leg) for leg in legs]
    daily = judged(by_leg(returns))
    known = [daily] if len(legs) == 1 else [daily, (returns[0] + returns[1]) / 2]  # one leg's mean adds nothing
    volatility = np.column_stack([ewma_variance(one) for one in known])
    return EverySession(legs, measure_forward(legs, horizons, lag, days), daily, volatility)


def eligible_sessions(detection: Detection, day0: Day0, every: EverySession) -> Bools:
    """Flag the sessions of the sample window on which an event could have been seen and entered.

    Where the condition cannot be judged, there can be no event; where a leg has no level at entry, no event can be
    measured. Such sessions are not compared with events. Entries after the end of a leg are kept, because their
    windows are pending.
    """
    return datable_sessions(detection, day0) & every.enterable()


def datable_sessions(detection: Detection, day0: Day0) -> Bools:
    """Flag the sessions of the sample window on which an event could have been seen, with or without levels."""
    return possible_day0(detection.condition.known, detection.length, day0, detection.window)


def _daily(leg: Leg) -> Floats:
    returns = np.full(len(leg.close), np.nan)
    returns[1:] = leg.close[1:] / leg.close[:-1] - 1.0
    return returns
