"""What several assets give over the windows of a horizon, from arrays of shape (n_sessions, n_assets)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest.measure.windows import window_ends
from backtest.model import Bools, Floats, Horizon, Ints, Prices


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows that a history completes; made once, for as many assets as there are.

    Attributes
    ----------
    leave : ndarray of shape (n_sessions,)
        Session position at which each window ends, as `window_ends` gives it.
    since, until : slice or ndarray
        Session positions at which those begin and end that do not leave the history. A slice copies nothing.
    first, stop : int
        No window begins before `first`, or at `stop` or later.
    """

    leave: Ints
    since: slice | Ints
    until: slice | Ints
    first: int
    stop: int

    @classmethod
    def of(cls, leave: Ints) -> Windows:
        """Find the windows of a horizon; `leave` is as `window_ends` gives it."""
        inside = np.flatnonzero((leave < len(leave)) & (leave > np.arange(len(leave))))
        if not len(inside):
            return cls(leave, slice(0, 0), slice(0, 0), 0, 0)
        return cls(leave, _run(inside), _run(leave[inside]), int(inside[0]), int(inside[-1]) + 1)

    def returns(self, level: Floats, entry: Floats | None = None, out: Floats | None = None) -> Floats:
        """Return what several assets gave, as `forward_of_block` does.

        Parameters
        ----------
        level : ndarray of shape (n_sessions, n_assets)
            Closes; NaN where there is none.
        entry : ndarray of shape (n_sessions, n_assets), optional
            Closes at which windows begin, NaN where none may; by default, `level`.
        out : ndarray of shape (n_sessions, n_assets), optional
            Is filled and returned.
        """
        result = np.empty_like(level) if out is None else out
        self._fill(result, np.divide, level, level if entry is None else entry, np.nan)
        result -= 1.0
        return result

    def missing(self, level: Bools, entry: Bools) -> Bools:
        """Flag where `returns` has none, given where its two arguments have none; a quotient may be infinite, too."""
        flags = np.empty_like(level)
        self._fill(flags, np.logical_or, level, entry, True)
        return flags

    def _fill(
        self, into: NDArray[Any], function: np.ufunc, level: NDArray[Any], entry: NDArray[Any], nothing: float
    ) -> None:
        """Fill an array with what a function gives of the ends of each window, and with `nothing` elsewhere."""
        into[: self.first] = into[self.stop :] = nothing
        if isinstance(self.since, slice):
            function(level[self.until], entry[self.since], out=into[self.since])
        else:
            into[self.first : self.stop] = nothing
            into[self.since] = function(level[self.until], entry[self.since])


def windows_on(common: Prices, horizons: Sequence[Horizon]) -> list[Windows]:
    """Return the windows of each horizon, which begin at the close of any session."""
    ends = window_ends(len(common), horizons, 0, common.sessions)
    return [Windows.of(leave) for leave in ends.T]


def forward_of_block(level: Floats, leave: Ints) -> Floats:
    """Return ``level[leave[t]] / level[t] - 1`` of several assets.

    Parameters
    ----------
    level : ndarray of shape (n_sessions, n_assets)
        Closes; NaN where there is none.
    leave : ndarray of shape (n_sessions,)
        Session position at which each window ends, as `window_ends` gives it.

    Returns
    -------
    ndarray of shape (n_sessions, n_assets)
        NaN where the window leaves the history, or either end has no close.
    """
    return Windows.of(leave).returns(level)


def _run(at: Ints) -> slice | Ints:
    """Return positions as a slice, if they follow one another."""
    whole = at[-1] - at[0] + 1 == len(at) and bool((np.diff(at) == 1).all())
    return slice(int(at[0]), int(at[-1]) + 1) if whole else at
