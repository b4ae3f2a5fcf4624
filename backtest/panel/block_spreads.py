"""What the assets of a block earned beyond their benchmark: on every session, and over every window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.measure.windows import window_ends
from backtest.model import Bools, Floats, Horizon, Ints
from backtest.model.panel import Panel
from backtest.panel.block_windows import forward_of_block
from backtest.panel.panel_benchmark import Benchmark, Compared
from backtest.panel.session_changes import changes_over_gaps


def changes_of_block(panel: Panel, benchmark: Benchmark | None, block: slice) -> Floats:
    """Return the change of each asset's spread on each session, of shape (n_sessions, n_assets of the block).

    NaN outside an asset's life; a change over missing closes counts on the session that ends the gap.
    """
    changes = changes_over_gaps(panel.close[:, block])
    if benchmark is not None:
        changes -= benchmark.of(block).changes
    return changes


def spread_of_block(close: Floats, seen: Bools | Ints, compared: Compared | None, leave: Ints) -> Floats:
    """Return what each asset-session gave over the windows of a horizon; NaN where not complete or not eligible.

    Parameters
    ----------
    close : ndarray of shape (n_sessions, n_assets)
        Closes of some assets.
    seen : ndarray of the same shape
        Where an event could have been seen.
    compared : Compared, optional
        What these assets are compared with.
    leave : ndarray of shape (n_sessions,)
        Where the windows end, as `window_ends` gives it.
    """
    spread = forward_of_block(close, leave)
    if compared is not None:
        spread -= compared.forward(leave)
    spread[~seen] = np.nan
    return spread


def spreads_of_assets(
    panel: Panel, eligible: Bools | Ints, horizons: Sequence[Horizon], benchmark: Benchmark | None, asset: Ints
) -> tuple[Ints, list[Floats]]:
    """Return the columns of some assets, each once, and their spreads by horizon; NaN where not complete or eligible.

    Parameters
    ----------
    panel : Panel
        The assets.
    eligible : ndarray of shape (n_sessions, n_assets)
        Where an event could have been seen.
    horizons : sequence of Horizon
        In order of their length.
    benchmark : Benchmark, optional
        What every asset is compared with.
    asset : ndarray of int
        Columns, also several times.
    """
    held = np.unique(asset)
    if not len(held):
        return held, [np.zeros((len(panel.close), 0)) for _ in horizons]
    close, seen = panel.close[:, held], eligible[:, held]
    compared = None if benchmark is None else benchmark.of(held)
    ends = window_ends(len(close), horizons, 0, panel.common.sessions)
    return held, [spread_of_block(close, seen, compared, leave) for leave in ends.T]
