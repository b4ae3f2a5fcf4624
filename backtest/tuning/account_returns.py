"""The simulated account of each set of a search, as its returns from close to close."""

from __future__ import annotations

import numpy as np

from backtest.errors import StudyRefused
from backtest.lookahead.guard import Passed
from backtest.model import Floats, Ints
from backtest.spec.strategy import Strategy, TradeTable
from backtest.study.detect_events import Cache, detect_events
from backtest.study.trading import simulate_trade
from backtest.tuning.search import Search


def trade_of(strategy: Strategy) -> TradeTable:
    """Return the trade whose account is judged.

    Raises
    ------
    StudyRefused
        The strategy has none.
    """
    if strategy.trade is None:
        raise StudyRefused(
            f"--objective sharpe: {strategy.name} has no [trade] table, so that there is no account.",
            "Add one, for example [trade] with hold = 21.",
        )
    return strategy.trade


class AccountReturns:
    """The accounts of a search, simulated as `backtest run` does.

    Parameters
    ----------
    found : Search
        The search.

    Attributes
    ----------
    refused : dict of int to str
        Why a set's trade cannot be simulated, by set.

    Raises
    ------
    StudyRefused
        The strategy has no trade.
    """

    def __init__(self, found: Search) -> None:
        self._found, self._rules = found, trade_of(found.plan.strategy)
        self._passed: Passed = found.passed
        self._conditions: Cache = {}
        self._made: dict[int, tuple[int, Floats]] = {}
        self.refused: dict[int, str] = {}

    def of(self, at: int) -> tuple[int, Floats]:
        """Return a set's first session position and its returns from there on; none where it cannot be simulated."""
        if at not in self._made:
            self._made[at] = self._simulated(at)
        return self._made[at]

    def sums(self, at: int, piece: Ints, n: int) -> list[Floats]:
        """Return, by piece: sessions, sum and sum of squares of the returns, and sessions times those of a year."""
        first, returns = self.of(at)
        lies = piece[first : first + len(returns)]
        inside = lies >= 0
        lies, returns = lies[inside], returns[inside]
        days = np.bincount(lies, minlength=n).astype(np.float64)
        a_year = self._found.plan.dataset.prices.sessions_a_year
        sums = [np.bincount(lies, weights, n).astype(np.float64) for weights in (returns, returns**2)]
        return [days, *sums, days * a_year]

    def _simulated(self, at: int) -> tuple[int, Floats]:
        trial = self._found.trials[at]
        if not len(trial.day0):
            return 0, np.zeros(0)
        plan = self._found.plan.vary(trial.parameters)
        detection = detect_events(plan, self._conditions, passed=self._passed)
        try:
            trade = simulate_trade(plan, detection, trial.base_rate, self._rules).simulation
        except StudyRefused as error:
            self.refused[at] = str(error)
            return 0, np.zeros(0)
        equity = trade.equity
        return trade.first, np.diff(equity, prepend=1.0) / np.concatenate(([1.0], equity[:-1]))
