"""The base rate of a panel: sums over its eligible asset-sessions, which blocks of assets add up to."""

from __future__ import annotations

import math

import numpy as np

from backtest.model import Bools, Floats, Ints
from backtest.model.arrays import trues_by_row
from backtest.model.panel import Weight
from backtest.model.rounding import are_hits


class BaseRates:
    """Sums over eligible asset-sessions, by horizon; weighted by date, by session, too.

    By event, the spreads of each asset are summed, and the sums of assets are added exactly: neither the order of the
    assets nor their division into blocks makes a difference. By date, the blocks must be added in the same order.

    Parameters
    ----------
    n_sessions, n_horizons : int
        Of the panel.
    weight : {"event", "date"}
        Whether every asset-session counts the same, or every session.
    """

    def __init__(self, n_sessions: int, n_horizons: int, weight: Weight) -> None:
        shape = n_sessions if weight == "date" else 1, n_horizons
        self._weight = weight
        self._by_asset: list[list[float]] = [[] for _ in range(n_horizons)]
        self._total = np.zeros(shape)
        self._hits, self._count = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        self.complete = np.zeros(n_horizons, dtype=np.int64)
        """Eligible asset-sessions whose window is complete, by horizon."""

    def add(self, horizon: int, spread: Floats, missing: Bools) -> None:
        """Add some assets.

        Parameters
        ----------
        horizon : int
            Its column.
        spread : ndarray of shape (n_sessions, n_assets)
            Of these assets, one asset after another in memory. It is changed: what is missing becomes zero.
        missing : ndarray of shape (n_sessions, n_assets)
            Where it is not complete or not eligible. A spread that is infinite is missing, too.
        """
        np.copyto(spread, 0.0, where=missing)
        total = spread.sum(axis=0 if self._weight == "event" else 1)
        if not np.isfinite(total).all() and not (finite := np.isfinite(spread)).all():
            self.add(horizon, spread, missing | ~finite)
            return
        self.complete[horizon] += missing.size - np.count_nonzero(missing)
        if self._weight == "event":
            self._by_asset[horizon] += total.tolist()
            self._hits[0, horizon] += np.count_nonzero(are_hits(spread))
        else:
            self._total[:, horizon] += total
            self._hits[:, horizon] += trues_by_row(are_hits(spread))
            self._count[:, horizon] += missing.shape[1] - trues_by_row(missing)

    def include(self, other: BaseRates) -> None:
        """Add the sums over other assets."""
        for mine, theirs in zip(self._by_asset, other._by_asset, strict=True):
            mine += theirs
        self._total += other._total
        self._hits += other._hits
        self._count += other._count
        self.complete += other.complete

    def rates(self) -> tuple[Floats, Floats]:
        """Return the mean spread and the share of hits, by horizon; NaN where no window is complete."""
        if self._weight == "event":
            total = np.array([math.fsum(sums) for sums in self._by_asset])
            return _over(total, self.complete), _over(self._hits[0], self.complete)
        means = _over(self._total, self._count)
        hits = (are_hits(np.nan_to_num(means)) & (self._count > 0)).sum(axis=0)
        sessions = (self._count > 0).sum(axis=0)
        return _over(np.nansum(means, axis=0), sessions), _over(hits, sessions)


def _over(total: Floats | Ints, count: Ints) -> Floats:
    return np.asarray(np.divide(total, count, where=count > 0, out=np.full(count.shape, np.nan)))
