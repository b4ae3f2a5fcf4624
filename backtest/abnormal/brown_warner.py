"""Tests of the mean abnormal return whose deviation is that of the estimation window: of each event, or of the mean.

The mean of a session is taken over the events that have a residual there, in sessions counted from day 0, so that its
deviation holds what events of one date have in common.
"""

from __future__ import annotations

import numpy as np

from backtest.abnormal.abnormal_returns import mean_of_known
from backtest.abnormal.classical import ClassicalTest, Outcome, WindowReturns, by_normal, by_student, no_answer

NO_VARIANCE = "the mean abnormal return does not vary in the estimation window"


def mean_deviation(returns: WindowReturns) -> tuple[float, int]:
    """Return the deviation of a session's mean abnormal return in the estimation window, and its degrees of freedom.

    The model's parameters count: if events share one date and no return is missing, this is the deviation that the
    same model leaves of the events' portfolio.

    Returns
    -------
    deviation : float
        Of simple returns as fractions.
    freedom : int
        Sessions on which an event has a residual, minus the parameters.
    """
    mean = mean_of_known(returns.found.residual)
    known = mean[np.isfinite(mean)]
    estimated = returns.found.estimated
    freedom = len(known) - int((estimated.observations - estimated.freedom)[0])
    return float(np.sqrt(((known - known.mean()) ** 2).sum() / freedom)), freedom


def _by_mean(returns: WindowReturns, sessions: float) -> Outcome:
    """Compare the mean CAR with the deviation of a sum of so many independent sessions."""
    n, (deviation, freedom) = len(returns), mean_deviation(returns)
    if not deviation > 1e-14:
        return no_answer(n, NO_VARIANCE)
    return by_student(n, float(returns.car.mean()) / (deviation * float(np.sqrt(sessions))), freedom)


def _independent(returns: WindowReturns) -> Outcome:
    variance = (returns.found.estimated.sigma**2).sum() * returns.length
    return by_normal(len(returns), float(returns.car.sum() / np.sqrt(variance)))


def _dependent(returns: WindowReturns) -> Outcome:
    return _by_mean(returns, returns.length)


def _forecast(returns: WindowReturns) -> Outcome:
    covariance = returns.found.covariance[:, returns.columns, returns.columns]
    return _by_mean(returns, float(covariance.sum() / (returns.found.estimated.sigma**2).sum()))


_TOGETHER = (
    "sessions are independent, the mean abnormal return of a session varies as in the estimation window, and windows "
    "of different dates do not overlap"
)

BROWN_WARNER_1980 = ClassicalTest(
    "brown_warner_1980",
    "Brown–Warner 1980",
    "the mean CAR is zero",
    "events are independent, their variance is that of the estimation window, and estimation windows are long",
    "Brown and Warner (1980)",
    _independent,
)
BROWN_WARNER_1985 = ClassicalTest(
    "brown_warner_1985",
    "Brown–Warner 1985",
    "the mean CAR is zero",
    f"{_TOGETHER}; estimation windows are long",
    "Brown and Warner (1985), crude dependence adjustment",
    _dependent,
)
LAMB = ClassicalTest(
    "lamb",
    "Lamb",
    "the mean CAR is zero",
    f"{_TOGETHER}; events share the forecast error",
    "Lamb (1995), with the forecast error of a sum of sessions",
    _forecast,
)
