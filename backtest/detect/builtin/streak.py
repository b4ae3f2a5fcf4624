"""Streak: n sessions in a row, each reaching a threshold."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.returns import beyond, session_returns
from backtest.model import Bools, Condition, Floats, Indicator, Prices

PATTERN = "sessions"
THRESHOLD, UNIT = "threshold", "fraction"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    against: str | None = None,
    sessions: Annotated[int, Field(ge=1, le=2520)] = 5,
    threshold: Annotated[float, Field(ge=0)] = 0.01,
    direction: Literal["up", "down"] = "up",
) -> Condition:
    """Flag a session if each of the last `sessions` sessions has a return of at least `threshold`.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of a level series.
    against : str, optional
        Another level series whose session return is subtracted first.
    sessions : int
        Length of the streak, in sessions.
    threshold : float
        Minimum return of each session, close to close, as a fraction (0.01 is 1%); compared exactly, unrounded.
        With 0, an unchanged close is neither up nor down.
    direction : {"up", "down"}
        ``"up"``: each return is at least `threshold`; ``"down"``: each return is at most minus `threshold`.

    Returns
    -------
    Condition
        Unknown if a missing return would decide. The indicator is the length of the streak so far.

    References
    ----------
    Fama, E. F. (1965). The behavior of stock-market prices. Journal of Business 38(1), 34-105: runs of daily changes.

    Examples
    --------
    ::

        [detector]
        use = "streak"
        series = "small_index"
        sessions = 5
        threshold = 0.01
    """
    returns = session_returns(prices, series, 1, against)
    if returns.ndim == 2:
        return _on_block(returns, sessions, threshold, direction)
    watched = (prices.name(series), against and prices.name(against), threshold, direction)
    length, open_length, indicator = prices.once(("streak", *watched), lambda: _lengths(returns, threshold, direction))
    met = length >= sessions
    return Condition(met, met | (open_length < sessions), Indicator("streak so far", "sessions", indicator, sessions))


def _on_block(returns: Floats, sessions: int, threshold: float, direction: Literal["up", "down"]) -> Condition:
    """Return the answers on several assets, of shape (n_sessions, n_assets), without an indicator."""
    far = beyond(returns, threshold, direction)
    met = _last_all(far, sessions, before=False)
    return Condition(met, met | ~_last_all(far | ~np.isfinite(returns), sessions, before=True))


def _last_all(flags: Bools, n: int, *, before: bool) -> Bools:
    """Flag where each of the last `n` sessions is flagged; `before` stands for those before the history."""
    found, held = flags.copy(order="K"), 1
    while held < n:
        step = min(held, n - held)
        found[step:] &= found[:-step].copy(order="K")
        found[:step] &= before
        held += step
    return found


def _lengths(returns: Floats, threshold: float, direction: Literal["up", "down"]) -> Floats:
    """Return the length of the streak, what it may be, and the first as it is shown; shape (3, n_sessions).

    One session that falls short rules a streak out; only a missing return leaves it open. Returns before the history
    count as missing, so that a series that begins later is judged in the same way.
    """
    known = np.isfinite(returns)
    far = beyond(returns, threshold, direction)
    length, open_length = run_length(far).astype(np.float64), run_length(far | ~known).astype(np.float64)
    open_length[open_length == np.arange(1, len(returns) + 1)] = np.inf
    return np.stack((length, open_length, np.where(known, length, np.nan)))


def run_length(flags: np.ndarray) -> np.ndarray:
    """Count, per session, how many sessions in a row up to and including it are flagged."""
    position = np.arange(1, len(flags) + 1)
    last_break = np.maximum.accumulate(np.where(flags, 0, position))
    return position - last_break
