"""Rolling figures of the last n sessions, some of which may be missing."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backtest.model import Bools, Floats, Ints


def trailing_mean(values: Floats, n: int) -> Floats:
    """Return the mean of the last `n` values, shape (n_sessions,); NaN if one of them is missing."""
    mean = np.full(len(values), np.nan)
    if n <= len(values):
        mean[n - 1 :] = sliding_window_view(values, n).mean(axis=1)
    return mean


def highest(close: Floats, lookback: int | None) -> tuple[Floats, Bools]:
    """Return the highest close of the last `lookback` sessions, and whether all of them are there.

    Parameters
    ----------
    close : ndarray of shape (n_sessions,)
        Closes; NaN if missing.
    lookback : int, optional
        Number of sessions, this one included; by default all since the first close of the series.

    Returns
    -------
    high : ndarray of shape (n_sessions,)
        Highest of the closes that are there; the true high is at least this. NaN if there is none.
    complete : ndarray of bool
        False if a close is missing. With a `lookback`, closes before the history are missing; without one, a series
        begins with its first close.
    """
    there = np.isfinite(close)
    low = np.where(there, close, -np.inf)
    if lookback is None:
        high = np.maximum.accumulate(low) if len(low) else low
        complete = np.cumsum(there) == np.arange(1, len(close) + 1) - _leading(there)
    else:
        high = sliding_window_view(np.concatenate((np.full(lookback, -np.inf), low)), lookback)[1:].max(axis=1)
        complete = count(there, lookback) == lookback
    return np.where(np.isfinite(high), high, np.nan), complete & there


def count(flags: Bools, n: int) -> Ints:
    """Return how many of the last `n` sessions, this one included, are flagged; none is before the history."""
    counted: Ints = np.concatenate((np.zeros(n, dtype=np.int64), np.cumsum(flags, dtype=np.int64)))
    return counted[n:] - counted[: len(flags)]


def session_before(flags: Bools) -> Bools:
    """Return the flags of the session before; False on the first session."""
    return np.concatenate((np.zeros(1, dtype=np.bool_), flags[:-1]))[: len(flags)]


def _leading(there: Bools) -> int:
    return int(np.argmax(there)) if there.any() else len(there)


def regime(values: Floats, enter: float, leave: float) -> tuple[Bools, Bools]:
    """Return the sessions of regimes that begin at `enter` or above and last until a value is below `leave`.

    Returns
    -------
    met, known : ndarray of bool
        A missing value is unknown, and so are the sessions after it until a value at or above `enter` or below `leave`
        decides; values before the history count as missing.
    """
    on, off = values >= enter, values < leave
    decided = on | off | ~np.isfinite(values)
    latest = np.maximum.accumulate(np.where(decided, np.arange(len(values)), -1)) if len(values) else decided
    met = (latest >= 0) & on[latest]
    known = (latest >= 0) & (on | off)[latest]
    return met & known, known
