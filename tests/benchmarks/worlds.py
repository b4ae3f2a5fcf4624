"""Worlds without predictability, as datasets: what follows an event in them is chance."""

from __future__ import annotations

import numpy as np

from backtest.model import Dataset, Floats, Prices, SeriesInfo

WORLDS = ("iid", "gjr")
SESSIONS = 6480


def noise(world: str, rng: np.random.Generator, sessions: int = SESSIONS) -> Dataset:
    """Simulate two legs with a common factor and nothing to predict.

    Parameters
    ----------
    world : {"iid", "gjr"}
        Normal returns of constant volatility; or GJR-GARCH with standardised t5 shocks, a common volatility and
        alpha + beta + gamma / 2 = 0.985.
    rng : numpy.random.Generator
        The source of randomness.
    sessions : int
        Length of the history.
    """
    shocks = rng.standard_normal((sessions, 2)) if world == "iid" else rng.standard_t(5, (sessions, 2)) / np.sqrt(5 / 3)
    scale = np.full(sessions, 0.01) if world == "iid" else gjr_volatility(shocks[:, 0], 0.01)
    market = scale * shocks[:, 0]
    spread = 0.6 * scale * shocks[:, 1]
    small, mega = 100 * np.cumprod(1 + market + spread / 2), 100 * np.cumprod(1 + market - spread / 2)
    days = np.busday_offset("1990-01-01", np.arange(sessions), roll="forward").astype("datetime64[D]")
    info = {
        "small_index": SeriesInfo("small_index", "Simulated small caps", "price_index", "points"),
        "small": SeriesInfo("small", "Simulated small caps", "total_return_index", "points"),
        "mega": SeriesInfo("mega", "Simulated mega caps", "total_return_index", "points"),
    }
    columns = {"small_index": small, "small": small, "mega": mega}
    return Dataset("noise", f"Simulated noise ({world})", True, "", Prices(days, columns, info))


def gjr_volatility(shocks: Floats, level: float) -> Floats:
    """Return the volatility of a GJR-GARCH process driven by given shocks, of the given unconditional level."""
    alpha, gamma, beta = 0.03, 0.09, 0.91
    omega = level**2 * (1 - alpha - beta - gamma / 2)
    variance, result = level**2, np.empty(len(shocks))
    for t, shock in enumerate(shocks.tolist()):
        result[t] = np.sqrt(variance)
        variance = omega + variance * (beta + (alpha + gamma * (shock < 0)) * shock**2)
    return result
