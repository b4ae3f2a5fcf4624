"""All that does not depend on the events: forward returns of every session, base rates, the circles of the test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.errors import NotFound, StudyRefused
from backtest.inference.circular_shift import Outcome, outcome
from backtest.inference.variance import ewma_variance, expected_variance
from backtest.measure.forward import Forward, Leg, measure_forward
from backtest.measure.summary import Summary, base_rates
from backtest.model import Bools, Prices, SeriesInfo
from backtest.spec.strategy import MeasureTable


@dataclass(frozen=True, eq=False)
class Baseline:
    """What an ordinary session gives, by the same measure.

    Attributes
    ----------
    asset, benchmark : Leg
        The legs.
    forward : Forward
        Forward returns with every session as day 0.
    eligible : ndarray of shape (n_sessions,)
        The sessions of the sample window.
    base : Summary
        Base rates over the eligible sessions whose window is complete.
    outcomes : list of Outcome
        One a horizon: the circle that events are shifted around.
    """

    asset: Leg
    benchmark: Leg
    forward: Forward
    eligible: Bools
    base: Summary
    outcomes: list[Outcome]


def make_baseline(prices: Prices, measure: MeasureTable, window: tuple[int, int]) -> Baseline:
    """Measure every session.

    Raises
    ------
    StudyRefused
        The legs are the same, are no levels, or are on different bases.
    """
    asset, benchmark, lag = legs_of(prices, measure)
    forward = measure_forward(asset, benchmark, measure.horizons, lag)
    eligible = np.zeros(len(prices), dtype=np.bool_)
    eligible[window[0] : window[1] + 1] = True
    returns = _daily(asset), _daily(benchmark)
    daily, mean = returns[0] - returns[1], (returns[0] + returns[1]) / 2
    volatility = np.column_stack((ewma_variance(daily), ewma_variance(mean)))
    outcomes = []
    for column, horizon in enumerate(forward.horizons):
        spread = forward.spread[:, column]
        fitted = eligible & np.isfinite(spread)
        outcomes.append(outcome(spread, expected_variance(daily, volatility, horizon, lag, fitted), eligible))
    return Baseline(asset, benchmark, forward, eligible, base_rates(forward, eligible), outcomes)


def legs_of(prices: Prices, measure: MeasureTable) -> tuple[Leg, Leg, int]:
    """Return asset and benchmark, and how many sessions after day 0 they are entered.

    Raises
    ------
    StudyRefused
        The legs are the same, are no levels, or are on different bases.
    """
    _refuse_unlike_legs(prices, measure)
    asset, benchmark = (_leg(prices, name, measure.entry) for name in (measure.asset, measure.benchmark))
    return asset, benchmark, 0 if measure.entry == "close" else 1


def _refuse_unlike_legs(prices: Prices, measure: MeasureTable) -> None:
    asset, benchmark = _info(prices, "asset", measure.asset), _info(prices, "benchmark", measure.benchmark)
    if asset.name == benchmark.name:
        raise StudyRefused(
            f"measure.asset and measure.benchmark are both '{asset.name}'; their spread is zero.",
            "Name two series.",
        )
    for key, info in (("asset", asset), ("benchmark", benchmark)):
        if info.basis is None:
            raise StudyRefused(
                f"measure.{key} = '{info.name}' is of kind {info.kind}; a leg is an index of prices or total returns.",
                "'backtest show DATASET' lists the kinds.",
            )
    if asset.basis != benchmark.basis and not measure.allow_mixed_basis:
        raise StudyRefused(
            f"measure.asset '{asset.name}' is a {asset.basis} index and measure.benchmark '{benchmark.name}' a "
            f"{benchmark.basis} index; dividends alone would part them by 1.5 to 2% a year.",
            "Choose legs on one basis, or set measure.allow_mixed_basis=true.",
        )


def _info(prices: Prices, key: str, name: str) -> SeriesInfo:
    try:
        return prices.info(name)
    except NotFound as error:
        message = f"measure.{key} = '{name}': the dataset has no such role or series."
        raise NotFound(message, error.hint) from error


def _leg(prices: Prices, name: str, entry: str) -> Leg:
    close = prices.close(name)
    return Leg(close, prices.values(name, "open") if entry == "next_open" else close)


def _daily(leg: Leg) -> np.ndarray:
    returns = np.full(len(leg.close), np.nan)
    returns[1:] = leg.close[1:] / leg.close[:-1] - 1.0
    return returns
