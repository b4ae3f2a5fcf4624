"""Sums of what every asset-session of a panel gave, by session, by asset and by group: base rates of parts follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.model import Bools, Floats, Ints
from backtest.model.arrays import trues_by_row
from backtest.model.panel import Panel, Weight
from backtest.panel.base_rates import BaseRates
from backtest.panel.block_windows import Windows
from backtest.panel.on_block import AT_ONCE
from backtest.panel.panel_benchmark import Benchmark


@dataclass(frozen=True, eq=False)
class Grouping:
    """Groups of assets.

    Attributes
    ----------
    names : tuple of str
        Theirs, in order.
    number : ndarray of shape (n_assets,)
        The place of each asset's group among them; -1 for an asset of none.
    """

    names: tuple[str, ...]
    number: Ints

    def among(self, assets: slice) -> Grouping:
        """Return the same groups of some of the assets."""
        return replace(self, number=self.number[assets])


@dataclass(eq=False)
class PanelRates:
    """Sums over eligible asset-sessions whose window is complete.

    Attributes
    ----------
    total, count : ndarray of shape (n_sessions, n_horizons)
        Of the spreads of all assets from each session, and how many they are.
    total_of_asset, count_of_asset : ndarray of shape (n_assets, n_horizons)
        Of each asset.
    groups : tuple of BaseRates
        Of the assets of each group that is asked for.
    eligible : ndarray of shape (n_sessions, n_groups)
        On how many assets of each group an event could have been seen.
    """

    total: Floats
    count: Ints
    total_of_asset: Floats
    count_of_asset: Ints
    groups: tuple[BaseRates, ...]
    eligible: Ints

    @classmethod
    def none(cls, shape: tuple[int, int, int], weight: Weight, n_groups: int = 0) -> PanelRates:
        """Return the sums over nothing, for so many sessions, assets and horizons."""
        n_sessions, n_assets, n_horizons = shape
        by_session, by_asset = (n_sessions, n_horizons), (n_assets, n_horizons)
        return cls(
            np.zeros(by_session),
            np.zeros(by_session, dtype=np.int64),
            np.zeros(by_asset),
            np.zeros(by_asset, dtype=np.int64),
            tuple(BaseRates(n_sessions, n_horizons, weight) for _ in range(n_groups)),
            np.zeros((n_sessions, n_groups), dtype=np.int64),
        )

    def include(self, other: PanelRates, first: int) -> None:
        """Add the sums over other assets, which stand side by side from column `first` on."""
        assets = slice(first, first + len(other.total_of_asset))
        self.total += other.total
        self.count += other.count
        self.eligible += other.eligible
        self.total_of_asset[assets], self.count_of_asset[assets] = other.total_of_asset, other.count_of_asset
        for mine, theirs in zip(self.groups, other.groups, strict=True):
            mine.include(theirs)

    def add_assets(
        self,
        panel: Panel,
        eligible: Bools | Ints,
        windows: Sequence[Windows],
        benchmark: Benchmark | None,
        groups: Grouping,
        begin: int = 0,
    ) -> None:
        """Add the asset-sessions on which an event could have been seen.

        Parameters
        ----------
        panel : Panel
            Assets that were not added before.
        eligible : ndarray of shape (n_sessions, n_assets)
            Those asset-sessions.
        windows : sequence of Windows
            Of each horizon, as `windows_on` gives them.
        benchmark : Benchmark, optional
            What every asset is compared with.
        groups : Grouping
            Groups of these assets, none or more.
        begin : int
            The column of the first of these assets.
        """
        for first in range(0, len(panel), AT_ONCE):
            block = slice(first, first + AT_ONCE)
            close = np.asfortranarray(panel.close[:, block])
            entry = np.where(eligible[:, block], close, np.nan)
            compared = None if benchmark is None else benchmark.of(block)
            number, assets = groups.number[block], slice(begin + first, begin + first + close.shape[1])
            members = [(one, number == one) for one in np.unique(number[number >= 0]).tolist()]
            for one, of_group in members:
                self.eligible[:, one] += np.count_nonzero(eligible[:, block][:, of_group], axis=1)
            for column, each in enumerate(windows):
                spread = each.returns(close, entry)
                if compared is not None:
                    spread -= compared.forward(each.leave)
                missing = ~np.isfinite(spread)
                for one, of_group in members:
                    self.groups[one].add(column, spread.T[of_group].T, missing.T[of_group].T)
                np.copyto(spread, 0.0, where=missing)
                self.total[:, column] += spread.sum(axis=1)
                self.count[:, column] += missing.shape[1] - trues_by_row(missing)
                self.total_of_asset[assets, column] = spread.sum(axis=0)
                self.count_of_asset[assets, column] = len(missing) - missing.sum(axis=0)

    def base(self, first: int, last: int, weight: Weight) -> Floats:
        """Return the base rate from one session to another, both included, as `BaseRates` does; NaN without any."""
        total, count = self.total[first : last + 1], self.count[first : last + 1]
        if weight == "event":
            return mean_of_sums(total.sum(axis=0), count.sum(axis=0))
        means = mean_of_sums(total, count)
        return mean_of_sums(np.nan_to_num(means).sum(axis=0), (count > 0).sum(axis=0))


def mean_of_sums(total: Floats, count: Floats | Ints) -> Floats:
    """Return total over count; NaN where the count is zero."""
    return np.asarray(np.divide(total, count, where=count > 0, out=np.full(total.shape, np.nan)))
