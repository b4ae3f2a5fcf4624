"""The calendar-time portfolio: on each session all events whose window is open, in equal parts."""

from __future__ import annotations

import numpy as np

from backtest.abnormal.across_events import correlation_unknown
from backtest.abnormal.classical import ClassicalTest, Outcome, WindowReturns, by_normal, no_answer
from backtest.model import Floats


def portfolio_returns(returns: WindowReturns) -> tuple[Floats, Floats]:
    """Return the mean abnormal return of each session with an open window, and its deviation.

    The deviation is that of the same events with the same weights in their estimation windows: the sum of all their
    covariances there, each over the sessions that both have.

    Returns
    -------
    mean, deviation : ndarray of shape (n_sessions,)
        Simple returns as fractions. A deviation is NaN where the covariances sum to none.
    """
    variance, after = returns.dependence.variance, returns.found.events.day0 - returns.found.events.day0.min()
    rows = after[:, None] + np.arange(returns.length)
    total, count = np.zeros(len(variance)), np.zeros(len(variance))
    np.add.at(total, rows, returns.ar)
    np.add.at(count, rows, 1.0)
    some = count > 0
    variance = np.where(variance > 0.0, variance, np.nan)[some]
    return total[some] / count[some], np.sqrt(variance) / count[some]


def _calendar_time(returns: WindowReturns) -> Outcome:
    n = len(returns)
    if returns.dependence.unknown:
        return no_answer(n, correlation_unknown(returns.dependence.unknown))
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
