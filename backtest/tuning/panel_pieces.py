"""What every set of a search on a panel gave in each piece of the history, at one horizon."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from backtest.model import Floats, Ints
from backtest.tuning.in_pieces import Cut, Gains, InPieces
from backtest.tuning.panel_search import PanelSearch, refuse_on_panel
from backtest.tuning.panel_sessions import BySession, by_session, squared_changes
from backtest.tuning.panel_trials import PanelTrial


class PanelPieces(InPieces):
    """The sums of every set of a search on a panel; its parameters are those of `InPieces`.

    Raises
    ------
    StudyRefused
        The objective is a figure of the trade, which a panel has not.
    """

    found: PanelSearch

    def __init__(self, found: PanelSearch, column: int, objective: str) -> None:
        super().__init__(found, column, objective)
        refuse_on_panel(objective)
        self._of_set: dict[int, BySession] = {}
        self._squares: dict[int, Floats] = {}

    @cached_property
    def distinct(self) -> Ints:
        """The first of all sets with the same events under the same measure, by set; shape (n_sets,)."""
        _, first = np.unique(self.found.of_events, return_index=True)
        return np.asarray(first[self.found.of_events], dtype=np.int64)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first and the last session position with a complete window that some set could have an event on."""
        circles = [trial.base.circle for trial in self.found.trials if trial.base.circle.sizes[self.column]]
        if not circles:
            return 0, -1
        return min(one.first for one in circles), max(one.first + one.sizes[self.column] - 1 for one in circles)

    @cached_property
    def ends(self) -> Ints:
        """The session position at which each session's window ends, by the longest measure; shape (n_sessions,)."""
        bases = {id(trial.base): trial.base for trial in self.found.trials}.values()
        return np.asarray(np.max([one.ends[:, self.column] for one in bases], axis=0))

    @property
    def longest(self) -> int:
        """Sessions of the longest window of any set."""
        at = np.arange(self.n_sessions)
        inside = self.ends < self.n_sessions
        return int((self.ends - at)[inside].max()) if inside.any() else 1

    def days(self, at: int) -> Ints:
        """Return the session positions of what counts once in a set: its events, or its event dates."""
        n = self._by_session(int(self.distinct[at])).n.astype(np.int64)
        return np.repeat(np.arange(len(n)), n)

    def gains(self, at: int) -> Gains:
        """Return what a set gains on each session."""
        circle, of = self.found.trials[at].base.circle, self._by_session(at)
        sessions = np.arange(circle.first, circle.first + circle.sizes[self.column])
        beyond = of.total - float(self.found.trials[at].forward.base[self.column]) * of.n
        return Gains(sessions, beyond[sessions], round(float(of.n[sessions].sum())))

    def sums(self, cut: Cut) -> Floats:
        """Return the sums of every set in every piece, as `InPieces.sums` describes them."""
        result: list[Floats] = []
        for at, trial in enumerate(self.found.trials):
            first = int(self.distinct[at])
            result.append(result[first] if first < at else self._sums_of(at, trial, cut))
        return np.array(result)

    def _sums_of(self, at: int, trial: PanelTrial, cut: Cut) -> Floats:
        columns = [_in(cut.windows, values, cut.n) for values in (*self._by_session(at), *self._base(trial))]
        if self.objective in ("t", "p_adjusted"):
            columns.append(_in(cut.sessions, self._squared(at), cut.n))
        elif self.objective == "worst_decade":
            n = int(self.decade[-1]) + 1
            cell = np.where(cut.windows >= 0, cut.windows * n + self.decade, -1)
            four = [*self._by_session(at)[:2], *self._base(trial)]
            tables = [_in(cell, values, cut.n * n).reshape(cut.n, n) for values in four]
            columns += list(np.stack(tables, axis=-1).reshape(cut.n, -1).T)
        return np.column_stack(columns)

    def _by_session(self, at: int) -> BySession:
        if at not in self._of_set:
            self._of_set[at] = by_session(self.found.trials[at], self.column)
        return self._of_set[at]

    def _squared(self, at: int) -> Floats:
        if at not in self._squares:
            self._squares[at] = squared_changes(self.found.trials[at], self.column)
        return self._squares[at]

    def _base(self, trial: PanelTrial) -> tuple[Floats, Floats]:
        return trial.base.by_session(self.column)


def _in(piece: Ints, values: Floats, n: int) -> Floats:
    """Sum what lies in each piece."""
    inside = piece >= 0
    return np.bincount(piece[inside], values[inside], n).astype(np.float64)
