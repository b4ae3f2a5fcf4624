"""Volatility: a level or a jump of realised volatility, or of an index such as the VIX."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.returns import level
from backtest.detect.rolling import trailing_mean
from backtest.model import Condition, Floats, Indicator, Prices

THRESHOLD, UNIT = "threshold", "% a year"


def detect(
    prices: Prices,
    *,
    measure: Literal["realised", "index"] = "realised",
    series: str | None = None,
    sessions: Annotated[int, Field(ge=1, le=2520)] = 21,
    threshold: Annotated[float, Field(ge=0)] = 30.0,
    jump: Annotated[float, Field(gt=0)] | None = None,
) -> Condition:
    """Flag a session on which volatility is at least `threshold` percent a year, by choice after a jump.

    Realised volatility is the annualised root of the mean squared session log return, about zero, of the last
    `sessions` sessions.

    Parameters
    ----------
    prices : Prices
        The history.
    measure : {"realised", "index"}
        ``"realised"``: computed from a level series; ``"index"``: a series that is itself a volatility in percent.
    series : str, optional
        Role or name; the default is ``"market_index"`` for realised volatility and ``"VIX"`` for an index.
    sessions : int
        How many returns realised volatility is computed from, and over how many sessions a jump is measured.
    threshold : float
        Least volatility, in percent a year (30 is 30%); 0 leaves only the jump. Compared exactly, unrounded.
    jump : float, optional
        Least rise of volatility since `sessions` sessions before, in percentage points.

    Returns
    -------
    Condition
        Unknown where the volatility is missing, or with `jump` the one before where it would decide; one missing
        close leaves every realised volatility open that needs it. The indicator is the volatility, or the rise where
        `threshold` is 0; where both must hold, neither decides alone.

    References
    ----------
    Andersen, T. G., Bollerslev, T., Diebold, F. X. and Labys, P. (2003). Modeling and forecasting realized
    volatility. Econometrica 71(2), 579-625: the sum of squared returns as a measure; there of intraday returns.

    Examples
    --------
    ::

        [detector]
        use = "volatility"
        measure = "index"
        series = "VIX"
        sessions = 5
        threshold = 25.0
        jump = 8.0
    """
    if measure == "realised":
        name = f"realised volatility over {sessions} sessions"
        values = realised_volatility(level(prices, series or "market_index"), sessions, prices.sessions_a_year)
    else:
        name = series or "VIX"
        values = prices.close(name)
    high, known = values >= threshold, np.isfinite(values)
    if jump is None:
        return Condition(high, known, Indicator(name, "percent a year", values, threshold))
    rise = np.full(len(values), np.nan)
    rise[sessions:] = values[sessions:] - values[:-sessions]
    met, sure = high & (rise >= jump), known & (~high | np.isfinite(rise))
    if threshold > 0:
        return Condition(met, sure, Indicator(name, "percent a year", values))
    return Condition(met, sure, Indicator(f"{sessions}-session rise of {name}", "percentage points", rise, jump))


def realised_volatility(close: Floats, sessions: int, sessions_a_year: int = 252) -> Floats:
    """Return the annualised root mean square of the last `sessions` log returns, in percent a year.

    Parameters
    ----------
    close : ndarray of shape (n_sessions,)
        Levels.
    sessions : int
        How many returns.
    sessions_a_year : int, optional
        By the square root of which it is annualised: 365 for what is quoted every day.

    Returns
    -------
    ndarray of shape (n_sessions,)
        NaN where one of the ``sessions + 1`` closes is missing.
    """
    squared = np.full(len(close), np.nan)
    squared[1:] = np.log(close[1:] / close[:-1]) ** 2
    return 100.0 * np.sqrt(sessions_a_year * trailing_mean(squared, sessions))
