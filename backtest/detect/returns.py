"""Returns over a number of sessions, of one series or of one series minus another."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.errors import StudyRefused
from backtest.model import Bools, Floats, Prices


def session_returns(prices: Prices, series: str, sessions: int, against: str | None = None) -> Floats:
    """Return the simple return over the last `sessions` sessions, close to close.

    Parameters
    ----------
    prices : Prices
        The history.
    series, against : str
        Roles or names of level series; with `against`, its return over the same sessions is subtracted.
    sessions : int
        Length in sessions.

    Returns
    -------
    ndarray of shape (n_sessions,), or (n_sessions, n_assets) on a block of assets
        Fractions; NaN for the first `sessions` sessions and if one of the closes is missing.

    Raises
    ------
    StudyRefused
        A series is not a level.
    """
    returns = _returns(prices, series, sessions)
    if against is None:
        return returns
    returns, other = aligned(returns, _returns(prices, against, sessions))
    return returns - other


def aligned(one: Floats, other: Floats) -> tuple[Floats, Floats]:
    """Return values of several assets, and of a series that they share, as arrays that NumPy combines by session."""
    if one.ndim == other.ndim:
        return one, other
    return (one, other[:, None]) if one.ndim == 2 else (one[:, None], other)


def beyond(returns: Floats, threshold: float, direction: Literal["up", "down"]) -> Bools:
    """Flag returns of at least `threshold`, or at most minus `threshold`; exact, unrounded, False if NaN.

    With a threshold of zero, up is above zero and down below it: an unchanged close is neither.
    """
    if threshold == 0:
        return returns > 0 if direction == "up" else returns < 0
    return returns >= threshold if direction == "up" else returns <= -threshold


def level(prices: Prices, series: str) -> Floats:
    """Return the closes of a level series, shape (n_sessions,) or of a block (n_sessions, n_assets); NaN if missing.

    Raises
    ------
    StudyRefused
        The series is not a level: the ratio of two of its values is not a return.
    """
    info = prices.info(series)
    if info.basis is None:
        raise StudyRefused(
            f"series '{info.name}' is of kind {info.kind}; a return needs a price index or a total-return index.",
            "'backtest show DATASET' lists the kinds.",
        )
    return prices.close(series)


def _returns(prices: Prices, series: str, sessions: int) -> Floats:
    close = level(prices, series)

    def returned() -> Floats:
        returns = np.empty_like(close)
        returns[:sessions] = np.nan
        if sessions < len(close):
            np.divide(close[sessions:], close[:-sessions], out=returns[sessions:])
            returns[sessions:] -= 1.0
        return returns

    return prices.once(("return", prices.name(series), sessions), returned)
