"""The account: its value at every close, and the figures of its trades."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Floats, Ints
from backtest.trade.holdings import held_at_close
from backtest.trade.orders import Fills, targets_of


@dataclass(frozen=True, eq=False)
class Simulation:
    """The result of the simulation.

    Attributes
    ----------
    first : int
        Session position of the first row of `equity`.
    equity, exposure : ndarray of shape (n_sessions - first,)
        Value of the account at the close, 1 at the start; 1 if a position is held at the close, else 0.
    leg_returns : ndarray of shape (n_trades, n_legs)
        Return of each leg, the asset first, before costs; an open trade is valued at the last close.
    costs, net_return : ndarray of shape (n_trades,)
        Fractions of the equity at entry.
    total_return, max_drawdown : float
        Fractions; the drawdown is at most 0.
    sharpe : float
        Annualised over all sessions from `first` on; NaN if the account never moved.
    """

    first: int
    equity: Floats
    exposure: Floats
    leg_returns: Floats
    costs: Floats
    net_return: Floats
    total_return: float
    max_drawdown: float
    sharpe: float


def equity_of(fills: Fills, closes: Floats) -> Floats:
    """Return the value of the account at every close: cash plus the positions at the close.

    Parameters
    ----------
    fills : Fills
        Every order of the account, which starts with 1.
    closes : ndarray of shape (n_rows, n_legs)
        Closing levels of the legs; any number if no position is held.
    """
    n = len(closes)
    value = np.empty(n)
    begins = np.append(fills.row, n)
    cash, position = 1.0, np.zeros(closes.shape[1])
    value[: begins[0]] = cash
    for i, (leg, size, left) in enumerate(zip(fills.leg, fills.size, fills.cash, strict=True)):
        cash, position[leg] = left, position[leg] + size
        stretch = slice(begins[i], begins[i + 1])
        value[stretch] = cash + closes[stretch] @ position
    return value


def figures_of(
    equity: Floats,
    closes: Floats,
    fills: Floats,
    enter: Ints,
    leave: Ints,
    first: int,
    cost_bps: float,
    sessions_a_year: int = 252,
) -> Simulation:
    """Collect the figures of an account from its equity and its holdings."""
    n = len(closes)
    targets = np.array(targets_of(closes.shape[1], cost_bps / 1e4))
    traded = np.abs(targets)
    taken = enter < n
    enter, leave = enter[taken], leave[taken]
    is_open = leave >= n
    out = np.where(is_open[:, None], closes[-1], fills[np.minimum(leave, n - 1)])
    legs = out / fills[enter] - 1.0
    exposure = held_at_close(enter, leave, n).astype(np.float64)
    growth = 1.0 + legs
    costs = cost_bps / 1e4 * (traded.sum() + np.where(is_open, 0.0, growth @ traded))
    daily = np.diff(equity, prepend=1.0) / np.concatenate(([1.0], equity[:-1]))
    deviation = float(daily.std(ddof=1)) if n > 1 else 0.0
    return Simulation(
        first,
        equity,
        exposure,
        legs,
        costs,
        legs @ targets - costs,
        float(equity[-1] - 1.0),
        float((equity / np.maximum.accumulate(equity) - 1.0).min()),
        float(daily.mean() / deviation * np.sqrt(sessions_a_year)) if deviation > 0 else float("nan"),
    )
