"""Year to date: the return since the end of the previous year, and the share of it earned in the last sessions."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.returns import beyond, level, session_returns
from backtest.model import Condition, Floats, Indicator, Ints, Prices

THRESHOLD, UNIT = "threshold", "fraction"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    threshold: Annotated[float, Field(ge=0)] = 0.1,
    share: Annotated[float, Field(gt=0)] | None = None,
    sessions: Annotated[int, Field(ge=1, le=252)] = 5,
    direction: Literal["up", "down"] = "up",
) -> Condition:
    """Flag a session if the return of the year so far is at least `threshold`, optionally earned mostly of late.

    A calendar year begins at the close of the last session of the previous year.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of a level series.
    threshold : float
        Minimum return of the year so far, as a fraction (0.1 is 10%); compared exactly, unrounded. With 0,
        an unchanged year is neither up nor down.
    share : float, optional
        Minimum share of the year's return that the last `sessions` sessions earned, as a fraction (0.9 is 90%): their
        return divided by the year's. It exceeds 1 if the year was below zero before them. It is undefined if the
        year's return has the wrong sign, or before the year is longer than `sessions`; the condition then does not
        hold.
    sessions : int
        Number of last sessions for `share`; ignored without it.
    direction : {"up", "down"}
        ``"up"``: a return of at least `threshold`; ``"down"``: a return of at most minus `threshold`.

    Returns
    -------
    Condition
        Unknown if the close or the last close of the previous year is missing, and in the first year of a history.
        With `share`, also if the close before the last `sessions` sessions is missing and would decide. The indicator
        is the year's return or, with `share`, the share; with a `threshold` above zero, both decide.

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
    no_share = known & ((year <= 0) if direction == "up" else (year >= 0))
    no_share[_position_in_year(prices) <= sessions] = True
    met = far & (shares >= share)
    sure = known & (~far | no_share | np.isfinite(shares))
    name = f"share of the year's return in the last {sessions} sessions"
    return Condition(met, sure, Indicator(name, "fraction", shares, share if threshold == 0 else None))


def year_returns(prices: Prices, series: str) -> Floats:
    """Return the simple return since the last close of the previous year, of the shape of the closes.

    Fractions; NaN in the first year of the history and if one of the two closes is missing.
    """
    close = level(prices, series)
    base = np.arange(len(close)) - _position_in_year(prices)

    def returned() -> Floats:
        returns = close / np.take(close.T, base, axis=-1).T - 1.0
        returns[base < 0] = np.nan
        return returns

    return prices.once(("return of the year", prices.name(series)), returned)


def recent_shares(prices: Prices, series: str, sessions: int, direction: Literal["up", "down"] = "up") -> Floats:
    """Return the share of the year's return that the last `sessions` sessions earned, of the shape of the closes.

    Fractions; NaN if a close is missing, if the year's return is zero or has the other sign, or if the last `sessions`
    sessions reach back into the previous year or make up the whole year.
    """
    year = year_returns(prices, series)
    defined = year > 0 if direction == "up" else year < 0
    defined[_position_in_year(prices) <= sessions] = False
    recent = session_returns(prices, series, sessions)
    return np.divide(recent, year, out=np.full_like(year, np.nan), where=defined)


def _position_in_year(prices: Prices) -> Ints:
    """Return the number of each session in its calendar year, from 1; in the first year of the history a guess."""
    year = prices.sessions.astype("datetime64[Y]")
    return prices.once(("position in year",), lambda: np.arange(1, len(year) + 1) - np.searchsorted(year, year))
