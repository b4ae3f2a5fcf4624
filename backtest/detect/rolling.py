"""Rolling figures of the last n sessions, some of which may be missing; of one series, or of each column of a block.

A block has the shape (n_sessions, n_assets): every figure follows the sessions, and no column sees another.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from backtest.model import Bools, Floats, Ints

STRANDS, LONGEST = 8, 128
"""NumPy adds up to 128 numbers in a row in eight strands, and halves longer rows."""
Values = TypeVar("Values", Bools, Floats, Ints)


def trailing_mean(values: Floats, n: int) -> Floats:
    """Return the mean of the last `n` values, of the shape of `values`; NaN if one of them is missing.

    It is added in the order in which NumPy adds `n` numbers, and so equals ``values[t - n + 1 : t + 1].mean()``.
    """
    mean = np.full_like(values, np.nan)
    if n <= len(values):
        np.divide(_sums(values, n), n, out=mean[n - 1 :])
    return mean


def _sums(values: Floats, n: int) -> Floats:
    """Return the sum of every `n` values in a row, from the first on."""
    if n > LONGEST:
        half = n // 2 // STRANDS * STRANDS
        first, second = _sums(values[: len(values) - n + half], half), _sums(values[half:], n - half)
        return first + second
    if n < STRANDS:
        return _added(values, n, 1)
    sums = _added(values, n // STRANDS, STRANDS)  # one strand; the seven others begin one value later each
    for apart in (1, 2, 4):
        sums = sums[:-apart] + sums[apart:]
    whole = n // STRANDS * STRANDS
    sums = sums[: len(values) - n + 1]
    for more in range(whole, n):
        sums += values[more : more + len(sums)]
    return sums


def _added(values: Floats, n: int, apart: int) -> Floats:
    """Return the sum of `n` values that lie so many sessions apart, one after the other, from the first on."""
    sums = values[: len(values) - (n - 1) * apart].copy(order="K")
    for more in range(1, n):
        sums += values[more * apart : more * apart + len(sums)]
    return sums


def change_over(values: Floats, sessions: int) -> Floats:
    """Return the difference from the value so many sessions before, of the shape of `values`; NaN if one is missing."""
    change = np.full_like(values, np.nan)
    if sessions < len(values):
        np.subtract(values[sessions:], values[:-sessions], out=change[sessions:])
    return change


def highest(close: Floats, lookback: int | None) -> tuple[Floats, Bools]:
    """Return the highest close of the last `lookback` sessions, and whether all of them are there.

    Parameters
    ----------
    close : ndarray of shape (n_sessions,) or (n_sessions, n_assets)
        Closes; NaN if missing.
    lookback : int, optional
        Number of sessions, this one included; by default all since the first close of the series.

    Returns
    -------
    high : ndarray of the shape of `close`
        Highest of the closes that are there; the true high is at least this. NaN if there is none.
    complete : ndarray of bool
        False if a close is missing. With a `lookback`, closes before the history are missing; without one, a series
        begins with its first close.
    """
    there = np.isfinite(close)
    low = np.where(there, close, -np.inf)
    if lookback is None:
        high = np.maximum.accumulate(low)
        begun = np.logical_or.accumulate(there)
        complete = begun & np.logical_and.accumulate(there | ~begun)
    else:
        high = over_last(np.maximum, low, lookback, -np.inf)
        complete = over_last(np.logical_and, there, lookback, False)
    return np.where(np.isfinite(high), high, np.nan), complete


def over_last(combine: np.ufunc, values: Values, n: int, before: float) -> Values:
    """Return the maximum, ``and`` or ``or`` of the last `n` values, this one included, of the shape of `values`.

    Parameters
    ----------
    combine : ufunc
        One to which a value may be given twice: `numpy.maximum`, `numpy.logical_and`, `numpy.logical_or`.
    values : ndarray of shape (n_sessions,) or (n_sessions, n_assets)
        The values.
    n : int
        Number of sessions. Of 0 sessions, ``and`` is True and ``or`` is False; there is no maximum.
    before : float
        What the sessions before the history count as.
    """
    if n == 0:
        return np.full_like(values, combine.identity)
    found, held = values, 1
    while held < n:
        step = min(held, n - held)
        longer = np.empty_like(found)
        longer[:step] = combine(found[:step], before)
        combine(found[step:], found[: max(len(found) - step, 0)], out=longer[step:])
        found, held = longer, held + step
    return found


def session_before(values: Values, before: float) -> Values:
    """Return the values of the session before; `before` on the first session."""
    moved = np.empty_like(values)
    moved[:1] = before
    moved[1:] = values[:-1]
    return moved


def positions(values: Bools | Floats) -> Ints:
    """Return the position of each session, of a shape that combines with `values`."""
    return np.arange(len(values)).reshape(-1, *(1,) * (values.ndim - 1))


def regime(values: Floats, enter: float, leave: float) -> tuple[Bools, Bools]:
    """Return the sessions of regimes that begin at `enter` or above and last until a value is below `leave`.

    Returns
    -------
    met, known : ndarray of bool, of the shape of `values`
        A missing value is unknown, and so are the sessions after it until a value at or above `enter` or below `leave`
        decides; values before the history count as missing.
    """
    on, off = values >= enter, values < leave
    decided = on | off | ~np.isfinite(values)
    at = 4 * (1 + positions(values))
    latest = np.maximum.accumulate(np.where(decided, at + 2 * on + off, 0))  # when, and how, in one number
    return latest & 2 > 0, latest & 3 > 0
