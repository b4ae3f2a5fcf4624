"""Means, medians and hit rates per horizon: of the events, and of every eligible session (the base rate)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.measure.forward import Forward
from backtest.model import Bools, Floats, Ints, judged
from backtest.model.rounding import are_hits


@dataclass(frozen=True, eq=False)
class LegSummary:
    """One leg over a set of day 0s; all arrays of shape (n_horizons,), NaN where the set is empty."""

    mean: Floats
    median: Floats
    hit_rate: Floats
    """Share of returns above zero; a return that rounds to zero is not a hit."""


@dataclass(frozen=True, eq=False)
class Summary:
    """All legs over the same day 0s: those whose window is complete."""

    n: Ints
    legs: dict[str, LegSummary]

    @property
    def judged(self) -> LegSummary:
        """What the study judges: the spread, or the asset alone."""
        return judged(self.legs)


def summarise_events(forward: Forward, day0: Ints) -> Summary:
    """Summarise the forward returns of the events whose window is complete."""
    return _summarise({leg: returns[day0] for leg, returns in forward.legs.items()})


def summarise_sessions(forward: Forward, eligible: Bools) -> Summary:
    """Summarise the same measure over every eligible session whose window is complete.

    Parameters
    ----------
    forward : Forward
        Forward returns with every session as day 0.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen.
    """
    return _summarise({leg: returns.compress(eligible, axis=0) for leg, returns in forward.legs.items()})


def mean_over_sessions(forward: Forward, eligible: Bools) -> Floats:
    """Return the mean of what is judged alone, as `summarise_sessions` has it, for callers that ask for no more.

    Returns
    -------
    ndarray of shape (n_horizons,)
        As fractions; NaN where no window is complete.
    """
    values = forward.judged.compress(eligible, axis=0)
    complete = [column[np.isfinite(column)] for column in values.T]
    return np.array([column.mean() if len(column) else np.nan for column in complete])


def count_status(status: np.ndarray, *which: str) -> Ints:
    """Count, per horizon, the events whose window has one of the given states."""
    return np.asarray(np.isin(status, which).sum(axis=0), dtype=np.int64)


def _summarise(legs: dict[str, Floats]) -> Summary:
    complete = np.isfinite(judged(legs))
    n = complete.sum(axis=0).astype(np.int64)
    return Summary(n, {leg: _leg(values, complete) for leg, values in legs.items()})


def _leg(values: Floats, known: Bools) -> LegSummary:
    columns = values.shape[1]
    mean, median, hits = (np.full(columns, np.nan) for _ in range(3))
    for column in range(columns):
        complete = values[known[:, column], column]
        if len(complete):
            mean[column], median[column] = complete.mean(), median_of(complete)
            hits[column] = np.count_nonzero(are_hits(complete)) / len(complete)
    return LegSummary(mean, median, hits)


def median_of(values: Floats) -> float:
    """Return the median; np.median imports masked arrays for it, a thirtieth of a run."""
    middle = len(values) // 2
    if len(values) % 2:
        return float(np.partition(values, middle)[middle])
    placed = np.partition(values, (middle - 1, middle))
    return float((placed[middle - 1] + placed[middle]) / 2)
