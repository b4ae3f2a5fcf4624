"""Opening levels, and total returns as investors earn them: indices plus dividends plus tracking noise."""

from __future__ import annotations

import numpy as np

from backtest.data.sample.bridge import DECIMALS
from backtest.model import Floats

NIGHT_SHARE = 0.3
"""The share of a session's variance between the previous close and the open."""

MIX: dict[str, tuple[float, float, float]] = {
    "small": (1.0, 0.0, 0.0),
    "mega": (0.0, 0.85, 0.15),
    "market": (0.0, 1.0, 0.0),
    "equal_weight": (0.5, 0.5, 0.0),
}
"""Weights of the small, market and tech index in each total-return series."""

DIVIDENDS = {"small": 0.013, "mega": 0.019, "market": 0.019, "equal_weight": 0.016}
"""Yield per year, accrued evenly over its sessions."""

TRACKING = {"small": 0.0008, "mega": 0.0010, "market": 0.0, "equal_weight": 0.0010}
"""Standard deviation of the daily news in the gap to the index mix; the gap closes by 3% per session."""

SESSIONS_A_YEAR = 252


def daytime_returns(returns: Floats, volatility: Floats, rng: np.random.Generator) -> Floats:
    """Draw each session's log return from open to close, given its return from close to close.

    Given the total, the part is normal: a Brownian bridge between two closes, seen at the open.
    """
    common, own = rng.standard_normal((len(returns), 1)), rng.standard_normal(returns.shape)
    noise = np.sqrt(0.8) * common + np.sqrt(0.2) * own
    spread = float(np.sqrt(NIGHT_SHARE * (1 - NIGHT_SHARE)))
    daytime: Floats = (1 - NIGHT_SHARE) * returns + spread * volatility * noise
    return daytime


def opens(closes: Floats, daytime: Floats) -> Floats:
    """Return opening levels, rounded."""
    return np.round(closes * np.exp(-daytime), DECIMALS)


def mixed(name: str, per_index: Floats) -> Floats:
    """Weight returns of the three indices, of shape (n_sessions, 3), as in a total-return series."""
    small, market, tech = MIX[name]
    return small * per_index[:, 0] + market * per_index[:, 1] + tech * per_index[:, 2]


def total_return(name: str, closes: Floats, rng: np.random.Generator) -> Floats:
    """Return a total-return level, 100 on the first session, rounded."""
    change = np.zeros_like(closes)
    change[1:] = closes[1:] / closes[:-1] - 1
    gap = np.zeros(len(closes))
    news = TRACKING[name] * rng.standard_normal(len(closes))
    for t in range(1, len(closes)):
        gap[t] = 0.97 * gap[t - 1] + news[t]
    growth = 1 + mixed(name, change) + np.diff(gap, prepend=0.0) + DIVIDENDS[name] / SESSIONS_A_YEAR
    growth[0] = 1.0
    return np.round(100 * np.cumprod(growth), DECIMALS)
