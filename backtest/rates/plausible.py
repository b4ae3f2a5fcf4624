"""Implausible rates: solved from averages that only a few days of a month separate, they give no odds."""

from __future__ import annotations

import numpy as np

from backtest.model import Bools, Floats, Sessions
from backtest.rates.curve import MOVE
from backtest.rates.meetings import FIRST_RANGE, Meetings, target_in_force

BOUND = MOVE
"""Maximum distance of a solved start from the target in force. Of 8,051 sessions of real quotes 1993-2026, 126 exceed
it and are as far from their own month's rate: all from October 1993 to February 1994 and from September to November
2001, where an average is divided by a few days. A bound of 0.20 would also reject sessions of December 2022, when the
effective rate was that far below the upper bound of the target."""


def contradicts_target(start: Floats, own: Floats, anchored: Bools, meetings: Meetings, sessions: Sessions) -> Bools:
    """Flag sessions on which the solved start of the next meeting cannot be the rate in force.

    Parameters
    ----------
    start : ndarray of shape (n_sessions,)
        Start rate of the next meeting, in percent; NaN if unsolved.
    own : ndarray of shape (n_sessions,)
        Implied rate of the session's own month: the effective rate may be far from the target, as in 2007 and 2008.
    anchored : ndarray of shape (n_sessions,)
        Whether the start is the average of a month without a meeting: a quote, not a solution, and always accepted.
    meetings : Meetings
        The decisions.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The sessions.

    Returns
    -------
    ndarray of shape (n_sessions,)
        More than `BOUND` from the target, or its range, and from `own`. False if a rate or the target is not known.
    """
    upper = target_in_force(meetings, sessions)
    lower = np.where(sessions > np.datetime64(FIRST_RANGE, "D"), upper - MOVE, upper)
    from_target = np.maximum(start - upper, lower - start)
    return ~anchored & (from_target > BOUND) & (np.abs(start - own) > BOUND)


def below_zero(start: Floats, end: Floats, meetings: Meetings, sessions: Sessions) -> Bools:
    """Flag meetings that would leave the target more than one move below zero, where it has never been.

    Parameters
    ----------
    start, end : ndarray of shape (n_sessions, n_ahead)
        Expected rate before and after each meeting; NaN if unsolved.
    meetings, sessions
        As in `contradicts_target`.

    Returns
    -------
    ndarray of shape (n_sessions, n_ahead)
        False if a rate or the target is not known.
    """
    expected = target_in_force(meetings, sessions)[:, None] + np.cumsum(end - start, axis=1)
    return expected < -MOVE
