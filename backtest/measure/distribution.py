"""How a measure is spread over the sessions of the base rate, as counts in ranges."""

from __future__ import annotations

import numpy as np

from backtest.model import Bools, Floats, Ints

INNER = 60
"""Ranges of equal width between the two tails."""
TAIL = 0.005
"""Share of the sessions in each of the two outermost ranges, which reach to the lowest and the highest value."""


def distributions(values: Floats, eligible: Bools) -> tuple[Floats, Ints]:
    """Count the eligible sessions in ranges of their value, a row for each horizon.

    Parameters
    ----------
    values : ndarray of shape (n_sessions, n_horizons)
        What is judged with every session as day 0, as fractions; NaN where a window is not complete.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen.

    Returns
    -------
    edges : ndarray of shape (n_horizons, INNER + 3)
        Ends of the ranges, not falling; NaN where no window is complete. Equal steps lie between the value that
        `TAIL` of the sessions lie below and the one that as many lie above.
    counts : ndarray of shape (n_horizons, INNER + 2)
        Sessions in each range. A value on an edge counts above it, the highest value in the last range; every
        complete window is counted once.
    """
    columns = values.compress(eligible, axis=0).T
    found = [_one(column[np.isfinite(column)]) for column in columns]
    return np.array([edges for edges, _ in found]), np.array([counts for _, counts in found], dtype=np.int64)


def _one(known: Floats) -> tuple[Floats, Ints]:
    if not len(known):
        return np.full(INNER + 3, np.nan), np.zeros(INNER + 2, dtype=np.int64)
    out = int(TAIL * len(known))
    placed = np.partition(known, (out, len(known) - 1 - out))
    inner = np.linspace(placed[out], placed[-1 - out], INNER + 1)
    edges = np.concatenate(([known.min()], inner, [known.max()]))
    at = np.searchsorted(inner, known, side="right")  # 0: below all inner edges; INNER + 1: from the last one on
    return edges, np.bincount(at, minlength=INNER + 2).astype(np.int64)
