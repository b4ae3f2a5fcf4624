"""Sums of what every asset-session of a panel gave, by session and by asset: base rates of its parts follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Floats, Ints
from backtest.model.panel import Panel
from backtest.panel.base_rates import Weight
from backtest.panel.block_windows import windows_on
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import Benchmark
from backtest.panel.panel_forward import AT_ONCE, PanelForward


@dataclass(frozen=True, eq=False)
class PanelRates:
    """Sums over eligible asset-sessions whose window is complete.

    Attributes
    ----------
    total, count : ndarray of shape (n_sessions, n_horizons)
        Of the spreads of all assets from each session, and how many they are.
    total_of_asset, count_of_asset : ndarray of shape (n_assets, n_horizons)
        Of each asset.
    """

    total: Floats
    count: Ints
    total_of_asset: Floats
    count_of_asset: Ints

    def base(self, first: int, last: int, weight: Weight) -> Floats:
        """Return the base rate from one session to another, both included, as `BaseRates` does; NaN without any."""
        total, count = self.total[first : last + 1], self.count[first : last + 1]
        if weight == "event":
            return mean_of_sums(total.sum(axis=0), count.sum(axis=0))
        means = mean_of_sums(total, count)
        return mean_of_sums(np.nan_to_num(means).sum(axis=0), (count > 0).sum(axis=0))


def rates_on_panel(panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None) -> PanelRates:
    """Sum over the asset-sessions on which an event could have been seen; arguments as of `infer_on_panel`."""
    by_session, by_asset = (len(panel.common), len(forward.horizons)), (len(panel), len(forward.horizons))
    total, count = np.zeros(by_session), np.zeros(by_session, dtype=np.int64)
    total_of_asset, count_of_asset = np.zeros(by_asset), np.zeros(by_asset, dtype=np.int64)
    windows = windows_on(panel.common, forward.horizons)
    for first in range(0, len(panel), AT_ONCE):
        block = slice(first, first + AT_ONCE)
        close = np.asfortranarray(panel.close[:, block])
        entry = np.where(events.eligible[:, block], close, np.nan)
        compared = None if benchmark is None else benchmark.of(block)
        for column, each in enumerate(windows):
            spread = each.returns(close, entry)
            if compared is not None:
                spread -= compared.forward(each.leave)
            complete = np.isfinite(spread)
            np.copyto(spread, 0.0, where=~complete)
            total[:, column] += spread.sum(axis=1)
            count[:, column] += complete.sum(axis=1)
            total_of_asset[block, column] = spread.sum(axis=0)
            count_of_asset[block, column] = complete.sum(axis=0)
    return PanelRates(total, count, total_of_asset, count_of_asset)


def mean_of_sums(total: Floats, count: Floats | Ints) -> Floats:
    """Return total over count; NaN where the count is zero."""
    return np.asarray(np.divide(total, count, where=count > 0, out=np.full(total.shape, np.nan)))
