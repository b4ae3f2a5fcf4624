"""The tradable version of a study: its holdings, simulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest.model import Detection, Field
from backtest.model.rounding import are_hits
from backtest.plan import Plan
from backtest.spec.strategy import TradeTable
from backtest.study.base_rate import BaseRate
from backtest.trade.account import Simulation
from backtest.trade.holdings import Holdings, plan_holdings
from backtest.trade.portfolio import portfolio_of_account
from backtest.trade.simulate import TradeLevels, account_of, simulate


@dataclass(frozen=True, eq=False)
class Trade:
    """A simulated trade.

    Attributes
    ----------
    rules : TradeTable
        The strategy's rules for it.
    holdings : Holdings
        When a position is held.
    simulation : Simulation
        The result.
    """

    rules: TradeTable
    holdings: Holdings
    simulation: Simulation

    @property
    def n_trades(self) -> int:
        """Holdings entered within the data."""
        return len(self.simulation.net_return)

    @property
    def last(self) -> int:
        """Session position of the last row of the account."""
        return self.simulation.first + len(self.simulation.equity) - 1

    @property
    def open_trades(self) -> int:
        """Holdings whose exit lies after the data."""
        return int((self.holdings.exit[: self.n_trades] > self.last).sum())

    @property
    def hit_rate(self) -> float | None:
        """Share of profitable trades; a profit that rounds to zero does not count. None without a trade."""
        return float(are_hits(self.simulation.net_return).mean()) if self.n_trades else None

    @property
    def sharpe(self) -> float | None:
        """Annualised Sharpe ratio; None if the account never moved."""
        return float(self.simulation.sharpe) if np.isfinite(self.simulation.sharpe) else None


def levels_of(plan: Plan, rules: TradeTable) -> TradeLevels:
    """Return the levels of the legs, at the close and where orders are filled.

    Raises
    ------
    StudyRefused
        A leg has no opens, and the trade enters at the open.
    """
    prices, names = plan.dataset.prices, plan.strategy.measure.legs.values()
    of: Field = "open" if rules.entry == "next_open" else "close"
    closes, fills = [prices.close(name) for name in names], [prices.values(name, of) for name in names]
    return TradeLevels(np.column_stack(closes), np.column_stack(fills))


def holdings_of(plan: Plan, detection: Detection, base_rate: BaseRate, rules: TradeTable) -> tuple[Holdings, int]:
    """Return the holdings, and the session position at which the account starts."""
    first = max(detection.window[0], base_rate.begins)
    knowable = detection.events.knowable
    return plan_holdings(knowable[knowable >= first], rules.hold, len(plan.dataset.prices)), first


def until_the_end(levels: TradeLevels, holdings: Holdings, last: int) -> TradeLevels:
    """Cut the levels after the account ends: at the end of the sample window, or at the last exit if that is later.

    Parameters
    ----------
    last : int
        Session position of the end of the sample window.
    """
    stop = max(last, int(holdings.exit.max(initial=last))) + 1
    return TradeLevels(levels.closes[:stop], levels.fills[:stop])


def simulate_trade(plan: Plan, detection: Detection, base_rate: BaseRate, rules: TradeTable) -> Trade:
    """Simulate the tradable version.

    Raises
    ------
    StudyRefused
        A level that the simulation needs is missing, or the account is ruined.
    """
    with plan.errors_located():
        levels = levels_of(plan, rules)
    holdings, first = holdings_of(plan, detection, base_rate, rules)
    levels = until_the_end(levels, holdings, detection.window[1])
    prices = plan.dataset.prices
    simulation = simulate(levels, prices.sessions, holdings, first, rules.cost_bps, prices.sessions_a_year)
    return Trade(rules, holdings, simulation)


def portfolio_of(plan: Plan, detection: Detection, base_rate: BaseRate, rules: TradeTable) -> Any:  # noqa: ANN401
    """Return vectorbt's Portfolio of the same orders; imports vectorbt, which takes seconds.

    Raises
    ------
    StudyRefused
        As `simulate_trade`.
    """
    with plan.errors_located():
        levels = levels_of(plan, rules)
    holdings, first = holdings_of(plan, detection, base_rate, rules)
    levels = until_the_end(levels, holdings, detection.window[1])
    sessions = plan.dataset.prices.sessions
    account = account_of(levels, sessions, holdings, first, rules.cost_bps)
    return portfolio_of_account(account, sessions[first : first + len(account.closes)], rules.cost_bps)
