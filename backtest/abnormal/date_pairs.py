"""How the abnormal returns of events at the same time move together, as their estimation windows show.

Events of one date have the same windows, so that what a test needs of all pairs of events are sums by pair of dates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.abnormal.abnormal_returns import AbnormalReturns
from backtest.model import Floats, Ints

COMMON = 10
"""Sessions that two estimation windows must share for a correlation."""
BLOCK = 256
"""Events of a date that are multiplied at a time, to bound memory."""


@dataclass(frozen=True, eq=False)
class DatePairs:
    """Sums over the pairs of events of two dates whose windows share a session; arrays of shape (n_pairs_of_dates,).

    Attributes
    ----------
    dates, count : ndarray of shape (n_dates,)
        Rows of the panel with an event, ascending, and how many events each has.
    earlier, later : ndarray
        Positions in `dates`; equal for the pairs of one date.
    correlation : ndarray
        Sum of the correlations of the residuals over the sessions that both estimation windows hold; of one date each
        pair counts once, and no event is paired with itself.
    covariance : ndarray
        Sum of the covariances, of one date over all ordered pairs, each event with itself included.
    unknown : ndarray
        Pairs whose estimation windows share too few sessions; they are in no sum.
    """

    dates: Ints
    count: Ints
    earlier: Ints
    later: Ints
    correlation: Floats
    covariance: Floats
    unknown: Ints

    @property
    def lag(self) -> Ints:
        """Sessions from the earlier to the later date."""
        return np.asarray(self.dates[self.later] - self.dates[self.earlier])


def pairs_of_dates(found: AbnormalReturns, length: int) -> DatePairs:
    """Sum over all pairs of events whose windows of `length` sessions overlap.

    Residuals are taken about their mean and scaled by the degrees of freedom of their model. Two events are compared on
    the same sessions of the calendar, by position.

    Parameters
    ----------
    found : AbnormalReturns
        Of at least one event.
    length : int
        Sessions of the window that is tested.
    """
    order = np.argsort(found.events.day0, kind="stable")
    day0 = found.events.day0[order]
    dates, start, count = np.unique(day0, return_index=True, return_counts=True)
    residual, known = _scaled(found)
    residual, known = residual[order], known[order]
    rows = [slice(first, first + n) for first, n in zip(start, count, strict=True)]
    pairs = [
        (a, b) for a in range(len(dates)) for b in range(a, int(np.searchsorted(dates, dates[a] + length, side="left")))
    ]
    sums = [_sums(residual, known, rows[a], rows[b], int(dates[b] - dates[a])) for a, b in pairs]
    at = np.array(pairs, dtype=np.int64)
    correlation, covariance, unknown = (np.array(column) for column in zip(*sums, strict=True))
    return DatePairs(dates, count, at[:, 0], at[:, 1], correlation, covariance, unknown)


def _scaled(found: AbnormalReturns) -> tuple[Floats, Floats]:
    """Return the residuals about their mean, 0 where missing, and 1 where they are known."""
    known = np.isfinite(found.residual)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    plain = np.where(known, found.residual, 0.0)
    about = np.where(known, plain - plain.sum(axis=1, keepdims=True) / n, 0.0)
    scale = np.sqrt(found.estimated.observations / found.estimated.freedom)
    return about * scale[:, None], known.astype(np.float64)


def _sums(residual: Floats, known: Floats, one: slice, other: slice, lag: int) -> tuple[float, float, int]:
    same, length = one == other, residual.shape[1] - lag
    totals = np.zeros(3)
    for first in range(one.start, one.stop, BLOCK):
        mine = slice(first, min(first + BLOCK, one.stop))
        a, b = residual[mine, lag:], residual[other, :length]
        a_known, b_known = known[mine, lag:], known[other, :length]
        common, products = a_known @ b_known.T, a @ b.T
        squares = ((a * a) @ b_known.T) * (a_known @ (b * b).T)
        usable = (common >= COMMON) & (squares > 0)
        itself = np.zeros_like(usable)
        if same:
            at = np.arange(mine.stop - mine.start)
            itself[at, at + mine.start - other.start] = True
        correlation = np.divide(products, np.sqrt(squares), where=usable & ~itself, out=np.zeros_like(products))
        covariance = np.divide(products, common, where=usable, out=np.zeros_like(products))
        totals += correlation.sum(), covariance.sum(), (~usable & ~itself).sum()
    halved = 2 if same else 1
    return totals[0] / halved, totals[1], int(totals[2]) // halved
