"""What came after the events of a set: count, mean and share of hits at every horizon, and nothing else."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from backtest.measure.forward import Forward
from backtest.model import Floats, Ints
from backtest.model.rounding import are_hits


class Outcome(NamedTuple):
    """Of the events whose window is complete; arrays of shape (n_horizons,), NaN in those of fractions if none is."""

    n: Ints
    mean: Floats
    hit_rate: Floats


class Outcomes:
    """The outcomes of many event sets under one measure.

    The same as `backtest.measure.summaries.summarise_events` has, to the last digit: in the same order of additions.

    Parameters
    ----------
    forward : Forward
        Forward returns with every session as day 0.
    """

    def __init__(self, forward: Forward) -> None:
        self._values = np.ascontiguousarray(forward.judged.T)
        self._complete = np.isfinite(self._values)
        self._hits = are_hits(self._values)

    def of(self, day0: Ints) -> Outcome:
        """Summarise the events at given session positions."""
        complete = self._complete.take(day0, axis=1)
        n = np.add.reduce(complete, axis=1, dtype=np.int64)
        hits = np.add.reduce(self._hits.take(day0, axis=1), axis=1, dtype=np.int64)  # a missing return is no hit
        values = self._values.take(day0, axis=1)
        total = np.add.reduce(values, axis=1)
        for column in np.flatnonzero(n < len(day0)):
            total[column] = values[column][complete[column]].sum()
        counts = np.where(n > 0, n, np.nan)
        return Outcome(n, total / counts, hits / counts)
