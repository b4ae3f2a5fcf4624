"""Forward returns of every session at every horizon, and what they were for given events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backtest.measure.windows import window_ends
from backtest.model import Floats, Horizon, Ints, Sessions, judged

COMPLETE, PENDING, NOT_COVERED, MISSING = "complete", "pending", "not covered", "missing"


@dataclass(frozen=True, eq=False)
class Leg:
    """One side of the measure.

    Attributes
    ----------
    close : ndarray of shape (n_sessions,)
        Level at the close; NaN where there is none.
    entry : ndarray of shape (n_sessions,)
        Level at which a position is entered and left: the close, or the open.
    """

    close: Floats
    entry: Floats

    def span(self) -> tuple[int, int]:
        """First and last session position with a level to enter at; ``(n_sessions, -1)`` where there is none."""
        has = np.flatnonzero(np.isfinite(self.entry))
        return (int(has[0]), int(has[-1])) if len(has) else (len(self.entry), -1)


@dataclass(frozen=True, eq=False)
class Forward:
    """Forward returns with every session as day 0.

    Attributes
    ----------
    horizons : tuple of Horizon
        In order of their length.
    lag : int
        Sessions between day 0 and entry.
    leave : ndarray of shape (n_sessions, n_horizons)
        Session position at which each window ends, as `window_ends` gives it.
    legs : dict of str to ndarray of shape (n_sessions, n_horizons)
        Simple returns as fractions by leg, as `by_leg` names them; NaN where the window is not complete on that leg
        (for the spread: on either).
    """

    horizons: tuple[Horizon, ...]
    lag: int
    leave: Ints
    legs: dict[str, Floats]

    @cached_property
    def lengths(self) -> Ints:
        """Sessions from entry to the end of each window, of shape (n_sessions, n_horizons).

        Where the data do not reach the end, at least as many as they have left.
        """
        entry = np.arange(self.lag, len(self.leave) + self.lag)
        return self.leave - entry[:, None]

    @cached_property
    def longest(self) -> tuple[int, ...]:
        """The longest complete window of each horizon in sessions, and at least about what the horizon has."""
        complete = np.where(np.isfinite(self.judged), self.lengths, 0).max(axis=0, initial=0).tolist()
        return tuple(max(most, one.sessions) for most, one in zip(complete, self.horizons, strict=True))

    @property
    def judged(self) -> Floats:
        """The returns that the study judges: the spread, or those of the asset alone."""
        return judged(self.legs)


def by_leg(held: Sequence[Floats]) -> dict[str, Floats]:
    """Name the values of what is held, the asset first; with a benchmark, their difference is the spread.

    Parameters
    ----------
    held : sequence of ndarray
        One or two of the same shape.
    """
    if len(held) == 1:
        return {"asset": held[0]}
    asset, benchmark = held
    return {"asset": asset, "benchmark": benchmark, "spread": asset - benchmark}


def forward_returns(level: Floats, leave: Ints, lag: int) -> Floats:
    """Return ``level[leave[t]] / level[t + lag] - 1`` for every session t and horizon.

    Parameters
    ----------
    level : ndarray of shape (n_sessions,)
        Level at which a position is entered and left.
    leave : ndarray of shape (n_sessions, n_horizons)
        Where windows end, as `window_ends` gives it.
    lag : int
        Sessions between day 0 and entry.

    Returns
    -------
    ndarray of shape (n_sessions, n_horizons)
        Fractions; NaN where the window leaves the history or holds no session after entry, or either end has no level.
    """
    n = len(level)
    result = np.full(leave.shape, np.nan)
    entry = np.arange(lag, n + lag)
    for column, ends in enumerate(leave.T):
        inside = np.flatnonzero((ends < n) & (ends > entry))
        result[inside, column] = level[ends[inside]] / level[inside + lag] - 1.0
    return result


def measure_forward(
    legs: Sequence[Leg], horizons: Sequence[Horizon], lag: int, days: Sessions | None = None
) -> Forward:
    """Measure what is held, the asset first, and its spread with every session as day 0.

    Parameters
    ----------
    legs : sequence of Leg
        What is held.
    horizons : sequence of Horizon
        In order of their length.
    lag : int
        Sessions between day 0 and entry.
    days : ndarray of shape (n_sessions,), datetime64[D], optional
        The sessions; calendar horizons need them.
    """
    leave = window_ends(len(legs[0].entry), horizons, lag, days)
    return Forward(tuple(horizons), lag, leave, by_leg([forward_returns(leg.entry, leave, lag) for leg in legs]))


def window_status(legs: Sequence[Leg], forward: Forward, day0: Ints) -> NDArray[np.str_]:
    """Say, for every event and horizon, whether its window is complete, and if not, why.

    Parameters
    ----------
    legs : sequence of Leg
        What is held.
    forward : Forward
        As `measure_forward` gives it.
    day0 : ndarray of shape (n_events,)
        Session positions.

    Returns
    -------
    ndarray of shape (n_events, n_horizons)
        ``"not covered"``: entry lies before a leg's first session. ``"pending"``: the window ends after a leg's last
        session, or by the calendar on a day that the history does not reach. ``"missing"``: a leg has no level at entry
        or at the end, or the window ends in a hole of the history. Else ``"complete"``.
    """
    spans = [leg.span() for leg in legs]
    first, last = max(s[0] for s in spans), min(s[1] for s in spans)
    entry = (day0 + forward.lag)[:, None]
    leave = forward.leave[day0]
    complete = np.isfinite(forward.judged[day0])
    status = np.where(complete, COMPLETE, MISSING)
    status = np.where(~complete & (leave > last), PENDING, status)
    return np.where(~complete & (entry < first), NOT_COVERED, status)


def excursions(legs: Sequence[Leg], forward: Forward, day0: Ints) -> tuple[Floats, Floats]:
    """Return the lowest and the highest value of what is judged within each horizon, cumulative, entry included.

    Returns
    -------
    mae, mfe : ndarray of shape (n_events, n_horizons)
        Maximum adverse excursion, at most 0, and maximum favourable excursion, at least 0, as fractions. NaN where the
        window is not complete or a level within it is missing.
    """
    complete = np.isfinite(forward.judged[day0])
    at = np.where(complete, forward.lengths[day0], 0)
    steps = np.arange(at.max(initial=0) + 1)
    path = judged(by_leg([_from_entry(leg.entry, day0 + forward.lag, steps) for leg in legs]))
    ends = (np.take_along_axis(of.accumulate(path, axis=1), at, axis=1) for of in (np.minimum, np.maximum))
    lowest, highest = (np.where(complete, value, np.nan) for value in ends)
    return lowest, highest


def _from_entry(level: Floats, entry: Ints, steps: Ints) -> Floats:
    position = entry[:, None] + steps[None, :]
    inside = position < len(level)
    path = np.where(inside, level[np.minimum(position, len(level) - 1)], np.nan)
    return path / path[:, :1] - 1.0
