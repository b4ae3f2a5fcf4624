"""The odds of each target after each meeting: steps of 25 basis points, convolved along the meetings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from backtest.model import Bools, Floats, Ints
from backtest.rates.curve import MOVE
from backtest.rates.fedwatch import Reason, Solved
from backtest.rates.meetings import Meetings


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The distribution of the target after each of the next meetings, against the target on the session.

    Attributes
    ----------
    meeting : ndarray of shape (n_sessions, n_ahead)
        Row of `Meetings`; -1 if there is none.
    lowest : ndarray of shape (n_sessions, n_ahead)
        Moves of 25 basis points to the lowest outcome; negative: cuts. 0 if unsolved.
    probability : ndarray of shape (n_sessions, n_ahead, n_ahead + 1)
        Probabilities of the outcomes ``lowest``, ``lowest + 1``, …; they sum to 1. NaN if unsolved.
    reason : ndarray of shape (n_sessions, n_ahead)
        A `Reason`.
    """

    meeting: Ints
    lowest: Ints
    probability: Floats
    reason: Ints


def outcome_probabilities(solved: Solved) -> Outcomes:
    """Return the odds of each outcome: ``x = (end - start) / 0.25`` moves at each meeting.

    ``floor(x)`` moves have probability ``1 - frac(x)``, one more has ``frac(x)``; a later meeting is convolved with all
    before it. A meeting with implausible rates has no odds (`Solved.doubt`), nor has any meeting after one without odds
    (`Reason.EARLIER_UNSOLVED`).
    """
    x = (solved.end - solved.start) / MOVE
    known = np.logical_and.accumulate(np.isfinite(x) & (solved.doubt == Reason.SOLVED), axis=1)
    x = np.where(known, x, 0.0)
    step = np.floor(x)
    more = x - step
    n, ahead = x.shape
    probability = np.zeros((n, ahead, ahead + 1))
    so_far = np.zeros((n, ahead + 1))
    so_far[:, 0] = 1.0
    for k in range(ahead):
        one_more = more[:, k, None] * so_far
        so_far = so_far - one_more
        so_far[:, 1:] += one_more[:, :-1]
        probability[:, k] = so_far
    probability[~known] = np.nan
    lowest = np.where(known, np.cumsum(step, axis=1), 0.0).astype(np.int64)
    doubted = (solved.doubt != Reason.SOLVED) & np.hstack((np.ones((n, 1), np.bool_), known[:, :-1]))
    why = np.where(doubted, solved.doubt, Reason.EARLIER_UNSOLVED)  # the first meeting without odds gives the reason
    unsolved = (solved.reason == Reason.SOLVED) & ~known
    return Outcomes(solved.meeting, lowest, probability, np.where(unsolved, why, solved.reason))


def cut_probability(outcomes: Outcomes, moves: int = 1) -> Floats:
    """Return P(target after the meeting is at least `moves` moves below the target on the session).

    Returns
    -------
    ndarray of shape (n_sessions, n_ahead)
        Fractions; cumulative from the session to the meeting, not for the meeting alone. NaN if unsolved.
    """
    return _sum(outcomes, _moves(outcomes) <= -moves)


def hike_probability(outcomes: Outcomes, moves: int = 1) -> Floats:
    """Return P(target after the meeting is at least `moves` moves above the target on the session)."""
    return _sum(outcomes, _moves(outcomes) >= moves)


def at_meeting(values: Floats, meeting: Ints, meetings: Meetings, date: dt.date) -> Floats:
    """Select, per session, the value for the meeting on one date from values by meetings ahead.

    Parameters
    ----------
    values, meeting : ndarray of shape (n_sessions, n_ahead)
        The values, and the row of `meetings` for each column.
    date : datetime.date
        The meeting.

    Returns
    -------
    ndarray of shape (n_sessions,)
        NaN if the meeting is over, not on the calendar, or further ahead than the columns reach.
    """
    wanted = (meeting >= 0) & (meetings.date[meeting] == np.datetime64(date, "D"))
    return np.where(wanted.any(axis=1), values[np.arange(len(values)), wanted.argmax(axis=1)], np.nan)


def _moves(outcomes: Outcomes) -> Ints:
    return outcomes.lowest[:, :, None] + np.arange(outcomes.probability.shape[2])


def _sum(outcomes: Outcomes, where: Bools) -> Floats:
    total = np.where(where, outcomes.probability, 0.0).sum(axis=2)
    return np.where(np.isnan(outcomes.probability[:, :, 0]), np.nan, total)
