"""The same past with another future: a detector must not notice the difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from backtest.model import Contracts, Floats, Prices
from backtest.model.views import Changed, contracts_until

Future = Literal["other", "up", "down", "missing", "kept"]
FUTURES: tuple[Future, ...] = ("other", "up", "down", "missing")
"""Another random path from the same start; all values higher; all lower; all missing."""
JUMP = 1.5
"""Factor by which levels are multiplied in a higher future and divided in a lower one."""
JUMP_SDS = 10.0
"""Standard deviations of their changes by which other numbers are moved there."""

QUOTES = 0.05
"""Standard deviation of the one-session change of futures quotes, in percentage points."""

Change = Callable[[Floats, int], Floats]


def counterfactual(prices: Prices, name: str, last: int, future: Future, seed: int, gap: int = 0) -> Prices:
    """Return a history in which one series continues differently after a session.

    Parameters
    ----------
    prices : Prices
        The history as recorded, without publication lags.
    name : str
        The series, by its own name.
    last : int
        The last session with unchanged values.
    future : str
        What comes after it: one of `FUTURES`, or ``"kept"``.
    seed : int
        Seed of the random path.
    gap : int
        Number of sessions up to and including `last` that lose their values.

    Returns
    -------
    Prices
        Sessions and all other series are the same; opens, highs and lows move with their close. Missing values stay
        missing.
    """
    n = len(prices)
    change = _change(prices, name, future, np.random.default_rng([seed, last + n]))

    def column(key: str, values: Floats) -> Floats:
        if key != name:
            return values
        new = values.copy()
        new[last + 1 :] = change(values, last)[last + 1 :]
        new[max(last + 1 - gap, 0) : last + 1] = np.nan
        new.flags.writeable = False
        return new

    def table(key: str, quotes: Contracts) -> Contracts:
        return quotes if key != name else _other_quotes(quotes, last, future, change, n, gap)

    columns, tables = Changed(prices.columns, column), Changed(prices.tables, table)
    return prices.on(columns, tables)


def _change(prices: Prices, name: str, future: Future, rng: np.random.Generator) -> Change:
    """Return the function that changes all values after a session; the same for all columns of a series."""
    draws = rng.standard_normal(len(prices))

    def change(values: Floats, last: int) -> Floats:
        if future == "kept":
            return values
        if future == "missing":
            return np.full(len(values), np.nan)
        walk = np.cumsum(np.where(np.arange(len(values)) > last, draws, 0.0))
        side = {"other": 0.0, "up": 1.0, "down": -1.0}[future]
        if prices.series[name].basis is not None:
            factor: Floats = np.exp(side * np.log(JUMP) + 0.01 * walk)
            return values * factor
        kind = prices.series[name].kind
        scale = QUOTES if kind == "futures" else _scale(values)
        moved: Floats = side * JUMP_SDS + (walk if kind in ("rate", "futures") else draws)
        return values + scale * moved

    return change


def _scale(values: Floats) -> float:
    """Return the standard deviation of the one-session changes; 1 if there are none."""
    changes = np.diff(values[np.isfinite(values)])
    scale = float(changes.std()) if len(changes) else 0.0
    return scale or 1.0


def _other_quotes(quotes: Contracts, last: int, future: Future, change: Change, n: int, gap: int) -> Contracts:
    """Change all quotes of a session by the same amount: the curve moves as a whole."""
    if future == "missing":
        kept = contracts_until(quotes, last + 1)
    else:
        per_session = change(np.zeros(n), last)
        price = quotes.price + np.where(quotes.session > last, per_session[quotes.session], 0.0)
        kept = replace(quotes, price=price)
    if gap:
        kept = kept.take((kept.session <= last - gap) | (kept.session > last))
    return kept
