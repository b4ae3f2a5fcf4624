"""What came after the events of many sets: count, mean and share of hits at every horizon, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from backtest.measure.forward import Forward
from backtest.model import Floats, Ints
from backtest.model.rounding import are_hits

TOGETHER = 500
"""Sets whose events are added up in one call; more would only take more memory."""


class Outcome(NamedTuple):
    """Of the events whose window is complete; arrays of shape (n_sets, n_horizons), NaN in fractions if none is."""

    n: Ints
    mean: Floats
    hit_rate: Floats


def outcomes_of(forward: Forward, sets: Sequence[Ints]) -> Outcome:
    """Summarise many sets of events under one measure.

    The same as `backtest.measure.summaries.summarise_events` has, to the last digit: in the same order of additions.

    Parameters
    ----------
    forward : Forward
        Forward returns with every session as day 0.
    sets : sequence of ndarray
        The session positions of the events of each set.
    """
    values = np.vstack((forward.judged, np.zeros(len(forward.horizons)))).T.copy()
    complete, high = np.isfinite(values), are_hits(values)
    begin = np.array([len(forward.judged)])  # the position of a return of zero, with which each set begins
    n, hits = (np.zeros((len(sets), len(values)), dtype=np.int64) for _ in range(2))
    total = np.zeros(n.shape)
    for first in range(0, len(sets), TOGETHER):
        rows = slice(first, first + TOGETHER)
        together = np.concatenate([part for day0 in sets[rows] for part in (begin, day0)])
        for column in range(len(values)):
            at = together[complete[column].take(together)]
            begins = np.flatnonzero(at == begin)
            n[rows, column] = np.diff(begins, append=len(at)) - 1
            hits[rows, column] = np.add.reduceat(high[column].take(at), begins, dtype=np.int64)
            total[rows, column] = np.add.reduceat(values[column].take(at), begins)
    counts = np.where(n > 0, n, np.nan)
    return Outcome(n, total / counts, hits / counts)
