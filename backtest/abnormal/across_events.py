"""Tests that judge cumulative abnormal returns by how they scatter across events, or by their models' deviations."""

from __future__ import annotations

import numpy as np

from backtest.abnormal.classical import (
    NO_SPREAD,
    ClassicalTest,
    Outcome,
    WindowReturns,
    by_normal,
    by_student,
    mean_in_deviations,
    no_answer,
)
from backtest.abnormal.dependence import COMMON
from backtest.model import Floats, Ints

ONE_DATE = "all events are of one date: a deviation across dates needs two"


def _across(returns: WindowReturns, values: Floats) -> Outcome:
    t = mean_in_deviations(values)
    n = len(returns)
    return no_answer(n, t) if isinstance(t, str) else by_student(n, t, n - 1)


def _cross_sectional_t(returns: WindowReturns) -> Outcome:
    return _across(returns, returns.car)


def _patell(returns: WindowReturns) -> Outcome:
    freedom = returns.found.estimated.freedom
    return by_normal(len(returns), float(returns.scar.sum() / np.sqrt((freedom / (freedom - 2.0)).sum())))


def _bmp(returns: WindowReturns) -> Outcome:
    return _across(returns, returns.scar)


def _bmp_model(returns: WindowReturns) -> Outcome:
    return _across(returns, returns.car / (returns.found.estimated.sigma * np.sqrt(returns.length)))


def _kolari_pynnonen(returns: WindowReturns) -> Outcome:
    n, t = len(returns), mean_in_deviations(returns.scar)
    if isinstance(t, str):
        return no_answer(n, t)
    together, length = returns.dependence, returns.length
    if together.unknown:
        return no_answer(n, correlation_unknown(together.unknown))
    mean = 2.0 * float(together.correlation @ (1.0 - np.arange(length) / length)) / (n * (n - 1))
    inflation = (1.0 + (n - 1) * mean) / (1.0 - mean) if mean < 1.0 else np.inf
    if not 0.0 < inflation < np.inf:
        return no_answer(n, f"the mean correlation of the events, {mean:.4f}, leaves no variance of their mean")
    return by_student(n, t / float(np.sqrt(inflation)), n - 1)


def correlation_unknown(pairs: int) -> str:
    """Say that the correlation of so many pairs of events cannot be computed."""
    return (
        f"the correlation of {pairs:,} pair{'s' * (pairs > 1)} of events at the same time is unknown: their "
        f"estimation windows share fewer than {COMMON} sessions"
    )


def clustered_deviation(values: Floats, dates: Ints) -> float:
    """Return the standard error of a mean, clustered by date; NaN with fewer than two dates.

    The sum over dates of the squared sums of deviations from the mean, with G / (G - 1) for G dates, as of a
    regression on a constant alone.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Without missing ones.
    dates : ndarray of shape (n,)
        Row of the panel of each.
    """
    each, of_date = np.unique(dates, return_inverse=True)
    g = len(each)
    if g < 2:
        return float("nan")
    summed = np.bincount(of_date, weights=values - values.mean())
    return float(np.sqrt((summed**2).sum() * g / (g - 1.0)) / len(values))


def _by_date(returns: WindowReturns) -> Outcome:
    n, day0 = len(returns), returns.found.events.day0
    deviation = clustered_deviation(returns.car, day0)
    if np.isnan(deviation):
        return no_answer(n, ONE_DATE)
    if not deviation > 1e-14 * max(1.0, float(np.abs(returns.car).max())):
        return no_answer(n, NO_SPREAD)
    return by_student(n, float(returns.car.mean()) / deviation, len(np.unique(day0)) - 1)


CROSS_SECTIONAL = ClassicalTest(
    "cross_sectional_t",
    "cross-sectional t",
    "the mean CAR is zero",
    "events are independent of one another; their variance may change at the event",
    "Brown and Warner (1980)",
    _cross_sectional_t,
)
PATELL = ClassicalTest(
    "patell",
    "Patell",
    "the mean standardised CAR is zero",
    "events are independent, and their variance is that of the estimation window",
    "Patell (1976)",
    _patell,
)
BMP = ClassicalTest(
    "bmp",
    "BMP, forecast-error sigma",
    "the mean CAR, standardised with its forecast error, is zero",
    "events are independent; their variance may change at the event",
    "Boehmer, Musumeci and Poulsen (1991)",
    _bmp,
)
BMP_MODEL = ClassicalTest(
    "bmp_model",
    "BMP, model sigma",
    "the mean CAR, standardised without its forecast error, is zero",
    "events are independent and estimation windows long; their variance may change at the event",
    "Boehmer, Musumeci and Poulsen (1991), with the residuals' deviation alone",
    _bmp_model,
)
KOLARI_PYNNONEN = ClassicalTest(
    "kolari_pynnonen",
    "Kolari–Pynnönen",
    "the mean CAR, standardised with its forecast error, is zero",
    "events at the same time are correlated as their residuals in the estimation window are",
    "Kolari and Pynnönen (2010); Kolari, Pape and Pynnönen (2018) where windows overlap in part",
    _kolari_pynnonen,
)
BY_DATE = ClassicalTest(
    "by_date",
    "t clustered by date",
    "the mean CAR is zero",
    "events of different dates are independent, and dates are many; their windows do not overlap",
    "Liang and Zeger (1986)",
    _by_date,
)
