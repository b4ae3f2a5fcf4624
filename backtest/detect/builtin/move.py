"""Move: the return over n sessions reaches a threshold."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.returns import beyond, session_returns
from backtest.model import Condition, Indicator, Prices

PATTERN = "sessions"
THRESHOLD, UNIT = "threshold", "fraction"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    against: str | None = None,
    sessions: Annotated[int, Field(ge=1, le=2520)] = 5,
    threshold: Annotated[float, Field(ge=0)] = 0.05,
    direction: Literal["up", "down"] = "up",
) -> Condition:
    """Flag a session if the return over the last `sessions` sessions is at least `threshold`.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of a level series.
    against : str, optional
        Another level series whose return over the same sessions is subtracted.
    sessions : int
        Length of the move, in sessions.
    threshold : float
        Minimum return over the move, as a fraction (0.05 is 5%); compared exactly, unrounded. With 0, an
        unchanged close is neither up nor down.
    direction : {"up", "down"}
        ``"up"``: a return of at least `threshold`; ``"down"``: a return of at most minus `threshold`.

    Returns
    -------
    Condition
        Unknown if the return is missing. The indicator is the return.

    References
    ----------
    Jegadeesh, N. (1990). Evidence of predictable behavior of security returns. Journal of Finance 45(3), 881-898.

    Examples
    --------
    ::

        [detector]
        use = "move"
        series = "small_index"
        against = "market_index"
        sessions = 5
        threshold = 0.05
    """
    returns = session_returns(prices, series, sessions, against)
    known = np.isfinite(returns)
    met = beyond(returns, threshold, direction)
    name = f"{sessions}-session return" + ("" if against is None else f" of {series} minus {against}")
    up = direction == "up"
    side: Literal["above", "below"] = "above" if up else "below"
    return Condition(met, known, Indicator(name, "fraction", returns, threshold if up else -threshold, side))
