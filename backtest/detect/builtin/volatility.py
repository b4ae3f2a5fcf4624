"""Volatility: a level or a jump of realised volatility or of an index such as the VIX."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.returns import level
from backtest.detect.rolling import change_over, trailing_mean
from backtest.model import Condition, Floats, Indicator, Prices

THRESHOLD, UNIT = "threshold", "% a year"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    measure: Literal["realised", "index"] = "realised",
    series: str | None = None,
    sessions: Annotated[int, Field(ge=1, le=2520)] = 21,
    threshold: Annotated[float, Field(ge=0)] = 30.0,
    jump: Annotated[float, Field(gt=0)] | None = None,
) -> Condition:
    """Flag a session if volatility is at least `threshold` percent a year, optionally after a jump.

    Realised volatility is the annualised root mean square of the last `sessions` session log returns; the mean return
    is not subtracted.

    Parameters
    ----------
    prices : Prices
        The history.
    measure : {"realised", "index"}
        ``"realised"``: computed from a level series; ``"index"``: read from a series of volatility in percent.
    series : str, optional
        Role or name; by default ``"market_index"`` for realised volatility and ``"VIX"`` for an index.
    sessions : int
        Number of returns in realised volatility, and number of sessions over which a jump is measured.
    threshold : float
        Minimum volatility, in percent a year (30 is 30%); with 0, only the jump counts. Compared exactly, unrounded.
    jump : float, optional
        Minimum rise of volatility over the last `sessions` sessions, in percentage points.

    Returns
    -------
    Condition
        Unknown if the volatility is missing or, with `jump`, if the earlier volatility is missing and would decide. A
        missing close leaves every realised volatility that needs it unknown. The indicator is the volatility, or the
        rise if `threshold` is 0; if both must hold, neither decides alone.

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
    rise = change_over(values, sessions)
    met, sure = high & (rise >= jump), known & (~high | np.isfinite(rise))
    if threshold > 0:
        return Condition(met, sure, Indicator(name, "percent a year", values))
    return Condition(met, sure, Indicator(f"{sessions}-session rise of {name}", "percentage points", rise, jump))


def realised_volatility(close: Floats, sessions: int, sessions_a_year: int = 252) -> Floats:
    """Return the annualised root mean square of the last `sessions` log returns, in percent a year.

    Parameters
    ----------
    close : ndarray of shape (n_sessions,) or (n_sessions, n_assets)
        Levels.
    sessions : int
        Number of returns.
    sessions_a_year : int, optional
        Annualised by its square root: 365 for series quoted every day.

    Returns
    -------
    ndarray of the shape of `close`
        NaN if one of the ``sessions + 1`` closes is missing.
    """
    squared = np.full_like(close, np.nan)
    squared[1:] = np.log(close[1:] / close[:-1]) ** 2
    return 100.0 * np.sqrt(sessions_a_year * trailing_mean(squared, sessions))
