"""A history in which tests are tried."""

from __future__ import annotations

from dataclasses import dataclass

from backtest.measure.forward import Leg
from backtest.model import Bools, Ints, Sessions


@dataclass(frozen=True, eq=False)
class History:
    """A history with the events of some signals.

    Attributes
    ----------
    legs : list of Leg
        One or two, the asset first.
    lag : int
        Sessions from day 0 to entry.
    eligible : ndarray of shape (n_sessions,)
        Where an event could have been.
    events : list of ndarray
        Session positions of each signal's events.
    days : ndarray of shape (n_sessions,), datetime64[D], or None
        The sessions; calendar horizons need them.
    """

    legs: list[Leg]
    lag: int
    eligible: Bools
    events: list[Ints]
    days: Sessions | None = None
