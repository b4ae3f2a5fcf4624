"""Conditions, the episodes that their runs form, and the events that episodes are dated to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backtest.model.accounts import Account
from backtest.model.arrays import Bools, Floats, Ints
from backtest.model.notes import Note
from backtest.model.run_lengths import runs


@dataclass(frozen=True, eq=False)
class Indicator:
    """The quantity a detector watches.

    Attributes
    ----------
    name, unit : str
        As in a chart's legend and on its axis.
    values : ndarray of shape (n_sessions,)
        One value per session; NaN if missing.
    threshold : float, optional
        The value at which the condition begins to hold, in the same unit; None if no single value decides.
    side : {"above", "below"}
        Whether the condition holds at and above the threshold, or at and below it.
    """

    name: str
    unit: str
    values: Floats
    threshold: float | None = None
    side: Literal["above", "below"] = "above"


@dataclass(frozen=True, eq=False)
class Condition:
    """A detector's answer for each session.

    Attributes
    ----------
    met : ndarray of shape (n_sessions,)
        True if the condition holds at that session's close; False if it is unknown.
    known : ndarray of shape (n_sessions,)
        False if a missing input leaves the answer open.
    indicator : Indicator, optional
        What the detector watches.
    notes : tuple of Note
        What a reader must also know, such as a date that fell on no session.
    begins : ndarray of shape (n_sessions,), optional
        True if the session is a separate event, such as a listed date: it begins an episode even if the condition held
        on the session before. None if an episode is a maximal run.
    accounts : tuple of Account
        The entries read from lists, and what became of each.
    """

    met: Bools
    known: Bools
    indicator: Indicator | None = None
    notes: tuple[Note, ...] = ()
    begins: Bools | None = None
    accounts: tuple[Account, ...] = ()

    @property
    def cautions(self) -> tuple[str, ...]:
        """The notes in words."""
        return tuple(note.text for note in self.notes)

    @property
    def by_session(self) -> bool:
        """Whether each session on which it is met is its own episode, as with listed dates."""
        return self.begins is not None and bool(self.begins[self.met].all())

    def runs(self, first: int = 0, stop: int | None = None) -> tuple[Ints, Ints]:
        """Return the first and last session position of every run between session `first` and `stop`, exclusive."""
        begins = None if self.begins is None else self.begins[first:stop]
        start, end = runs(self.met[first:stop], begins)
        return start + first, end + first


@dataclass(frozen=True, eq=False)
class Episodes:
    """Runs of a condition, in order; all arrays of shape (n_episodes,) hold session positions.

    Attributes
    ----------
    start : ndarray
        First session of the pattern (day 1 of 5).
    trigger : ndarray
        The session on which the condition first became true.
    end : ndarray
        The last session of the run.
    ongoing : ndarray of bool
        True if the end of the run was not seen: the history ends, or an input is missing.
    """

    start: Ints
    trigger: Ints
    end: Ints
    ongoing: Bools

    def __len__(self) -> int:
        return len(self.trigger)

    def take(self, index: Ints | Bools) -> Episodes:
        """Return a selection of the episodes."""
        return Episodes(self.start[index], self.trigger[index], self.end[index], self.ongoing[index])

    def later(self, by: Ints) -> Episodes:
        """Return the episodes so many sessions later, each its own number."""
        return Episodes(self.start + by, self.trigger + by, self.end + by, self.ongoing)


def joined_episodes(parts: Sequence[Episodes]) -> Episodes:
    """Join episodes, in the order of the parts."""
    every = ((one.start, one.trigger, one.end, one.ongoing) for one in parts)
    return Episodes(*map(np.concatenate, zip(*every, strict=True)))


@dataclass(frozen=True, eq=False)
class Events:
    """Episodes dated to day 0.

    Attributes
    ----------
    episodes : Episodes
        The episodes of the events, one each, aligned by position.
    day0 : ndarray of shape (n_events,)
        Session position of day 0.
    knowable : ndarray of shape (n_events,)
        Session position at whose close the event could first be known; a trade enters after it.
    """

    episodes: Episodes
    day0: Ints
    knowable: Ints

    def __len__(self) -> int:
        return len(self.day0)
