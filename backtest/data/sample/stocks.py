"""Simulated stocks that share one factor: a panel for first trials, whose forward returns mean nothing."""

from __future__ import annotations

import numpy as np

from backtest.data.panel.long_table import LongTable
from backtest.model import Bools, Floats, Sessions

STOCKS = 48
SEED = 20_251_231
LATE, DELISTED, COLLAPSED = 14, 10, 1
"""How many are listed after the first session, are delisted before the last, and collapse before that."""
YEAR = 252
"""Fewest sessions that a stock is listed."""
COLLAPSE, COLLAPSE_SESSIONS = -0.08, 30
"""Mean return a session of a stock that collapses, and for how long before its delisting."""
NOT_TRADED = 0.001
"""Share of sessions on which a listed stock has no close."""
PERSISTENCE, REACTION = 0.90, 0.07
"""How much of a stock's own variance stays from session to session, and how much its last own move adds."""
DEGREES = 5
"""Of freedom of the own moves' Student t distribution."""


def simulate_stocks(sessions: Sessions, market: Floats) -> LongTable:
    """Draw closes for each stock from its listing to its delisting.

    Parameters
    ----------
    sessions : ndarray of shape (n_sessions,), datetime64[D]
    market : ndarray of shape (n_sessions,)
        Total-return level that all stocks share.

    Returns
    -------
    LongTable
        One row per stock and session with a close, in dollars and cents, as near as four bytes come to them.
    """
    rng = np.random.default_rng(SEED)
    n = len(sessions)
    beta = rng.uniform(0.5, 1.6, STOCKS)
    factor = np.diff(np.log(market), prepend=np.log(market[0]))[:, None]
    returns = beta * factor + own_moves(n, rng)
    first, last = _lives(n, rng)
    for stock in np.flatnonzero(last < n - 1)[:COLLAPSED]:
        returns[last[stock] - COLLAPSE_SESSIONS : last[stock] + 1, stock] += COLLAPSE
    level = rng.uniform(15, 120, STOCKS) * np.exp(returns.cumsum(axis=0))
    close = np.round(level, 2).astype(np.float32).astype(np.float64)
    at = np.arange(n)[:, None]
    listed: Bools = (at >= first) & (at <= last) & (close > 0)
    traded = rng.random(close.shape) >= NOT_TRADED
    asset, session = np.nonzero((listed & (traded | (at == first) | (at == last))).T)
    names = tuple(f"SIM{stock:02}" for stock in range(1, STOCKS + 1))
    return LongTable(names, asset, sessions[session], {"close": close[session, asset]})


def own_moves(n: int, rng: np.random.Generator) -> Floats:
    """Draw each stock's own log returns, of shape (n, STOCKS): Student t, variance that follows its last moves."""
    usual = rng.uniform(0.008, 0.025, STOCKS) ** 2
    shocks = rng.standard_t(DEGREES, (n, STOCKS)) * np.sqrt((DEGREES - 2) / DEGREES)
    moves, variance = np.empty((n, STOCKS)), usual
    for t in range(n):
        moves[t] = np.sqrt(variance) * shocks[t]
        variance = (1 - PERSISTENCE - REACTION) * usual + PERSISTENCE * variance + REACTION * moves[t] ** 2
    return moves - usual / 2  # so that a stock gains nothing by its own moves, on average


def _lives(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw the first and the last session of each stock."""
    first, last = np.zeros(STOCKS, dtype=np.int64), np.full(STOCKS, n - 1)
    late, gone = rng.permutation(STOCKS)[:LATE], rng.permutation(STOCKS)[:DELISTED]
    first[late] = rng.integers(1, n - 2 * YEAR, LATE)
    last[gone] = rng.integers(first[gone] + YEAR, n - 1)
    return first, last
