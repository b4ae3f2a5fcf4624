"""When a position is held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Bools, Ints


@dataclass(frozen=True, eq=False)
class Holdings:
    """When a position is held; all arrays of shape (n_trades,) hold session positions.

    Attributes
    ----------
    entry, exit : ndarray
        Sessions of entry and exit; an exit after the history means that the trade is still open.
    events : ndarray
        Number of events that opened or extended the holding.
    """

    entry: Ints
    exit: Ints
    events: Ints


def plan_holdings(knowable: Ints, hold: int, n_sessions: int) -> Holdings:
    """Turn events into holdings: enter on the session after an event is known, and hold for `hold` sessions.

    An event that becomes known while a position is held extends the holding. A holding that would be entered after the
    end of the history is not a trade yet.

    Parameters
    ----------
    knowable : ndarray of shape (n_events,)
        Session positions at whose close the events are known, ascending.
    hold : int
        Sessions held after the last event.
    n_sessions : int
        Length of the history.
    """
    entry = knowable[knowable + 1 < n_sessions] + 1
    if not len(entry):
        empty = np.zeros(0, dtype=np.int64)
        return Holdings(empty, empty, empty)
    opens = np.concatenate(([True], np.diff(entry) > hold))
    first = np.flatnonzero(opens)
    last = np.concatenate((first[1:], [len(entry)])) - 1
    return Holdings(entry[first], entry[last] + hold, last - first + 1)


def held_at_close(enter: Ints, leave: Ints, n: int) -> Bools:
    """Flag the sessions at whose close a position is held."""
    held = np.zeros(n, dtype=np.bool_)
    for begin, end in zip(enter.tolist(), leave.tolist(), strict=True):
        held[begin:end] = True
    return held
