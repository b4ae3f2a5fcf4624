"""What the sets of a search on a panel share: one measure over the same asset-sessions, its base rate and circle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from backtest.inference.panel_sums import PanelCircle
from backtest.measure.windows import window_ends
from backtest.model import Bools, Floats, Horizon, Ints
from backtest.model.arrays import trues_by_row
from backtest.model.panel import Panel, Weight
from backtest.panel.asset_groups import with_groups
from backtest.panel.base_rates import BaseRates
from backtest.panel.block_spreads import changes_of_block, spread_of_block
from backtest.panel.block_windows import windows_on
from backtest.panel.event_sums import circle_of, span_of
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import BLOCK, Benchmark, benchmark_of
from backtest.panel.panel_forward import PanelForward, measure_block
from backtest.spec.strategy import Strategy


class PanelBase:
    """A measure of a panel over some of its asset-sessions.

    Parameters
    ----------
    panel : Panel
        The assets.
    strategy : Strategy
        Its measure, its benchmark and its weight.
    horizons : tuple of Horizon
        In order of their length.
    eligible : ndarray of shape (n_sessions, n_assets)
        The asset-sessions on which an event could have been seen.
    """

    def __init__(self, panel: Panel, strategy: Strategy, horizons: tuple[Horizon, ...], eligible: Bools) -> None:
        self.panel, self.strategy = with_groups(panel, strategy), strategy
        self.horizons, self.eligible = horizons, eligible
        self.weight: Weight = "event" if strategy.study is None else strategy.study.weight
        self.benchmark: Benchmark | None = benchmark_of(self.panel, strategy.measure.benchmark)
        self.circle: PanelCircle = circle_of(panel.common, horizons, span_of(_none_on(eligible)))
        self.ends = window_ends(len(panel.common), horizons, 0, panel.common.sessions)
        self.each: Ints = trues_by_row(eligible)
        self._by_session: dict[int, tuple[Floats, Floats]] = {}

    def measured(self, sets: Sequence[tuple[Ints, Ints]]) -> list[PanelForward]:
        """Measure many sets of events in one pass over the assets, as `measure_panel` does each.

        Parameters
        ----------
        sets : sequence of (ndarray, ndarray)
            Columns of the assets and session positions of the events of each.
        """
        base = BaseRates(len(self.eligible), len(self.horizons), self.weight)
        asset, day0 = (np.concatenate(parts) for parts in zip(*sets, strict=True))
        events = PanelEvents(asset, day0, day0, self.eligible)
        windows = windows_on(self.panel.common, self.horizons)
        own, other = measure_block(self.panel, events, windows, self.benchmark, base)
        (mean, rate), spread = base.rates(), own - other
        bounds = np.cumsum([0, *(len(of) for of, _ in sets)])
        made = []
        for (_, days), begin, end in zip(sets, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            none = np.broadcast_to(0.0, (end - begin, len(self.horizons)))
            legs = spread[begin:end], none
            made.append(PanelForward(self.horizons, *legs, mean, base.complete, rate, days, self.weight))
        return made

    def spreads(self, column: int) -> Iterator[tuple[slice, Floats]]:
        """Yield what the sessions of some assets gave at a horizon; NaN where not complete or not eligible."""
        for block in self._blocks():
            compared = None if self.benchmark is None else self.benchmark.of(block)
            case = self.panel.close[:, block], self.eligible[:, block], compared
            yield block, spread_of_block(*case, self.ends[:, column])

    @cached_property
    def changes(self) -> Floats:
        """The change of the spread on each session, of shape (n_sessions, n_assets); zero where there is none."""
        every = np.empty(self.eligible.shape[::-1]).T  # one asset after another
        for block in self._blocks():
            every[:, block] = np.nan_to_num(changes_of_block(self.panel, self.benchmark, block))
        return every

    def by_session(self, column: int) -> tuple[Floats, Floats]:
        """Return how much counts on each session, and what it gave in all; arrays of shape (n_sessions,).

        Each asset-session counts once; weighted by date, each session counts once with the mean of its assets.
        """
        if column not in self._by_session:
            n, total = np.zeros(len(self.eligible)), np.zeros(len(self.eligible))
            for _, spread in self.spreads(column):
                n += np.isfinite(spread).sum(axis=1)
                total += np.nansum(spread, axis=1)
            if self.weight == "date":
                total, n = np.divide(total, n, where=n > 0, out=np.zeros(len(n))), (n > 0).astype(np.float64)
            self._by_session[column] = n, total
        return self._by_session[column]

    def _blocks(self) -> Iterator[slice]:
        return (slice(first, min(first + BLOCK, len(self.panel))) for first in range(0, len(self.panel), BLOCK))


def _none_on(eligible: Bools) -> PanelEvents:
    """Return no event on these asset-sessions."""
    none = np.zeros(0, dtype=np.int64)
    return PanelEvents(none, none, none, eligible)
