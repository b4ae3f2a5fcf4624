r"""Worlds whose volatility changes by itself and predicts only itself.

GARCH follows :math:`\sigma_t^2 = \omega + (\alpha + \gamma 1[z_{t-1} < 0])\, z_{t-1}^2 \sigma_{t-1}^2 +
\beta \sigma_{t-1}^2` with standardised shocks z (Bollerslev 1986; Glosten, Jagannathan and Runkle 1993). All processes
here have :math:`\alpha + \beta + \gamma / 2 = 0.985`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.calibration.worlds import MARKET, SPREAD_SHARE, Returns, legs_around
from backtest.model import Floats

DEGREES = 5
"""Degrees of freedom of the shocks."""
OWN_VOLATILITY = (0.012, 0.01)
"""Unconditional daily volatility of two legs with separate volatilities."""
CORRELATION = 0.6
"""Correlation of the legs' shocks in that world."""
PERSISTENCE, SHAKE = 0.98, 0.15
"""Autoregression of the log volatility, and standard deviation of its shocks, in the stochastic volatility world."""
BREAK = 0.1
"""The share of the history after the break."""


@dataclass(frozen=True)
class Garch:
    """Coefficients of a GARCH process."""

    alpha: float
    gamma: float
    beta: float

    @property
    def persistence(self) -> float:
        """The share of a deviation of the variance that is expected to remain a session later; shocks are symmetric."""
        return self.alpha + self.gamma / 2 + self.beta


SYMMETRIC = Garch(alpha=0.075, gamma=0.0, beta=0.91)
LEVERAGED = Garch(alpha=0.03, gamma=0.09, beta=0.91)


def garch_volatility(shocks: Floats, level: float, coefficients: Garch) -> Floats:
    """Return the volatility of a GARCH process driven by given shocks.

    Parameters
    ----------
    shocks : ndarray of shape (n,)
        With mean 0 and variance 1.
    level : float
        Its unconditional volatility, at which it starts.
    coefficients : Garch
        Its coefficients.
    """
    omega = level**2 * (1.0 - coefficients.persistence)
    up, down = coefficients.alpha, coefficients.alpha + coefficients.gamma
    variance, result = level**2, []
    for shock in shocks.tolist():  # each variance depends on the previous one
        result.append(variance)
        variance = omega + variance * (coefficients.beta + (down if shock < 0 else up) * shock * shock)
    return np.asarray(np.sqrt(np.array(result)), dtype=np.float64)


def garch(rng: np.random.Generator, n: int) -> Returns:
    """Draw two legs with a common GARCH volatility."""
    return _common(rng, n, SYMMETRIC)


def gjr(rng: np.random.Generator, n: int) -> Returns:
    """Draw two legs with a common volatility that rises more after falls."""
    return _common(rng, n, LEVERAGED)


def gjr_own(rng: np.random.Generator, n: int) -> Returns:
    """Draw two correlated legs, each with a volatility of its own that rises more after its falls."""
    first, other = _shocks(rng, n)
    second = CORRELATION * first + np.sqrt(1.0 - CORRELATION**2) * other
    asset, benchmark = (
        shocks * garch_volatility(shocks, level, LEVERAGED)
        for shocks, level in zip((first, second), OWN_VOLATILITY, strict=True)
    )
    return asset, benchmark


def stochastic_volatility(rng: np.random.Generator, n: int) -> Returns:
    """Draw normal returns whose log volatility follows shocks of its own (Taylor 1986)."""
    spread_of_log = SHAKE / np.sqrt(1.0 - PERSISTENCE**2)
    log, logs = spread_of_log * rng.standard_normal(), []
    for shake in (SHAKE * rng.standard_normal(n)).tolist():
        log = PERSISTENCE * log + shake
        logs.append(log)
    volatility = MARKET * np.exp(np.array(logs) - spread_of_log**2)  # scaled so that the mean variance is MARKET's
    shocks = rng.standard_normal((2, n))
    return legs_around(volatility * shocks[0], SPREAD_SHARE * volatility * shocks[1])


def volatility_break(rng: np.random.Generator, n: int) -> Returns:
    """Draw two legs of a leveraged GARCH whose volatility doubles in the last tenth of the history."""
    asset, benchmark = gjr(rng, n)
    factor = np.ones(n)
    factor[n - round(BREAK * n) :] = 2.0
    return factor * asset, factor * benchmark


def _common(rng: np.random.Generator, n: int, coefficients: Garch) -> Returns:
    market, spread = _shocks(rng, n)
    volatility = garch_volatility(market, MARKET, coefficients)
    return legs_around(volatility * market, SPREAD_SHARE * volatility * spread)


def _shocks(rng: np.random.Generator, n: int) -> Returns:
    """Draw two rows of Student's t shocks of variance 1."""
    market, spread = rng.standard_t(DEGREES, (2, n)) / np.sqrt(DEGREES / (DEGREES - 2))
    return market, spread
