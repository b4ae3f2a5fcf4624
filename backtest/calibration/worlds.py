"""Worlds without predictability: daily returns of two legs whose spread cannot be predicted from the past."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from backtest.model import Floats

Returns = tuple[Floats, Floats]
"""Daily simple returns of the asset and of the benchmark, each of shape (n_sessions - 1,), as fractions."""
Simulate = Callable[[np.random.Generator, int], Returns]
"""Simulates n daily returns of two legs."""

MARKET, SPREAD = 0.01, 0.006
"""Default daily volatility of the mean of the legs and of their spread."""
REGIME_CHANGE = 1 / 120
"""Probability that the regime changes overnight: a regime lasts half a year on average."""
REGIMES = ((0.0006, 0.008), (-0.0006, 0.018))
"""Daily mean and volatility of the market in the calm and in the wild regime."""
SPREAD_SHARE = 0.6
"""Volatility of the spread divided by that of the market, where both change together."""
AUTOCORRELATION = 0.25
"""Autocorrelation of the daily spread in the first half of a splice."""


@dataclass(frozen=True)
class World:
    """A world in which nothing can be predicted.

    Attributes
    ----------
    name, title : str
        A word for the command line, and a description.
    simulate : callable
        Simulates the daily returns of two legs.
    span : (float, float)
        The part of the history in which events lie, as fractions of its length.
    sessions : int or None
        Length of the history, if it is part of the world's definition.
    longest : int or None
        Number of sessions available, if the history is a real one.
    induced : int
        Number of sessions after each event in which the spread varies more; 0 if events change nothing.
    """

    name: str
    title: str
    simulate: Simulate
    span: tuple[float, float] = (0.0, 1.0)
    sessions: int | None = None
    longest: int | None = None
    induced: int = 0

    def length(self, requested: int) -> int:
        """Return the number of sessions of a history, given the number requested."""
        return self.sessions or min(requested, self.longest or requested)


def legs_around(market: Floats, spread: Floats) -> Returns:
    """Return two legs with a given mean and difference."""
    return market + spread / 2, market - spread / 2


def iid_normal(rng: np.random.Generator, n: int) -> Returns:
    """Draw normal returns of constant volatility."""
    shocks = rng.standard_normal((2, n))
    return legs_around(MARKET * shocks[0], SPREAD * shocks[1])


def iid_t4(rng: np.random.Generator, n: int) -> Returns:
    """Draw returns from Student's t with four degrees of freedom, scaled to the same volatility."""
    shocks = rng.standard_t(4, (2, n)) / np.sqrt(2.0)
    return legs_around(MARKET * shocks[0], SPREAD * shocks[1])


def two_regimes(rng: np.random.Generator, n: int) -> Returns:
    """Draw normal returns of a calm regime with a rising market and of a wild one with a falling market."""
    wild = np.cumsum(rng.random(n) < REGIME_CHANGE) % 2
    drift, volatility = np.array(REGIMES).T[:, wild]
    shocks = rng.standard_normal((2, n))
    return legs_around(drift + volatility * shocks[0], SPREAD_SHARE * volatility * shocks[1])


def splice(rng: np.random.Generator, n: int) -> Returns:
    """Draw normal returns whose spread is autocorrelated in the first half, as for an index that traded thinly."""
    shocks = rng.standard_normal((2, n))
    spread = SPREAD * shocks[1]
    for t in range(1, n // 2):
        spread[t] += AUTOCORRELATION * spread[t - 1]
    return legs_around(MARKET * shocks[0], spread)
