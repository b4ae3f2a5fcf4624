"""Changes of the federal funds target before the calendar of meetings begins, from a series of the target."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from backtest.model import Floats, Sessions
from backtest.rates.meetings import Meetings


def with_earlier_changes(meetings: Meetings, sessions: Sessions, target: Floats) -> Meetings:
    """Return a calendar with the changes of a target before its first meeting, as unscheduled decisions.

    Parameters
    ----------
    meetings : Meetings
        The calendar.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The sessions of the target.
    target : ndarray of shape (n_sessions,)
        Percent; a missing value is passed over, so that a change is dated to the first session that shows it.

    Returns
    -------
    Meetings
        In order of date; the first value of the target changes nothing.
    """
    there = np.flatnonzero(np.isfinite(target))
    if len(meetings):
        there = there[sessions[there] < meetings.date[0]]
    moved = target[there[1:]] != target[there[:-1]]
    at, before = there[1:][moved], target[there[:-1]][moved]
    days = sessions[at].astype(meetings.date.dtype)
    none = np.zeros(len(at), dtype=np.bool_)
    never = np.full(len(at), "NaT", dtype=meetings.date.dtype)
    earlier = (days, none, before, target[at], days, never, none)
    later = (getattr(meetings, one.name) for one in fields(Meetings))
    return Meetings(*map(np.concatenate, zip(earlier, later, strict=True)))
