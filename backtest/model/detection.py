"""The result of detection: the condition, its episodes, and the events dated to them."""

from __future__ import annotations

from dataclasses import dataclass

from backtest.model.accounts import Account
from backtest.model.arrays import Ints
from backtest.model.events import Condition, Episodes, Events
from backtest.model.notes import Lookahead, Note


@dataclass(frozen=True, eq=False)
class Detection:
    """The result of a detector on a history.

    Attributes
    ----------
    condition : Condition
        Its answer over the whole history.
    found : Episodes
        All episodes of the whole history.
    episodes : Episodes
        Those whose trigger lies in the sample window.
    events : Events
        Those that remain after day 0, the window and the cooldown.
    window : (int, int)
        First and last session position of the sample window.
    reads : tuple of str
        The series that the detector read.
    length : ndarray of shape (n_sessions,)
        Length in sessions of the pattern that ends on each session; at least 1.
    parts : dict of str to Condition
        The named conditions that it combines; empty for a single detector.
    lookahead : Lookahead or None
        The leak that was allowed; None if none was found.
    notes : tuple of Note
        Notes of the look-ahead guard.
    accounts : tuple of Account
        What became of each listed date and each episode.
    """

    condition: Condition
    found: Episodes
    episodes: Episodes
    events: Events
    window: tuple[int, int]
    reads: tuple[str, ...]
    length: Ints
    parts: dict[str, Condition]
    lookahead: Lookahead | None = None
    notes: tuple[Note, ...] = ()
    accounts: tuple[Account, ...] = ()

    @property
    def pattern(self) -> int:
        """Length in sessions of the longest pattern of the condition."""
        return int(self.length.max(initial=1))
