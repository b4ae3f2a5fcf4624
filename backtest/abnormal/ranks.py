"""Tests of ranks and signs within each event's own sessions: one row per event, so that an asset's two events are two.

All of them take a score per event and session of the estimation and the whole event window. The statistic is the mean
score of the tested window over the deviation that the mean score of a session has through time, in sessions counted
from day 0: events of one date move together there as they do in the event window.
"""

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
from backtest.abnormal.row_ranks import ranks_of
from backtest.model import Floats


def _through_time(returns: WindowReturns, scores: Floats, power: float) -> Outcome:
    """Compare the window's L sessions of centred scores with the deviation of all sessions.

    Parameters
    ----------
    returns : WindowReturns
        Of n events.
    scores : ndarray of shape (n, T)
        Centred; NaN where missing. The sessions of the estimation window come first, then those of the event window.
    power : float
        Of the number of events that the sum of a session is divided by: 1, or 1/2.
    """
    known = np.isfinite(scores)
    count = known.sum(axis=0)
    daily = np.where(known, scores, 0.0).sum(axis=0) / np.maximum(count, 1) ** power
    deviation = float(np.sqrt((daily**2).sum() / known.sum(axis=1).mean()))
    if not deviation > 0.0:
        return no_answer(len(returns), NO_SPREAD)
    of_window = daily[returns.found.residual.shape[1] :][returns.columns]
    return by_normal(len(returns), float(of_window.sum() / (deviation * np.sqrt(returns.length))))


def _corrado_rank(returns: WindowReturns) -> Outcome:
    ranks = returns.found.ranks
    middle = (np.isfinite(ranks).sum(axis=1, keepdims=True) + 1) / 2.0
    return _through_time(returns, ranks - middle, 1.0)


def _corrado_zivney_rank(returns: WindowReturns) -> Outcome:
    ranks = returns.found.ranks
    share = ranks / (np.isfinite(ranks).sum(axis=1, keepdims=True) + 1.0)
    return _through_time(returns, share - 0.5, 0.5)


def _corrado_zivney_sign(returns: WindowReturns) -> Outcome:
    values = np.concatenate((returns.found.residual, returns.found.ar), axis=1)
    return _through_time(returns, np.sign(values - np.nanmedian(values, axis=1, keepdims=True)), 0.5)


def _grank(returns: WindowReturns) -> Outcome:
    n, t = len(returns), mean_in_deviations(returns.scar)
    if isinstance(t, str):
        return no_answer(n, t)
    sigma = returns.found.estimated.sigma[:, None]
    event = (returns.scar / returns.scar.std(ddof=1))[:, None]
    ranks = ranks_of(np.concatenate((returns.found.residual / sigma, event), axis=1))
    known = np.isfinite(ranks)
    scores = np.where(known, ranks / (known.sum(axis=1, keepdims=True) + 1.0) - 0.5, 0.0)
    count = known.sum(axis=0)
    sessions = int((count > 0).sum())
    mean = scores.sum(axis=0) / np.maximum(count, 1)
    deviation = float(np.sqrt((count / n * mean**2).sum() / sessions))
    if not deviation > 0.0:
        return no_answer(n, NO_SPREAD)
    z = float(mean[-1]) / deviation
    left = sessions - 1 - z * z
    if not left > 0.0:
        return no_answer(n, "every other session has the same mean rank")
    return by_student(n, z * float(np.sqrt((sessions - 2) / left)), sessions - 2)


_TOGETHER = (
    "sessions are independent, those outside the tested window are ordinary, and events of one date are as correlated "
    "as in the estimation window"
)

CORRADO_RANK = ClassicalTest(
    "corrado_rank",
    "Corrado rank",
    "the ranks of the window's abnormal returns are those of other sessions",
    f"{_TOGETHER}; their variance does not change at the event",
    "Corrado (1989); Cowan (1992) for several sessions",
    _corrado_rank,
)
CORRADO_ZIVNEY_RANK = ClassicalTest(
    "corrado_zivney_rank",
    "Corrado–Zivney rank",
    "the ranks of the window's abnormal returns, as shares of each event's sessions, are those of other sessions",
    f"{_TOGETHER}; sessions may be missing",
    "Corrado and Zivney (1992)",
    _corrado_zivney_rank,
)
CORRADO_ZIVNEY_SIGN = ClassicalTest(
    "corrado_zivney_sign",
    "Corrado–Zivney sign",
    "the window's abnormal returns lie above each event's own median as often as below",
    _TOGETHER,
    "Corrado and Zivney (1992)",
    _corrado_zivney_sign,
)
GRANK = ClassicalTest(
    "grank",
    "GRANK",
    "the rank of the standardised CAR is that of a single session",
    f"{_TOGETHER}; their variance may change at the event",
    "Kolari and Pynnönen (2011)",
    _grank,
)
