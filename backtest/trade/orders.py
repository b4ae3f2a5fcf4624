"""Orders of the simulated account, filled by vectorbt's Rust engine.

The engine fills one order at a time and keeps no account. It is imported without vectorbt, which takes seconds to
import; tests compare every fill with ``vectorbt.Portfolio``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from vectorbt_rust.portfolio import ProcessOrderState, execute_order_rs, order_rs

from backtest.model import Floats, Ints

TARGET_PERCENT = 5
"""vectorbt's ``SizeType.TargetPercent``: a position as a share of the account's value."""


@dataclass(frozen=True, eq=False)
class Fills:
    """Every order of an account, in the order of their fills; arrays of shape (n_orders,).

    Attributes
    ----------
    row : ndarray of int
        Row of the account.
    leg : ndarray of int
        0 for the asset, 1 for the benchmark.
    size : ndarray
        Units bought; negative if sold.
    price, fees : ndarray
        The price of the fill, and its costs in money.
    cash : ndarray
        Cash of the account after the fill.
    """

    row: Ints
    leg: Ints
    size: Floats
    price: Floats
    fees: Floats
    cash: Floats


def targets_of(n_legs: int, cost: float) -> tuple[float, ...]:
    """Return the positions, the asset first, as shares of the account's value at entry.

    A short sale pays for the purchase and its costs. Without a benchmark, the cash buys as much of the asset as it can,
    including costs: ``1 / (1 + cost)``.
    """
    return (1.0, -1.0) if n_legs > 1 else (1.0 / (1.0 + cost),)


def fill_orders(prices: Floats, enter: Ints, leave: Ints, cost: float) -> Fills:
    """Fill the orders of entry and exit, in the sizes of `targets_of`; sales first, to pay for purchases.

    Parameters
    ----------
    prices : ndarray of shape (n_rows, n_legs)
        Prices at which orders fill, the asset first.
    enter, leave : ndarray of shape (n_trades,)
        Rows of entry and exit; those beyond the last row are not filled.
    cost : float
        Costs of an order, as a fraction of the traded value.
    """
    n_legs = prices.shape[1]
    held, flat = targets_of(n_legs, cost), (0.0,) * n_legs
    rows = [(row, held) for row in enter.tolist()] + [(row, flat) for row in leave.tolist()]
    account = _Account(cost, n_legs)
    for row, target in sorted(pair for pair in rows if pair[0] < len(prices)):
        account.rebalance(row, prices[row].tolist(), target)
    columns = zip(*account.fills, strict=True) if account.fills else [()] * 6
    row_, leg, size, price, fees, cash = (np.array(column) for column in columns)
    return Fills(row_.astype(np.int64), leg.astype(np.int64), size, price, fees, cash)


class _Account:
    """Cash and positions in the engine's form; debt is the proceeds of short sales."""

    def __init__(self, cost: float, n_legs: int) -> None:
        self.cost = cost
        self.cash, self.free_cash = 1.0, 1.0
        self.position, self.debt = [0.0] * n_legs, [0.0] * n_legs
        self.fills: list[tuple[int, int, float, float, float, float]] = []

    def rebalance(self, row: int, prices: list[float], target: tuple[float, ...]) -> None:
        value = self.cash + sum(held * price for held, price in zip(self.position, prices, strict=True))
        change = [target[leg] * value - self.position[leg] * prices[leg] for leg in range(len(target))]
        for leg in sorted(range(len(target)), key=change.__getitem__):
            self._fill(row, leg, prices[leg], target[leg], value)

    def _fill(self, row: int, leg: int, price: float, target: float, value: float) -> None:
        state = ProcessOrderState(
            self.cash, self.position[leg], self.debt[leg], self.free_cash, price, value, len(self.fills), 0
        )
        order = order_rs(
            size=target,
            price=price,
            size_type=TARGET_PERCENT,
            fees=self.cost,
            allow_partial=False,
            raise_reject=True,
        )
        after, result = execute_order_rs(state, order)
        if result.status != 0:  # 0 means filled; orders that cannot be paid were refused earlier
            raise RuntimeError(f"order of leg {leg} on row {row} was not filled: status {result.status}")
        self.cash, self.free_cash = after.cash, after.free_cash
        self.position[leg], self.debt[leg] = after.position, after.debt
        size = result.size if result.side == 0 else -result.size
        self.fills.append((row, leg, size, result.price, result.fees, after.cash))
