"""What every set of a search gave in pieces of the history, of single series or of a panel, at one horizon."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from backtest.model import Floats, Ints
from backtest.tuning.plateau import Neighbours, neighbours_of
from backtest.tuning.searched import Searched


@dataclass(frozen=True, eq=False)
class Cut:
    """The history in pieces.

    Attributes
    ----------
    windows : ndarray of shape (n_sessions,)
        The piece in which a window that begins on a session counts; -1 for none.
    sessions : ndarray of shape (n_sessions,)
        The piece that the session itself lies in; -1 for none.
    n : int
        How many pieces there are.
    known : int or None
        Nothing from this session position on may be known, not even to expect a variance; None where all is known.
    """

    windows: Ints
    sessions: Ints
    n: int
    known: int | None = None


class Gains(NamedTuple):
    """What a set gains over an ordinary session.

    Attributes
    ----------
    sessions : ndarray of shape (n,)
        Positions of the sessions on which it could have had an event with a complete window.
    values : ndarray of shape (n,)
        What its events on each of them gave in all, less the base rate of as many, a fraction; zero without one.
    events : int
        How many events those are; weighted by date, event dates.
    """

    sessions: Ints
    values: Floats
    events: int


class InPieces(ABC):
    """The sums of every set in any pieces of the history.

    Parameters
    ----------
    found : Searched
        The search.
    column : int
        The horizon, by position.
    objective : str
        One of `backtest.tuning.objective.OBJECTIVES`.
    """

    def __init__(self, found: Searched, column: int, objective: str) -> None:
        self.found, self.column, self.objective = found, column, objective

    @cached_property
    def near(self) -> Neighbours:
        """The neighbours of each set."""
        return neighbours_of([trial.parameters for trial in self.found.trials])

    @property
    def n_sessions(self) -> int:
        """Sessions of the history."""
        return len(self.found.plan.dataset.prices)

    @property
    @abstractmethod
    def distinct(self) -> Ints:
        """The first of all sets with the same events under the same measure, by set; shape (n_sets,)."""

    @property
    @abstractmethod
    def span(self) -> tuple[int, int]:
        """The first and the last session position with a complete window that some set could have an event on."""

    @property
    @abstractmethod
    def ends(self) -> Ints:
        """The session position at which each session's window ends, by the longest measure; shape (n_sessions,)."""

    @property
    @abstractmethod
    def longest(self) -> int:
        """Sessions of the longest window of any set."""

    @abstractmethod
    def days(self, at: int) -> Ints:
        """Return the session positions of what counts once in a set: its events, or its event dates."""

    @abstractmethod
    def gains(self, at: int) -> Gains:
        """Return what a set gains on each session."""

    @abstractmethod
    def sums(self, cut: Cut) -> Floats:
        """Return the sums of every set in every piece; shape (n_sets, n_pieces, n_columns).

        The columns are those of `backtest.tuning.objective`, with which `score` makes a figure of them. Sets with the
        same events have the same sums.
        """

    @cached_property
    def decade(self) -> Ints:
        """The number of each session's decade, from 0."""
        sessions: Any = self.found.plan.dataset.prices.sessions
        years = sessions.astype("datetime64[Y]").astype(np.int64) + 1970
        return np.asarray(years // 10 - int(years[0]) // 10)
