"""Year to date: the return since the last session of the year before, and how much of it the last sessions earned."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.returns import beyond, level, session_returns
from backtest.model import Condition, Floats, Indicator, Ints, Prices, Sessions

THRESHOLD, UNIT = "threshold", "fraction"


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    threshold: Annotated[float, Field(ge=0)] = 0.1,
    share: Annotated[float, Field(gt=0)] | None = None,
    sessions: Annotated[int, Field(ge=1, le=252)] = 5,
    direction: Literal["up", "down"] = "up",
) -> Condition:
    """Flag a session on which the return of the year so far is at least `threshold`, by choice mostly a recent one.

    A calendar year begins at the close of the last session of the year before.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of a level series.
    threshold : float
        Least return of the year so far, as a fraction (0.1 is 10%); compared exactly, unrounded. With 0,
        an unchanged year is neither up nor down.
    share : float, optional
        Least share of it that the last `sessions` sessions earned, as a fraction (0.9 is 90%): their return over the
        year's. It may exceed 1, where the year stood below zero before. There is none where the year's return is
        not of the sign asked for, nor before the year is longer than `sessions`: the condition then does not hold.
    sessions : int
        The last how many sessions; without `share` it does nothing.
    direction : {"up", "down"}
        ``"up"``: the year's return is at least `threshold`; ``"down"``: it is at most minus `threshold`.

    Returns
    -------
    Condition
        Unknown where the close, or the last close of the year before, is missing; so is the first year of a history.
        With `share` also where the close before the last `sessions` sessions is missing and would decide. The
        indicator is the year's return, or with `share` the share; with a `threshold` above zero both decide.

    Examples
    --------
    ::

        [detector]
        use = "year_to_date"
        threshold = 0.05
        share = 0.90
        sessions = 5
    """
    year = year_returns(prices, series)
    far, known = beyond(year, threshold, direction), np.isfinite(year)
    if share is None:
        up = direction == "up"
        side: Literal["above", "below"] = "above" if up else "below"
        shown = Indicator("return of the year so far", "fraction", year, threshold if up else -threshold, side)
        return Condition(far, known, shown)
    shares = recent_shares(prices, series, sessions, direction)
    young = _position_in_year(prices.sessions) <= sessions
    no_share = young | (known & ((year <= 0) if direction == "up" else (year >= 0)))
    met = far & (shares >= share)
    sure = known & (~far | no_share | np.isfinite(shares))
    name = f"share of the year's return in the last {sessions} sessions"
    return Condition(met, sure, Indicator(name, "fraction", shares, share if threshold == 0 else None))


def year_returns(prices: Prices, series: str) -> Floats:
    """Return the simple return since the last close of the year before, shape (n_sessions,).

    Fractions; NaN in the first year of the history and where one of the two closes is missing.
    """
    close = level(prices, series)
    base = np.arange(len(close)) - _position_in_year(prices.sessions)
    return np.where(base >= 0, close / close[base] - 1.0, np.nan)


def recent_shares(prices: Prices, series: str, sessions: int, direction: Literal["up", "down"] = "up") -> Floats:
    """Return which share of the year's return the last `sessions` sessions earned, shape (n_sessions,).

    Fractions; NaN where a close is missing, where the year's return is zero or of the other sign, and where the last
    `sessions` sessions reach back to the year before, or make up the whole year.
    """
    year = year_returns(prices, series)
    defined = (_position_in_year(prices.sessions) > sessions) & ((year > 0) if direction == "up" else (year < 0))
    shares = np.full(len(year), np.nan)
    shares[defined] = session_returns(prices, series, sessions)[defined] / year[defined]
    return shares


def _position_in_year(sessions: Sessions) -> Ints:
    """Return which session of its calendar year each is, from 1; in the first year of the history it is a guess."""
    year = sessions.astype("datetime64[Y]")
    return np.arange(1, len(sessions) + 1) - np.searchsorted(year, year)
