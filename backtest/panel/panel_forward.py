"""What came next on a panel: forward returns of every event, and the base rate over all asset-sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.measure.windows import window_ends
from backtest.model import Bools, Floats, Horizon, Ints
from backtest.model.panel import Panel
from backtest.model.rounding import are_hits
from backtest.panel.on_every_asset import PanelEvents

BLOCK = 64
"""Assets measured at a time, to bound memory."""


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
        The mean spread over the asset-sessions on which an event could have been seen and whose window is complete.
    base_n : ndarray of shape (n_horizons,)
        How many those are.
    base_hit_rate : ndarray of shape (n_horizons,)
        The share of them with a spread above zero.
    """

    horizons: tuple[Horizon, ...]
    asset: Floats
    benchmark: Floats
    base: Floats
    base_n: Ints
    base_hit_rate: Floats

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
        """The mean spread over these events; NaN where there are none."""
        n = self.n
        return np.asarray(np.divide(np.nansum(self.spread, axis=0), n, where=n > 0, out=np.full(len(n), np.nan)))


def forward_of_block(level: Floats, leave: Ints) -> Floats:
    """Return ``level[leave[t]] / level[t] - 1`` of several assets.

    Parameters
    ----------
    level : ndarray of shape (n_sessions, n_assets)
        Closes; NaN where there is none.
    leave : ndarray of shape (n_sessions,)
        Session position at which each window ends, as `window_ends` gives it.

    Returns
    -------
    ndarray of shape (n_sessions, n_assets)
        NaN where the window leaves the history, or either end has no close.
    """
    n = len(level)
    result = np.full(level.shape, np.nan)
    inside = np.flatnonzero((leave < n) & (leave > np.arange(n)))
    result[inside] = level[leave[inside]] / level[inside] - 1.0
    return result


def measure_panel(
    panel: Panel, events: PanelEvents, horizons: Sequence[Horizon], benchmark: Floats | None = None
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
    benchmark : ndarray of shape (n_sessions,), optional
        Level of what every asset is compared with.
    """
    leave = window_ends(len(panel.common), horizons, 0, panel.common.sessions)
    market = [None if benchmark is None else forward_of_block(benchmark[:, None], ends) for ends in leave.T]
    shape = (len(events), len(horizons))
    asset, other = np.full(shape, np.nan), np.zeros(shape)
    total, hits = np.zeros((2, len(horizons)))
    count = np.zeros(len(horizons), dtype=np.int64)
    for first in range(0, len(panel), BLOCK):
        block = slice(first, first + BLOCK)
        mine = np.flatnonzero((events.asset >= first) & (events.asset < first + BLOCK))
        at = events.day0[mine], events.asset[mine] - first
        for j, ends in enumerate(leave.T):
            returns = forward_of_block(panel.close[:, block], ends)
            asset[mine, j] = returns[at]
            if (level := market[j]) is not None:
                other[mine, j] = level[at[0], 0]
                returns -= level
            whole = _complete(returns, events.eligible[:, block])
            total[j] += whole.sum()
            hits[j] += np.count_nonzero(are_hits(whole))
            count[j] += len(whole)
    base, rate = (np.divide(of, count, where=count > 0, out=np.full(len(of), np.nan)) for of in (total, hits))
    return PanelForward(tuple(horizons), asset, other, base, count, rate)


def effects_of(panel: Panel, forward: PanelForward, benchmark: Floats | None, column: int) -> tuple[Floats, int]:
    """Return what every asset-session gave beyond the base rate, on the sessions whose window the history completes.

    Returns
    -------
    effects : ndarray of shape (n_complete, n_assets)
        NaN where an asset's window is not complete.
    length : int
        Sessions of a window; of a calendar horizon, the usual number.
    """
    n = len(panel.common)
    ends = window_ends(n, [forward.horizons[column]], 0, panel.common.sessions)[:, 0]
    inside = int(np.count_nonzero(ends < n))
    effects = forward_of_block(panel.close, ends)[:inside]
    if benchmark is not None:
        effects -= forward_of_block(benchmark[:, None], ends)[:inside]
    length = int(np.median(ends[:inside] - np.arange(inside))) if inside else 0
    return effects - forward.base[column], length


def _complete(returns: Floats, eligible: Bools) -> Floats:
    return returns[eligible & np.isfinite(returns)]
