"""Conditions, the episodes that their runs form, and the events that episodes are dated to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
        As a chart's legend and axis name them.
    values : ndarray of shape (n_sessions,)
        One value a session; NaN where it is missing.
    threshold : float, optional
        The value at which the condition begins to hold, in the same unit; None where no single value decides.
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
    """A detector's answer per session.

    Attributes
    ----------
    met : ndarray of shape (n_sessions,)
        True where the condition holds, judged at that session's close. False where it is unknown.
    known : ndarray of shape (n_sessions,)
        False where an input was missing, so that nothing can be said.
    indicator : Indicator, optional
        What the detector watches.
    notes : tuple of Note
        What a reader must know beside the flags, such as a date that fell on no session.
    begins : ndarray of shape (n_sessions,), optional
        True where what holds is an event of its own, such as a listed date: it begins an episode even if the condition
        held on the session before. None where an episode is a maximal run.
    accounts : tuple of Account
        What was read from a list, and what became of each entry.
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
        """Whether each session on which it is met is an episode of its own, as of listed dates."""
        return self.begins is not None and bool(self.begins[self.met].all())

    def runs(self, first: int = 0, stop: int | None = None) -> tuple[Ints, Ints]:
        """Return the first and the last session position of every run from session `first` to before `stop`."""
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
        True where what follows the run is not known: the history ends, or an input is missing. It has no seen end.
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


@dataclass(frozen=True, eq=False)
class Events:
    """Episodes dated to day 0.

    Attributes
    ----------
    episodes : Episodes
        The episodes the events were taken from, one each, aligned by position.
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
