"""Events on the assets of a panel: where they are, and why some of them cannot be measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backtest.abnormal.event_window import EventWindow
from backtest.errors import StudyRefused
from backtest.model import Bools, Ints

BEFORE_DATA = "its event window begins before the data"
AFTER_DATA = "its event window ends after the data"
NO_RETURN = "no abnormal return is known in its event window"
TOO_FEW = "its estimation window has too few observations"
SINGULAR = "the factors do not vary, or depend on one another, in its estimation window"
NO_RESIDUAL = "its estimation window leaves no residual variance"
REASONS = (BEFORE_DATA, AFTER_DATA, TOO_FEW, SINGULAR, NO_RESIDUAL, NO_RETURN)
"""Why an event is not measured; the first that holds counts."""


@dataclass(frozen=True, eq=False)
class EventPositions:
    """Events by position in a panel of returns.

    Attributes
    ----------
    asset : ndarray of shape (n,)
        Column of the panel.
    day0 : ndarray of shape (n,)
        Row of the panel.

    Two events of one asset are two events, whether or not their windows overlap.
    """

    asset: Ints
    day0: Ints

    def __len__(self) -> int:
        return len(self.day0)

    def only(self, which: Bools | slice) -> EventPositions:
        """Return some of the events."""
        return EventPositions(self.asset[which], self.day0[which])

    def check(self, shape: tuple[int, ...]) -> None:
        """Refuse positions outside a panel.

        Raises
        ------
        StudyRefused
            The arrays differ in length, or an event lies on no column or row of the panel.
        """
        if len(self.asset) != len(self.day0):
            raise StudyRefused(
                f"events: {len(self.asset)} assets and {len(self.day0)} sessions: one of each is needed per event.",
                "Pass arrays of the same length.",
            )
        for at, size, name in ((self.day0, shape[0], "session"), (self.asset, shape[1], "asset")):
            outside = np.flatnonzero((at < 0) | (at >= size))
            if len(outside):
                first = int(outside[0])
                raise StudyRefused(
                    f"events: {name} {at[first]} of event {first}: 0 to {size - 1} are in the panel.",
                    "Give positions in the panel, and list events on no session beforehand.",
                )


def sessions_on_or_after(sessions: Ints, dates: Ints) -> Ints:
    """Return the row of the first session on or after each date: that of a weekend's event is the next session.

    Parameters
    ----------
    sessions, dates : ndarray
        Dates of the panel's rows in ascending order, and of the events, both datetime64.

    Returns
    -------
    ndarray of shape (n,)
        Rows; the number of rows itself, which is in no panel, where no session follows.
    """
    return np.asarray(np.searchsorted(sessions, dates, side="left"), dtype=np.int64)


def within(events: EventPositions, window: EventWindow, sessions: int) -> tuple[Bools, Bools]:
    """Flag the events whose window begins before the first row, and those whose window ends after the last."""
    return events.day0 + window.first < 0, events.day0 + window.last >= sessions


def overlapping(events: EventPositions, window: EventWindow) -> Bools:
    """Flag the events whose event window shares a session with that of another event of the same asset."""
    order = np.lexsort((events.day0, events.asset))
    asset, day0 = events.asset[order], events.day0[order]
    near = (np.diff(asset) == 0) & (np.diff(day0) < window.length)
    flagged = np.zeros(len(events), dtype=bool)
    flagged[order[:-1][near]] = True
    flagged[order[1:][near]] = True
    return flagged


def counted(why: Ints) -> Mapping[str, Ints]:
    """Return the positions of the events that were left out by reason; only reasons that occur are listed.

    Parameters
    ----------
    why : ndarray of shape (n,)
        Position in `REASONS`, -1 for an event that is measured.
    """
    found = {reason: np.flatnonzero(why == at) for at, reason in enumerate(REASONS)}
    return {reason: which for reason, which in found.items() if len(which)}
