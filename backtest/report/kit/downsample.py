"""Fit long records to a page: extremes are never left out, and the page says what is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]


def extremes(lines: Sequence[Floats], most: int, always: Sequence[int] = ()) -> Positions:
    """Choose the positions to draw of lines that share their x; all of them if they fit.

    Parameters
    ----------
    lines : sequence of ndarray of shape (n,)
        The lines; NaN where there is no value.
    most : int
        Maximum number of positions; exceeded only if `always` alone needs more.
    always : sequence of int
        Positions that are always kept.

    Returns
    -------
    ndarray of shape (m,)
        Increasing positions: the first, the last, those of `always`, and the lowest and highest value of each line in
        every stretch of equal length; a stretch without values keeps its first position, so that a gap stays a gap.
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
    """Choose at most `most` of many marks on one axis, one in every stretch of equal length.

    Parameters
    ----------
    places : sequence of int
        The position of each mark; negative if it has none.

    Returns
    -------
    list of int
        Increasing indices into `places`: all of them if they fit, otherwise the first mark in each stretch with one.
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
