"""The calendar-time portfolio: on each session all events whose window is open, in equal parts."""

from __future__ import annotations

import numpy as np

from backtest.abnormal.across_events import correlation_unknown
from backtest.abnormal.classical import ClassicalTest, Outcome, WindowReturns, by_normal, no_answer
from backtest.model import Floats, Ints


def portfolio_returns(returns: WindowReturns) -> tuple[Floats, Floats]:
    """Return the mean abnormal return of each session with an open window, and its deviation.

    The deviation is that of the same events with the same weights in their estimation windows: the sum of all their
    covariances there, each over the sessions that both have.

    Returns
    -------
    mean, deviation : ndarray of shape (n_sessions,)
        Simple returns as fractions. A deviation is NaN where the covariances sum to none.
    """
    pairs, length = returns.pairs, returns.length
    day0 = returns.found.events.day0
    span = int(pairs.dates[-1] - pairs.dates[0]) + length
    begin = pairs.dates - pairs.dates[0]
    total = np.zeros(span)
    rows = (day0 - pairs.dates[0])[:, None] + np.arange(length)
    np.add.at(total, rows, returns.found.ar[:, returns.columns])
    count = _while_open(begin, begin + length, pairs.count.astype(np.float64), span)
    weight = np.where(pairs.earlier == pairs.later, 1.0, 2.0)
    variance = _while_open(begin[pairs.later], begin[pairs.earlier] + length, weight * pairs.covariance, span)
    some = count > 0.5
    variance = np.where(variance > 0.0, variance, np.nan)
    return total[some] / count[some], np.sqrt(variance[some]) / count[some]


def _while_open(begin: Ints, end: Ints, values: Floats, span: int) -> Floats:
    """Sum values over the sessions from `begin` to before `end`; shape (span,)."""
    steps = np.zeros(span + 1)
    np.add.at(steps, begin, values)
    np.subtract.at(steps, end, values)
    return np.cumsum(steps)[:span]


def _calendar_time(returns: WindowReturns) -> Outcome:
    n = len(returns)
    if unknown := int(returns.pairs.unknown.sum()):
        return no_answer(n, correlation_unknown(unknown))
    mean, deviation = portfolio_returns(returns)
    if not np.isfinite(deviation).all():
        without = int((~np.isfinite(deviation)).sum())
        return no_answer(n, f"on {without:,} sessions the estimation windows leave no variance of the portfolio")
    return by_normal(n, float((mean / deviation).sum() / np.sqrt(len(mean))))


CALENDAR_TIME = ClassicalTest(
    "calendar_time",
    "calendar-time portfolio",
    "on sessions with an open window, the portfolio of open events has no abnormal return",
    "sessions are independent, and the portfolio varies as its events did in their estimation windows",
    "Jaffe (1974); Mandelker (1974)",
    _calendar_time,
)
