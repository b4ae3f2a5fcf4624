"""The simulated trade: an account of two trades, by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.selftest.witnessed import Check, compare
from backtest.trade.holdings import plan_holdings
from backtest.trade.simulate import TradeLevels, simulate

ASSET = [50.0, 50.0, 55.0, 60.0, 60.0, 40.0, 44.0]
BENCHMARK = [20.0, 20.0, 21.0, 22.0, 22.0, 10.0, 10.5]
HAND = "by hand; vectorbt's engine fills the orders"
COST = 10.0
CLOSE = 1e-13


def trade_checks() -> Iterator[Check]:
    """Compare the account of two holdings of two sessions, long and short, after costs of ten basis points."""
    levels = np.column_stack((ASSET, BENCHMARK))
    days = np.arange(len(levels)) + np.datetime64("2024-01-01")
    holdings = plan_holdings(np.array([0, 4]), 2, len(levels))
    yield compare("entries, a session after the event", "by hand", [1, 5], holdings.entry)
    yield compare("exits", "by hand", [3, 7], holdings.exit)
    found = simulate(TradeLevels(levels, levels), days, holdings, 0, COST)
    fee = COST / 1e4
    # Long 1 of the asset at 50, short 1 of the benchmark at 20: on session 2 +10% and +5%, on session 3 +20% and +10%.
    # Two orders at entry, and two at exit, for what the positions are worth then.
    first = 1 - 2 * fee + 0.20 - 0.10 - fee * (1.20 + 1.10)
    # The second enters at 40 and 10 with the whole account, and is open at the end: +10% and +5%.
    last = first * (1 - 2 * fee + 0.10 - 0.05)
    equity = [1, 1 - 2 * fee, 1 - 2 * fee + 0.05, first, first, first * (1 - 2 * fee), last]
    yield compare("value at each close", HAND, equity, found.equity, CLOSE)
    yield compare("net returns of the trades", HAND, [first - 1, last / first - 1], found.net_return, CLOSE)
    yield compare("total return", HAND, last - 1, found.total_return, CLOSE)
    drop = min(-2 * fee, equity[5] / equity[4] - 1)
    yield compare("deepest fall", HAND, drop, found.max_drawdown, CLOSE)
    one = simulate(TradeLevels(levels[:, :1], levels[:, :1]), days, plan_holdings(np.array([0]), 2, 7), 0, COST)
    # All the cash, including costs: 1 / 1.001 of the asset at 50, sold at 60 minus a thousandth.
    yield compare("the asset alone", HAND, 1.2 / (1 + fee) * (1 - fee) - 1, one.total_return, CLOSE)
