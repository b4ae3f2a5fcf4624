"""What every set of a search gave in each piece of the history, at one horizon."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from backtest.inference.circle import Circle, flags_of, make_circle, overlap
from backtest.inference.variance import expected_variance
from backtest.model import Floats, Ints
from backtest.model.rounding import are_hits
from backtest.study.base_rate import BaseRate
from backtest.tuning.account_returns import AccountReturns
from backtest.tuning.in_pieces import Cut, Gains, InPieces
from backtest.tuning.search import Search, Trial


class Pieces(InPieces):
    """The sums of every set of a search of single series; its parameters are those of `InPieces`."""

    found: Search

    @cached_property
    def distinct(self) -> Ints:
        """The first of all sets with the same events under the same measure, by set; shape (n_sets,)."""
        seen: dict[tuple[int, bytes, object], int] = {}
        by_trade = self.objective == "sharpe"  # sets with the same events may be traded at other times
        return np.array(
            [
                seen.setdefault((id(trial.base_rate), trial.day0.tobytes(), at if by_trade else None), at)
                for at, trial in enumerate(self.found.trials)
            ],
            dtype=np.int64,
        )

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first and the last session position with a complete window that some set could have an event on."""
        circles = {id(one): one.circles[self.column].position for one in (t.base_rate for t in self.found.trials)}
        held = [position for position in circles.values() if len(position)]
        if not held:
            return 0, -1
        return min(int(one[0]) for one in held), max(int(one[-1]) for one in held)

    def returned(self, trial: Trial) -> Floats:
        """Return what is judged at the horizon for every session as day 0; shape (n_sessions,), NaN if incomplete."""
        column: Floats = trial.base_rate.forward.judged[:, self.column]
        return column

    def events(self, trial: Trial) -> Ints:
        """Return the session positions of a set's events with a complete window."""
        return trial.day0[np.isfinite(self.returned(trial)[trial.day0])]

    def days(self, at: int) -> Ints:
        """Return the session positions of a set's events with a complete window."""
        return self.events(self.found.trials[at])

    @cached_property
    def ends(self) -> Ints:
        """The session position at which each session's window ends, by the longest measure; shape (n_sessions,)."""
        measures = {id(one.base_rate.every): one.base_rate.forward for one in self.found.trials}.values()
        every = [np.asarray(one.leave[:, self.column], dtype=np.int64) for one in measures]
        return np.asarray(np.max(every, axis=0))

    @property
    def longest(self) -> int:
        """Sessions of the longest window of any set."""
        return max(int(trial.base_rate.forward.longest[self.column]) for trial in self.found.trials)

    def gains(self, at: int) -> Gains:
        """Return what a set gains on each session."""
        circle = self.found.trials[at].base_rate.circles[self.column]
        places = circle.ranks(self.found.trials[at].day0)
        values = np.zeros(len(circle))
        values[places] = circle.deviation[places]
        return Gains(circle.position, values, len(places))

    def sums(self, cut: Cut) -> Floats:
        """Return the sums of every set in every piece, as `InPieces.sums` describes them."""
        bases: dict[int, _Base] = {}
        result: list[Floats] = []
        for at, trial in enumerate(self.found.trials):
            first = int(self.distinct[at])
            if first < at:
                result.append(result[first])
                continue
            key = id(trial.base_rate)
            if key not in bases:
                bases[key] = _Base(self, trial.base_rate, self.returned(trial), cut)
            result.append(self._of_set(at, trial, bases[key], cut))
        return np.array(result)

    def _of_set(self, at: int, trial: Trial, base: _Base, cut: Cut) -> Floats:
        day0 = trial.day0[cut.windows[trial.day0] >= 0]
        day0 = day0[np.isfinite(base.returned[day0])]
        piece, values = cut.windows[day0], base.returned[day0]
        events = [
            np.bincount(piece, minlength=cut.n),
            np.bincount(piece, values, cut.n),
            np.bincount(piece, are_hits(values), cut.n),
        ]
        return np.column_stack([*events, *base.rate, *self._own(at, day0, values, base, cut)])

    def _own(self, at: int, day0: Ints, values: Floats, base: _Base, cut: Cut) -> list[Floats]:
        """Return the sums that only this objective needs."""
        if self.objective in ("t", "p_adjusted"):
            return _dispersion(base.circle, day0, cut)
        if self.objective == "worst_decade":
            return _by_decade(self.decade, day0, values, base, cut)
        if self.objective == "sharpe":
            return self.accounts.sums(at, cut.sessions, cut.n)
        return []

    @cached_property
    def accounts(self) -> AccountReturns:
        """The simulated accounts, each made when it is first asked for."""
        return AccountReturns(self.found)


class _Base:
    """The base rate in each piece, and the circle from what was known."""

    def __init__(self, pieces: Pieces, base_rate: BaseRate, returned: Floats, cut: Cut) -> None:
        self.returned = returned
        counts = base_rate.eligible & np.isfinite(returned) & (cut.windows >= 0)
        self.position = np.flatnonzero(counts)
        piece = cut.windows[self.position]
        self.rate = [np.bincount(piece, minlength=cut.n), np.bincount(piece, returned[self.position], cut.n)]
        self._base_rate, self._column, self._known = base_rate, pieces.column, cut.known
        self._counts = counts

    @cached_property
    def circle(self) -> Circle:
        if self._known is None:
            return self._base_rate.circles[self._column]
        every, forward = self._base_rate.every, self._base_rate.forward
        realised = every.realised[self._column]
        expected = expected_variance(realised, every.volatility, self._counts)
        lengths = forward.lengths[:, self._column]
        return make_circle(self.returned, expected, realised, every.daily, self._counts, lengths, forward.lag)


def _dispersion(circle: Circle, day0: Ints, cut: Cut) -> list[Floats]:
    """Return what the scale of the verdict is made of, piece by piece (`backtest.inference.circular_shift`)."""
    places = circle.ranks(day0)
    if not len(places):
        return [np.zeros(cut.n)] * 6
    windows = overlap(circle, flags_of(circle, [places]))[0]
    of_event = cut.windows[circle.position[places]]
    lies = cut.sessions[circle.position]
    inside = lies >= 0
    lies, windows, square = lies[inside], windows[inside], circle.square[inside]
    each = (windows, windows**2, windows * square, windows**2 * square)
    summed = [np.bincount(of_event, one[places], cut.n) for one in (circle.expected, circle.realised)]
    summed += [np.bincount(lies, one, cut.n) for one in each]
    return [one.astype(np.float64) for one in summed]


def _by_decade(decade: Ints, day0: Ints, values: Floats, base: _Base, cut: Cut) -> list[Floats]:
    n = int(decade[-1]) + 1 if len(decade) else 1

    def table(at: Ints, weights: Floats | None) -> Floats:
        cell = cut.windows[at] * n + decade[at]
        return np.bincount(cell, weights, cut.n * n).reshape(cut.n, n).astype(np.float64)

    four = (
        table(day0, None),
        table(day0, values),
        table(base.position, None),
        table(base.position, base.returned[base.position]),
    )
    return list(np.stack(four, axis=-1).reshape(cut.n, -1).T)
