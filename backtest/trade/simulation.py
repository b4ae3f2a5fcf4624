"""The tradable version: long the asset, short the benchmark, after costs. The only file that imports vectorbt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest.errors import StudyRefused
from backtest.model import Bools, Floats, Ints, Sessions

YEAR = 252
"""Sessions a year, for the annualised Sharpe ratio."""
RUIN = 1e-6
"""An account of less than this share of what it was at entry is ruined."""


@dataclass(frozen=True, eq=False)
class Holdings:
    """When a position is held; all arrays of shape (n_trades,) hold session positions.

    Attributes
    ----------
    entry, exit : ndarray
        Sessions of entry and exit; an exit after the history means that the trade is still open.
    events : ndarray
        How many events opened or extended the holding.
    """

    entry: Ints
    exit: Ints
    events: Ints


@dataclass(frozen=True, eq=False)
class TradeLevels:
    """Levels of both legs, shape (n_sessions,): at the close, and at the moment of the day at which orders fill."""

    asset: Floats
    benchmark: Floats
    asset_fill: Floats
    benchmark_fill: Floats


@dataclass(frozen=True, eq=False)
class Simulation:
    """What the simulation gives.

    Attributes
    ----------
    first : int
        Session position of the first row of `equity`.
    equity, exposure : ndarray of shape (n_sessions - first,)
        Value of the account at the close, 1 at the start; 1 where a position is held at the close, else 0.
    asset_return, benchmark_return, costs, net_return : ndarray of shape (n_trades,)
        Fractions of the equity at entry. An open trade is valued at the last close.
    total_return, max_drawdown : float
        Fractions; the drawdown is at most 0.
    sharpe : float
        Annualised over all sessions from `first` on; NaN where the account never moved.
    """

    first: int
    equity: Floats
    exposure: Floats
    asset_return: Floats
    benchmark_return: Floats
    costs: Floats
    net_return: Floats
    total_return: float
    max_drawdown: float
    sharpe: float


def plan_holdings(knowable: Ints, hold: int, n_sessions: int) -> Holdings:
    """Turn events into holdings: entered on the session after an event is known, held `hold` sessions from there.

    An event that becomes known while a position is held extends the holding; a holding that would be entered after the
    history is no trade yet.

    Parameters
    ----------
    knowable : ndarray of shape (n_events,)
        Session positions at whose close the events are known, rising.
    hold : int
        Sessions held after the last event.
    n_sessions : int
        Length of the history.
    """
    entry = knowable[knowable + 1 < n_sessions] + 1
    if not len(entry):
        empty = np.zeros(0, dtype=np.int64)
        return Holdings(empty, empty, empty)
    opens = np.concatenate(([True], np.diff(entry) > hold))
    first = np.flatnonzero(opens)
    last = np.concatenate((first[1:], [len(entry)])) - 1
    return Holdings(entry[first], entry[last] + hold, last - first + 1)


def simulate(levels: TradeLevels, sessions: Sessions, holdings: Holdings, first: int, cost_bps: float) -> Simulation:
    """Simulate the holdings with vectorbt: one account, both legs of the size of its equity at entry.

    Parameters
    ----------
    levels : TradeLevels
        Levels of both legs.
    sessions : ndarray of shape (n_sessions,)
        The trading days.
    holdings : Holdings
        As `plan_holdings` gives them.
    first : int
        Session position at which the account starts.
    cost_bps : float
        Costs of every order, in basis points of what is traded, on both legs at entry and at exit.

    Raises
    ------
    StudyRefused
        A level that the simulation needs is missing, or the short leg's loss takes the whole account.
    """
    closes = np.column_stack((levels.asset, levels.benchmark))[first:]
    fills = np.column_stack((levels.asset_fill, levels.benchmark_fill))[first:]
    last = _last_complete(closes)
    closes, fills = closes[: last + 1], fills[: last + 1]
    enter, leave = holdings.entry - first, holdings.exit - first
    held = _held(enter, leave, len(closes))
    _refuse_missing(closes, fills, held, np.concatenate((enter, leave)), sessions[first:])
    # Nothing is held there, so the level is not looked at; vectorbt wants a number all the same.
    closes = np.where(held[:, None] | np.isfinite(closes), closes, 1.0)
    _refuse_ruin(closes, fills, enter, leave, sessions[first:], cost_bps / 1e4)
    size = np.full(closes.shape, np.nan)
    size[leave[leave <= last]] = 0.0
    size[enter[enter <= last]] = (1.0, -1.0)
    portfolio = _portfolio(closes, fills, size, sessions[first : first + last + 1], cost_bps)
    equity = np.asarray(portfolio.value(), dtype=np.float64)
    return _figures(equity, closes, fills, enter, leave, first, cost_bps)


def _last_complete(closes: Floats) -> int:
    both = np.flatnonzero(np.isfinite(closes).all(axis=1))
    return int(both[-1]) if len(both) else -1


def _held(enter: Ints, leave: Ints, n: int) -> Bools:
    """Flag the sessions at whose close a position is held."""
    held = np.zeros(n, dtype=np.bool_)
    for begin, end in zip(enter.tolist(), leave.tolist(), strict=True):
        held[begin:end] = True
    return held


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
    """Refuse a holding that loses all: a short loses without limit, and no account goes on below zero."""
    n = len(closes)
    for begin, end in zip(enter[enter < n].tolist(), leave[enter < n].tolist(), strict=True):
        worth = closes[begin:end] / fills[begin]
        paid = np.full(len(worth), 2.0)
        if end < n:
            worth = np.vstack((worth, fills[end] / fills[begin]))
            paid = np.append(paid, 2.0 + worth[-1].sum())
        left = 1.0 + worth[:, 0] - worth[:, 1] - cost * paid
        ruined = np.flatnonzero(left <= RUIN)
        if len(ruined):
            raise StudyRefused(
                f"the trade cannot be simulated: entered on {sessions[begin]}, it loses the whole account by "
                f"{sessions[begin + int(ruined[0])]}.",
                "Use --no-trade, or a shorter trade.hold.",
            )


def _portfolio(closes: Floats, fills: Floats, size: Floats, sessions: Sessions, cost_bps: float) -> Any:  # noqa: ANN401
    import warnings

    import pandas as pd

    with warnings.catch_warnings():  # importing vectorbt changes the caller's warning filters; this puts them back
        warnings.simplefilter("ignore")  # also where Python was told to take warnings for errors
        import vectorbt as vbt

    index = pd.DatetimeIndex(sessions)
    names = ["asset", "benchmark"]
    return vbt.Portfolio.from_orders(
        pd.DataFrame(closes, index=index, columns=names),
        size=pd.DataFrame(size, index=index, columns=names),
        price=pd.DataFrame(np.where(np.isfinite(fills), fills, closes), index=index, columns=names),
        size_type="targetpercent",
        fees=cost_bps / 1e4,
        init_cash=1.0,
        group_by=True,
        cash_sharing=True,
        call_seq="auto",  # sell before buying, so that the short sale pays for the purchase and no order is cut
        allow_partial=False,
        raise_reject=True,
        freq="1D",
        engine="rust",
    )


def _figures(
    equity: Floats,
    closes: Floats,
    fills: Floats,
    enter: Ints,
    leave: Ints,
    first: int,
    cost_bps: float,
) -> Simulation:
    n = len(closes)
    taken = enter < n
    enter, leave = enter[taken], leave[taken]
    is_open = leave >= n
    out = np.where(is_open[:, None], closes[-1], fills[np.minimum(leave, n - 1)])
    legs = out / fills[enter] - 1.0
    exposure = _held(enter, leave, n).astype(np.float64)
    growth = 1.0 + legs
    costs = cost_bps / 1e4 * (2.0 + np.where(is_open, 0.0, growth.sum(axis=1)))
    daily = np.diff(equity, prepend=1.0) / np.concatenate(([1.0], equity[:-1]))
    deviation = float(daily.std(ddof=1)) if n > 1 else 0.0
    return Simulation(
        first,
        equity,
        exposure,
        legs[:, 0],
        legs[:, 1],
        costs,
        legs[:, 0] - legs[:, 1] - costs,
        float(equity[-1] - 1.0),  # vectorbt's own figures take differences below a billionth for none
        float((equity / np.maximum.accumulate(equity) - 1.0).min()),
        float(daily.mean() / deviation * np.sqrt(YEAR)) if deviation > 0 else float("nan"),
    )
