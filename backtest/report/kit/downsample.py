"""Long records made to fit a page: what is left out is never an extreme, and the page says that it is left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]


def extremes(lines: Sequence[Floats], most: int, always: Sequence[int] = ()) -> Positions:
    """Choose what to draw of lines that share their x: all of it where that fits.

    Parameters
    ----------
    lines : sequence of ndarray of shape (n,)
        The lines; NaN where there is no value.
    most : int
        So many positions at most; more only where `always` alone asks for more.
    always : sequence of int
        Positions that are kept whatever happens there.

    Returns
    -------
    ndarray of shape (m,)
        Increasing positions: the first, the last, those of `always`, and of every equal stretch the lowest and the
        highest value of each line; a stretch without any value keeps its first position, so that a gap stays a gap.
    """
    n = len(lines[0]) if lines else 0
    if n <= most:
        return np.arange(n)
    kept = np.zeros(n, dtype=bool)  # np.unique and np.union1d import masked arrays, a thirtieth of a run
    kept[[0, n - 1, *always]] = True
    stretches = max(1, (most - int(kept.sum())) // (2 * len(lines)))
    width = -(-n // stretches)
    starts = np.arange(0, n, width)
    for line in lines:
        padded = np.full(len(starts) * width, np.nan)
        padded[:n] = line
        table = padded.reshape(len(starts), width)
        low = np.argmin(np.where(np.isnan(table), np.inf, table), axis=1)
        high = np.argmax(np.where(np.isnan(table), -np.inf, table), axis=1)
        kept[starts + low] = kept[starts + high] = True
    return np.flatnonzero(kept)


def spread_out(places: Sequence[int], most: int) -> list[int]:
    """Choose at most `most` of many marks on one axis, spread as the marks are: one of every equal stretch.

    Parameters
    ----------
    places : sequence of int
        Where each mark stands; negative where it stands nowhere.

    Returns
    -------
    list of int
        Increasing indices into `places`: all of them where they fit, else the first mark in each stretch that has one.
    """
    if len(places) <= most:
        return list(range(len(places)))
    at = np.asarray(places, dtype=np.int64)
    placed = np.flatnonzero(at >= 0)
    if not len(placed):
        return []
    first, last = int(at[placed].min()), int(at[placed].max())
    stretch = (at[placed] - first) * most // (last - first + 1)
    return sorted(placed[np.unique(stretch, return_index=True)[1]].tolist())
