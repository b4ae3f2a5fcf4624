"""How the abnormal returns of events at the same time move together, as their estimation windows show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backtest.abnormal.abnormal_returns import AbnormalReturns
from backtest.model import Floats, Ints

COMMON = 10
"""Sessions that two estimation windows must share for a correlation."""
BLOCK = 128
"""Events that are multiplied with all others near them at a time, to bound memory."""


@dataclass(frozen=True, eq=False)
class Dependence:
    """Sums over the pairs of events whose windows of L sessions overlap.

    Attributes
    ----------
    correlation : ndarray of shape (L,)
        Sum of the correlations of the pairs whose days 0 lie so many sessions apart; each pair once.
    variance : ndarray of shape (n_sessions,)
        Of the sum of a session's abnormal returns of the events whose windows are open, from the first event's day 0
        to L - 1 sessions after the last one's; with windows that begin on day 0.
    unknown : int
        Pairs whose estimation windows share too few sessions; they are in no sum.
    """

    correlation: Floats
    variance: Floats
    unknown: int


def dependence_of(found: AbnormalReturns, length: int) -> Dependence:
    """Correlate the residuals of all events whose windows of `length` sessions overlap.

    Residuals are taken about their mean and scaled by the degrees of freedom of their model. Two events are compared on
    the sessions of the calendar that both estimation windows hold and where neither is missing.

    Parameters
    ----------
    found : AbnormalReturns
        Of at least one event.
    length : int
        Sessions of the window that is tested.
    """
    order = np.argsort(found.events.day0, kind="stable")
    day0 = found.events.day0[order]
    after = day0 - day0[0]
    residual, known = (values[order] for values in _scaled(found))
    correlation, steps, unknown = np.zeros(length), np.zeros(int(after[-1]) + length + 1), 0
    for first, last, end in _blocks(day0, residual.shape[1], length):
        common, products, squares = _multiplied(residual[first:end], known[first:end], day0[first:end], last - first)
        i, j = np.arange(first, last)[:, None], np.arange(first, end)
        near = (j >= i) & (after[j] - after[i] < length)
        usable = (common >= COMMON) & (squares > 0.0)
        unknown += int((near & ~usable).sum())
        row, column = np.nonzero(near & usable)
        own, other = row + first, column + first
        shared = products[row, column]
        apart = own != other
        scaled = np.where(apart, shared / np.sqrt(squares[row, column]), 0.0)
        correlation += np.bincount(after[other] - after[own], scaled, length)
        covariance = np.where(apart, 2.0, 1.0) * shared / common[row, column]
        steps += np.bincount(after[other], covariance, len(steps))
        steps -= np.bincount(after[own] + length, covariance, len(steps))
    return Dependence(correlation, np.cumsum(steps)[:-1], unknown)


def _scaled(found: AbnormalReturns) -> tuple[Floats, Floats]:
    """Return the residuals about their mean, 0 where missing, and 1 where they are known."""
    known = np.isfinite(found.residual)
    n = np.maximum(known.sum(axis=1, keepdims=True), 1)
    plain = np.where(known, found.residual, 0.0)
    about = np.where(known, plain - plain.sum(axis=1, keepdims=True) / n, 0.0)
    scale = np.sqrt(found.estimated.observations / found.estimated.freedom)
    return about * scale[:, None], known.astype(np.float64)


def _blocks(day0: Ints, sessions: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Yield first and last of some events near each other, and the end of those whose windows overlap with theirs."""
    first = 0
    while first < len(day0):
        last = min(first + BLOCK, int(np.searchsorted(day0, day0[first] + sessions)))
        yield first, last, int(np.searchsorted(day0, day0[last - 1] + length))
        first = last


def _multiplied(residual: Floats, known: Floats, day0: Ints, some: int) -> tuple[Floats, Floats, Floats]:
    """Return, of the first events with all, the sessions that both have, and sums of products and of squares there."""
    n, sessions = residual.shape
    columns = (day0 - day0[0])[:, None] + np.arange(sessions)
    values, has = np.zeros((2, n, int(day0[-1] - day0[0]) + sessions))
    np.put_along_axis(values, columns, residual, axis=1)
    np.put_along_axis(has, columns, known, axis=1)
    squares = values * values
    of_both = (squares[:some] @ has.T) * (has[:some] @ squares.T)
    return has[:some] @ has.T, values[:some] @ values.T, of_both
