"""Rates that cannot be: solved from averages that few days of a month tell apart, they give no odds."""

from __future__ import annotations

import numpy as np

from backtest.model import Bools, Floats, Sessions
from backtest.rates.curve import MOVE
from backtest.rates.meetings import FIRST_RANGE, Meetings, target_in_force

BOUND = MOVE
"""So far a solved start may lie from the target in force. Of 8,051 sessions 1993-2026 of real quotes 126 are beyond it,
and as far from their own month's rate: all in October 1993 to February 1994 and in September to November 2001, where an
average is divided by a few days. A bound of 0.20 would also doubt some of December 2022, when the effective rate lay
that far below the upper bound of the target."""


def contradicts_target(start: Floats, own: Floats, anchored: Bools, meetings: Meetings, sessions: Sessions) -> Bools:
    """Tell where the solved start of the next meeting cannot be the rate that is in force.

    Parameters
    ----------
    start : ndarray of shape (n_sessions,)
        Start rate of the next meeting, in percent; NaN where unsolved.
    own : ndarray of shape (n_sessions,)
        Implied rate of the session's own month: the effective rate may stand away from the target, as in 2007 and 2008.
    anchored : ndarray of shape (n_sessions,)
        The start is the average of a month without a meeting: a quote, not a solution, and never doubted.
    meetings : Meetings
        What was decided.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The sessions.

    Returns
    -------
    ndarray of shape (n_sessions,)
        More than `BOUND` from the target, or its range, and from `own`. False where a rate or the target is not known.
    """
    upper = target_in_force(meetings, sessions)
    lower = np.where(sessions > np.datetime64(FIRST_RANGE, "D"), upper - MOVE, upper)
    from_target = np.maximum(start - upper, lower - start)
    return ~anchored & (from_target > BOUND) & (np.abs(start - own) > BOUND)


def below_zero(start: Floats, end: Floats, meetings: Meetings, sessions: Sessions) -> Bools:
    """Tell which meetings would leave a target more than a move below zero, where none has ever been.

    Parameters
    ----------
    start, end : ndarray of shape (n_sessions, n_ahead)
        Expected rate before and after each meeting; NaN where unsolved.
    meetings, sessions
        As `contradicts_target` has them.

    Returns
    -------
    ndarray of shape (n_sessions, n_ahead)
        False where a rate or the target is not known.
    """
    expected = target_in_force(meetings, sessions)[:, None] + np.cumsum(end - start, axis=1)
    return expected < -MOVE
