"""The tradable version: long the asset, short the benchmark if there is one, after costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.errors import StudyRefused
from backtest.model import Bools, Floats, Ints, Sessions
from backtest.trade.account import Simulation, equity_of, figures_of
from backtest.trade.holdings import Holdings, held_at_close
from backtest.trade.orders import fill_orders, targets_of

RUIN = 1e-6
"""An account below this share of its value at entry is ruined."""


@dataclass(frozen=True, eq=False)
class TradeLevels:
    """Levels of the legs, shape (n_sessions, n_legs), the asset first: at the close, and at which orders fill."""

    closes: Floats
    fills: Floats


@dataclass(frozen=True, eq=False)
class Account:
    """The input of the simulation: all legs from the start of the account to the last session that every leg has.

    Attributes
    ----------
    closes, fills : ndarray of shape (n_rows, n_legs)
        Levels at the close, and at which orders fill.
    enter, leave : ndarray of shape (n_trades,)
        Rows of entry and exit; a trade whose exit is beyond the last row is still open.
    """

    closes: Floats
    fills: Floats
    enter: Ints
    leave: Ints


def account_of(levels: TradeLevels, sessions: Sessions, holdings: Holdings, first: int, cost_bps: float) -> Account:
    """Cut the levels to the life of the account, and refuse what cannot be simulated.

    Raises
    ------
    StudyRefused
        A level that the simulation needs is missing, or a loss takes the whole account.
    """
    closes, fills = levels.closes[first:], levels.fills[first:]
    last = _last_complete(closes)
    closes, fills = closes[: last + 1], fills[: last + 1]
    enter, leave = holdings.entry - first, holdings.exit - first
    held = held_at_close(enter, leave, len(closes))
    _refuse_missing(closes, fills, held, np.concatenate((enter, leave)), sessions[first:])
    # No position is held there, so the level does not matter.
    closes = np.where(held[:, None] | np.isfinite(closes), closes, 1.0)
    _refuse_ruin(closes, fills, enter, leave, sessions[first:], cost_bps / 1e4)
    return Account(closes, fills, enter, leave)


def simulate(
    levels: TradeLevels,
    sessions: Sessions,
    holdings: Holdings,
    first: int,
    cost_bps: float,
    sessions_a_year: int = 252,
) -> Simulation:
    """Simulate the holdings in one account; each leg has the size of the account's equity at entry.

    Parameters
    ----------
    levels : TradeLevels
        Levels of the legs.
    sessions : ndarray of shape (n_sessions,)
        The trading days.
    holdings : Holdings
        From `plan_holdings`.
    first : int
        Session position at which the account starts.
    cost_bps : float
        Costs of every order, in basis points of the traded value, for every leg at entry and at exit.
    sessions_a_year : int, optional
        The Sharpe ratio is annualised by its square root.

    Raises
    ------
    StudyRefused
        A level that the simulation needs is missing, or a loss takes the whole account.
    """
    account = account_of(levels, sessions, holdings, first, cost_bps)
    orders = fill_orders(account.fills, account.enter, account.leave, cost_bps / 1e4)
    equity = equity_of(orders, account.closes)
    rows = account.enter, account.leave
    return figures_of(equity, account.closes, account.fills, *rows, first, cost_bps, sessions_a_year)


def _last_complete(closes: Floats) -> int:
    known = np.flatnonzero(np.isfinite(closes).all(axis=1))
    return int(known[-1]) if len(known) else -1


def _refuse_missing(closes: Floats, fills: Floats, held: Bools, orders: Ints, sessions: Sessions) -> None:
    missing = np.isnan(closes.sum(axis=1)) & held
    filled = orders[orders < len(closes)]
    missing[filled] |= np.isnan(fills[filled].sum(axis=1))
    if not len(closes) or missing.any():
        where = sessions[int(np.argmax(missing))] if len(closes) else "every session"
        raise StudyRefused(
            f"the trade cannot be simulated: a leg has no level on {where}.",
            "Use --no-trade, another trade.entry, or episodes.since on a later day.",
        )


def _refuse_ruin(closes: Floats, fills: Floats, enter: Ints, leave: Ints, sessions: Sessions, cost: float) -> None:
    """Refuse a holding that loses everything: losses on a short are unlimited, and an account ends at zero."""
    n = len(closes)
    targets = np.array(targets_of(closes.shape[1], cost))
    traded = np.abs(targets)
    for begin, end in zip(enter[enter < n].tolist(), leave[enter < n].tolist(), strict=True):
        worth = closes[begin:end] / fills[begin]
        paid = np.full(len(worth), traded.sum())
        if end < n:
            worth = np.vstack((worth, fills[end] / fills[begin]))
            paid = np.append(paid, traded.sum() + worth[-1] @ traded)
        left = 1.0 + (worth - 1.0) @ targets - cost * paid
        ruined = np.flatnonzero(left <= RUIN)
        if len(ruined):
            raise StudyRefused(
                f"the trade cannot be simulated: entered on {sessions[begin]}, it loses the whole account by "
                f"{sessions[begin + int(ruined[0])]}.",
                "Use --no-trade, or a shorter trade.hold.",
            )
