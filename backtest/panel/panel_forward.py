"""What came next on a panel: forward returns of every event, and the base rate over all asset-sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.model import Bools, Floats, Horizon, Ints
from backtest.model.panel import Panel, Weight
from backtest.panel.base_rates import BaseRates
from backtest.panel.block_windows import Windows, windows_on
from backtest.panel.on_block import AT_ONCE
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import Benchmark


@dataclass(frozen=True, eq=False)
class PanelForward:
    """Forward returns of events and of all asset-sessions; fractions, what is judged is the spread.

    Attributes
    ----------
    horizons : tuple of Horizon
        In order of their length.
    asset, benchmark : ndarray of shape (n_events, n_horizons)
        NaN where the window is not complete on the leg; without a benchmark, its returns are zero.
    base : ndarray of shape (n_horizons,)
        The mean spread over the asset-sessions on which an event could have been seen and whose window is complete;
        weighted by date, the mean of the sessions' means.
    base_n : ndarray of shape (n_horizons,)
        How many asset-sessions those are.
    base_hit_rate : ndarray of shape (n_horizons,)
        The share of them with a spread above zero; weighted by date, of the sessions with such a mean.
    day0 : ndarray of shape (n_events,)
        Session positions.
    weight : {"event", "date"}
        Whether an event or an event date is what counts once.
    """

    horizons: tuple[Horizon, ...]
    asset: Floats
    benchmark: Floats
    base: Floats
    base_n: Ints
    base_hit_rate: Floats
    day0: Ints
    weight: Weight = "event"

    @property
    def spread(self) -> Floats:
        """Asset minus benchmark, of shape (n_events, n_horizons)."""
        return self.asset - self.benchmark

    @property
    def n(self) -> Ints:
        """Events with a complete window, by horizon."""
        return np.asarray(np.isfinite(self.spread).sum(axis=0))

    @property
    def mean(self) -> Floats:
        """The mean of `values` by horizon; NaN where there are none."""
        every = [self.values(column) for column in range(len(self.horizons))]
        return np.array([values.mean() if len(values) else np.nan for values in every])

    def only(self, keep: Bools, base: Floats | None = None) -> PanelForward:
        """Return some of the events, beside the same base rate or another; `keep` has the shape (n_events,)."""
        rate = self.base if base is None else base
        asset, benchmark, day0 = self.asset[keep], self.benchmark[keep], self.day0[keep]
        return replace(self, asset=asset, benchmark=benchmark, day0=day0, base=rate)

    def values(self, column: int) -> Floats:
        """Return what counts once at a horizon: the spread of each event, or the mean spread of each event date."""
        spread = self.spread[:, column]
        complete = np.isfinite(spread)
        if self.weight == "event":
            return np.asarray(spread[complete])
        _, of_date = np.unique(self.day0[complete], return_inverse=True)
        return np.asarray(np.bincount(of_date, spread[complete]) / np.bincount(of_date))

    def weights(self, column: int) -> Floats:
        """Return how much each event with a complete window counts in the mean of a horizon, in any unit."""
        complete = np.isfinite(self.spread[:, column])
        if self.weight == "event":
            return np.ones(np.count_nonzero(complete))
        _, of_date, sharing = np.unique(self.day0[complete], return_inverse=True, return_counts=True)
        return np.asarray(1.0 / sharing[of_date])


def measure_panel(
    panel: Panel,
    events: PanelEvents,
    horizons: Sequence[Horizon],
    benchmark: Benchmark | None = None,
    weight: Weight = "event",
) -> PanelForward:
    """Measure from the close of day 0 what every event and every eligible asset-session gave.

    Parameters
    ----------
    panel : Panel
        The assets.
    events : PanelEvents
        The events, and the asset-sessions on which one could have been seen.
    horizons : sequence of Horizon
        In order of their length.
    benchmark : Benchmark, optional
        What every asset is compared with.
    weight : {"event", "date"}
        Whether every event counts the same, or every event date.
    """
    base = BaseRates(len(panel.common), len(horizons), weight)
    asset, other = measure_block(panel, events, windows_on(panel.common, horizons), benchmark, base)
    mean, rate = base.rates()
    return PanelForward(tuple(horizons), asset, other, mean, base.complete, rate, events.day0, weight)


def measure_block(
    panel: Panel, events: PanelEvents, windows: Sequence[Windows], benchmark: Benchmark | None, base: BaseRates
) -> tuple[Floats, Floats]:
    """Return what every event and its benchmark gave, and add the asset-sessions of these assets to a base rate.

    Parameters
    ----------
    panel, events, benchmark
        As of `measure_panel`, of all assets or of a block.
    windows : sequence of Windows
        Of each horizon, as `windows_on` gives them.
    base : BaseRates
        Is changed.

    Returns
    -------
    asset, benchmark : ndarray of shape (n_events, n_horizons)
        As of `PanelForward`.
    """
    shape = (len(events), len(windows))
    asset, other = np.full(shape, np.nan), np.zeros(shape)
    room = np.empty((min(AT_ONCE, len(panel)), len(panel.common))).T
    for first in range(0, len(panel), AT_ONCE):
        block = slice(first, first + AT_ONCE)
        compared = None if benchmark is None else benchmark.of(block)
        mine = np.flatnonzero((events.asset >= first) & (events.asset < first + AT_ONCE))
        at = events.day0[mine], events.asset[mine] - first
        close = np.asfortranarray(panel.close[:, block])  # one asset after another
        absent, entry, barred = _entries(close, events.eligible[:, block])
        for j, each in enumerate(windows):
            returns = each.returns(close, entry, room[:, : close.shape[1]])
            asset[mine, j] = returns[at]
            if compared is not None:
                market = np.broadcast_to(compared.forward(each.leave), returns.shape)
                other[mine, j] = market[at]
                returns -= market
            base.add(j, returns, each.missing(absent, barred) if compared is None else ~np.isfinite(returns))
    return asset, other


def _entries(close: Floats, eligible: Bools | Ints) -> tuple[Bools, Floats, Bools]:
    """Return where there is no close, and the closes at which windows may begin, NaN elsewhere, and where that is."""
    absent = ~np.isfinite(close)
    barred = np.logical_or(absent, ~eligible)
    if np.count_nonzero(barred) == np.count_nonzero(absent):
        return absent, close, absent
    return absent, np.where(eligible, close, np.nan), barred
