"""What it turns on where a second opinion differs from the default verdict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.format import joined
from backtest.inference.opinions.opinion import (
    BINOMIAL,
    EVENTS_T,
    HANSEN_HODRICK,
    LOCAL_SHIFTS,
    NEWEY_WEST,
    SIGN,
    WILCOXON,
    Method,
    Opinion,
)
from backtest.model import Ints
from backtest.model.significance import LEVEL, stands_out

OVERLAP = "whether windows that overlap count as separate observations"
SPREAD = "whether the events' own returns or the volatility of the history show how widely chance varies"
ENOUGH = "whether there are enough separate events to judge the error of their mean by"
COUNT = "whether one asks how many events did better, or by how much"
LOCAL = "whether the years around the events are like the rest of the history"

DATES = "whether events on the same date count as separate observations"

COUNTING = (BINOMIAL, WILCOXON, SIGN)
REGRESSIONS = (NEWEY_WEST, HANSEN_HODRICK)


OVERLAP_MATTERS = 1.25
"""Overlap that makes the variance of the mean so many times as large explains a p of 5% which should be 8%."""


def disagreement(p_value: float | None, opinions: Sequence[Opinion], overlap: float) -> str:
    """Say in one sentence which assumption a disagreement at the level turns on.

    Parameters
    ----------
    p_value : float or None
        The default verdict's own p at this horizon, not adjusted: opinions do not count looks either.
    opinions : sequence of Opinion
        At the same horizon; those without an answer neither agree nor disagree.
    overlap : float
        Of the events' windows, as `overlap_of` gives it.

    Returns
    -------
    str
        Empty where all agree, or there is no verdict to agree with.
    """
    if p_value is None:
        return ""
    unlikely = stands_out(p_value)
    against = [o.method for o in opinions if o.p_value is not None and stands_out(o.p_value) is not unlikely]
    if not against:
        return ""
    sides = (f"above {LEVEL:.0%}", f"at most {LEVEL:.0%}")
    theirs, ours = sides if unlikely else sides[::-1]
    names = joined([method.name for method in against])
    turns = dict.fromkeys(f"on {_turns_on(method, unlikely, overlap)}" for method in against)
    return f"By {names}, p is {theirs}, by the circular shift {ours}: this turns {joined(list(turns))}."


def overlap_of(day0: Ints, lengths: Ints | int) -> float:
    """Return how many times as large overlap makes the variance of the events' mean, if sessions are independent.

    With c the number of windows that cover a session, it is the sum of c squared over all sessions, divided by the sum
    of c: 1 where no windows overlap, n where all are the same.

    Parameters
    ----------
    day0 : ndarray of shape (n_events,)
        Session positions of the events with a complete window.
    lengths : ndarray of shape (n_events,) or int
        Sessions in each window.

    Returns
    -------
    float
        At least 1; 1 without events.
    """
    if not len(day0):
        return 1.0
    begin = day0 - day0.min()
    end = begin + lengths
    begun, ended = (np.bincount(at, minlength=int(end.max()) + 1) for at in (begin, end))
    covering = np.cumsum(begun - ended)
    return float((covering**2).sum() / covering.sum())


def _turns_on(method: Method, unlikely: bool, overlap: float) -> str:
    """Return what one method's disagreement turns on; `unlikely` says that the verdict is below the level."""
    if method is LOCAL_SHIFTS:
        return LOCAL
    if not unlikely and method is EVENTS_T:
        return DATES
    if not unlikely and method in REGRESSIONS:
        return ENOUGH  # few events fit themselves: the variance comes out too small
    if not unlikely and overlap >= OVERLAP_MATTERS:
        return OVERLAP
    return COUNT if method in COUNTING else SPREAD
