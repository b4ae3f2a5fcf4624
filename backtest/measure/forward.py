"""Forward returns of every session at every horizon, and what they were for given events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backtest.model import Floats, Ints

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
    horizons : tuple of int
        In sessions, rising.
    lag : int
        Sessions between day 0 and entry.
    asset, benchmark, spread : ndarray of shape (n_sessions, n_horizons)
        Simple returns as fractions, and asset minus benchmark; NaN where the window is not complete on that leg
        (for the spread: on either).
    """

    horizons: tuple[int, ...]
    lag: int
    asset: Floats
    benchmark: Floats
    spread: Floats


def forward_returns(level: Floats, horizons: Sequence[int], lag: int) -> Floats:
    """Return ``level[t + lag + h] / level[t + lag] - 1`` for every session t and horizon h.

    Parameters
    ----------
    level : ndarray of shape (n_sessions,)
        Level at which a position is entered and left.
    horizons : sequence of int
        In sessions.
    lag : int
        Sessions between day 0 and entry.

    Returns
    -------
    ndarray of shape (n_sessions, n_horizons)
        Fractions; NaN where the window leaves the history, or either end has no level.
    """
    n = len(level)
    result = np.full((n, len(horizons)), np.nan)
    for column, h in enumerate(horizons):
        last = n - lag - h
        if last > 0:
            result[:last, column] = level[lag + h :] / level[lag : n - h] - 1.0
    return result


def measure_forward(asset: Leg, benchmark: Leg, horizons: Sequence[int], lag: int) -> Forward:
    """Measure both legs and their spread with every session as day 0."""
    a = forward_returns(asset.entry, horizons, lag)
    b = forward_returns(benchmark.entry, horizons, lag)
    return Forward(tuple(horizons), lag, a, b, a - b)


def window_status(asset: Leg, benchmark: Leg, forward: Forward, day0: Ints) -> NDArray[np.str_]:
    """Say, for every event and horizon, whether its window is complete, and if not, why.

    Parameters
    ----------
    asset, benchmark : Leg
        The legs.
    forward : Forward
        As `measure_forward` gives it.
    day0 : ndarray of shape (n_events,)
        Session positions.

    Returns
    -------
    ndarray of shape (n_events, n_horizons)
        ``"not covered"``: entry lies before a leg's first session. ``"pending"``: the window ends after a leg's last
        session. ``"missing"``: a leg has no level at entry or at the end. Else ``"complete"``.
    """
    spans = (asset.span(), benchmark.span())
    first, last = max(s[0] for s in spans), min(s[1] for s in spans)
    entry = (day0 + forward.lag)[:, None]
    leave = entry + np.array(forward.horizons)[None, :]
    complete = np.isfinite(forward.spread[day0])
    status = np.where(complete, COMPLETE, MISSING)
    status = np.where(~complete & (leave > last), PENDING, status)
    return np.where(~complete & (entry < first), NOT_COVERED, status)


def excursions(asset: Leg, benchmark: Leg, forward: Forward, day0: Ints) -> tuple[Floats, Floats]:
    """Return the lowest and the highest cumulative spread within each horizon, entry included.

    Returns
    -------
    mae, mfe : ndarray of shape (n_events, n_horizons)
        Maximum adverse excursion, at most 0, and maximum favourable excursion, at least 0, as fractions. NaN where the
        window is not complete or a level within it is missing.
    """
    steps = np.arange(forward.horizons[-1] + 1)
    entry = day0 + forward.lag
    path = _from_entry(asset.entry, entry, steps) - _from_entry(benchmark.entry, entry, steps)
    at = np.array(forward.horizons)
    lowest = np.minimum.accumulate(path, axis=1)[:, at]
    highest = np.maximum.accumulate(path, axis=1)[:, at]
    return lowest, highest


def _from_entry(level: Floats, entry: Ints, steps: Ints) -> Floats:
    position = entry[:, None] + steps[None, :]
    inside = position < len(level)
    path = np.where(inside, level[np.minimum(position, len(level) - 1)], np.nan)
    return path / path[:, :1] - 1.0
