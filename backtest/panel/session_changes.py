"""The return of every session of the assets of a panel, from closes of which some may be missing."""

from __future__ import annotations

import numpy as np

from backtest.model import Floats


def daily_changes(level: Floats) -> Floats:
    """Return the return of every session from the one before, of the shape of `level`; NaN where either is missing."""
    changes = np.full(level.shape, np.nan)
    changes[1:] = level[1:] / level[:-1] - 1.0
    return changes


def changes_over_gaps(level: Floats) -> Floats:
    """Return the change on each session, a change over missing closes on the session that ends the gap.

    So the realised variance of an asset that trades rarely holds all of its moves.

    Returns
    -------
    ndarray of shape (n_sessions, n_assets)
        Zero on a session without a close; NaN up to the first close, and after the last.
    """
    has = np.isfinite(level)
    before = np.maximum.accumulate(np.where(has, np.arange(len(level))[:, None], -1), axis=0)
    alive = (before[:-1] >= 0) & np.logical_or.accumulate(has[::-1], axis=0)[::-1][1:]
    filled = np.take_along_axis(level, np.maximum(before, 0), axis=0)
    changes = np.full(level.shape, np.nan)
    changes[1:] = np.where(alive, filled[1:] / filled[:-1] - 1.0, np.nan)
    return changes
