"""The stationary bootstrap of the events' excesses: for tables of error rates, where it serves as a warning.

It is not a second opinion. It draws only from what came after these events, so that a few of them cannot show how far
their mean may err, and blocks of events know nothing of the sessions between them.

References
----------
Politis, D. N. and Romano, J. P. (1994), The stationary bootstrap.
"""

from __future__ import annotations

import numpy as np

from backtest.inference.circular_shift import TIE
from backtest.model import Floats, Ints


def stationary_indices(n: int, block: float, draws: int, rng: np.random.Generator) -> Ints:
    """Draw resamples in blocks of random length around the circle of observations.

    Parameters
    ----------
    n : int
        Observations, at least one.
    block : float
        Mean length of a block, at least 1: lengths are geometric.
    draws : int
        Resamples.
    rng : numpy.random.Generator
        Seeded by the caller.

    Returns
    -------
    ndarray of shape (draws, n)
        Positions of observations.

    Raises
    ------
    ValueError
        The mean length is below 1.
    """
    if not block >= 1.0:
        raise ValueError(f"mean block length {block}: at least 1 is needed")
    begins = rng.random((draws, n)) < 1.0 / block
    place = np.arange(n)
    begun = np.maximum.accumulate(np.where(begins, place, 0), axis=1)  # the first block begins at place 0
    starts = rng.integers(n, size=(draws, n))
    return np.asarray((np.take_along_axis(starts, begun, axis=1) + place - begun) % n, dtype=np.int64)


def bootstrap_p(excess: Floats, indices: Ints) -> float:
    """Return the two-sided p of the mean excess: the share of resampled means as far from it as it is from zero.

    Parameters
    ----------
    excess : ndarray of shape (n,)
        The events' values minus the base mean, in order of day 0, as fractions.
    indices : ndarray of shape (draws, n)
        Resamples, as `stationary_indices` draws them.

    Returns
    -------
    float
        ``(1 + count) / (1 + draws)``: what was observed counts as one draw, so that p is never zero.
    """
    mean = float(excess.mean())
    centred = excess[indices].mean(axis=1) - mean
    count = np.count_nonzero(np.abs(centred) >= abs(mean) * (1.0 - TIE))
    return float((1 + count) / (1 + len(indices)))
