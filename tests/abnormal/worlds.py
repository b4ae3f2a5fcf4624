"""Small simulated panels of returns for tests of tests."""

from __future__ import annotations

import numpy as np

from backtest.abnormal.abnormal_returns import AbnormalReturns, abnormal_returns
from backtest.abnormal.event_positions import EventPositions
from backtest.abnormal.event_window import EventWindow


def holed(seed: int = 3, sessions: int = 220, assets: int = 6) -> AbnormalReturns:
    """Abnormal returns of correlated assets with holes; events share dates, and windows overlap, also of one asset."""
    rng = np.random.default_rng(seed)
    market = rng.normal(0.0003, 0.01, (sessions, 1))
    common = rng.normal(0, 0.01, (sessions, 1))
    returns = market * rng.normal(1, 0.3, assets) + common + rng.normal(0, 0.02, (sessions, assets))
    returns[:140][rng.random((140, assets)) < 0.08] = np.nan
    pairs = [(0, 160), (1, 160), (2, 160), (0, 163), (3, 162), (4, 190), (5, 191), (1, 191)]
    events = EventPositions(np.array([a for a, _ in pairs]), np.array([t for _, t in pairs]))
    return abnormal_returns(returns, market, events, "market", EventWindow(-2, 5, 120, 3, 60))


def one_date(residual: np.ndarray, event: np.ndarray) -> AbnormalReturns:
    """Constant-mean abnormal returns of events of one date: estimation (E, n) and event windows (L, n) as given."""
    returns = np.concatenate((residual, event))
    n = returns.shape[1]
    day0 = len(residual)
    window = EventWindow(0, len(event) - 1, len(residual), 0, len(residual))
    events = EventPositions(np.arange(n), np.full(n, day0))
    return abnormal_returns(returns, np.empty((len(returns), 0)), events, "constant_mean", window)
