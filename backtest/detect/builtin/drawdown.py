"""Drawdown: the close lies at least so far below the highest close before it."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from backtest.detect.returns import level
from backtest.detect.rolling import highest
from backtest.model import Condition, Indicator, Prices

THRESHOLD, UNIT = "threshold", "fraction"


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    lookback: Annotated[int, Field(ge=2, le=2520)] | None = None,
) -> Condition:
    """Flag a session that closes at least `threshold` below the highest close so far.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of a level series.
    threshold : float
        Least drawdown, as a positive fraction (0.1 is 10%); compared exactly, unrounded.
    lookback : int, optional
        Highest of how many sessions, this one included; without it, of all since the first close of the series.

    Returns
    -------
    Condition
        Known where the close and all closes of the lookback are there. A drawdown from the closes that are there
        is known despite a gap, because a missing close could only deepen it; without one, a higher close may have
        been missed. A series that begins late has no gap before its first close; a lookback that reaches further
        has. The indicator is the drawdown, zero or negative; NaN where the high may have been missed.

    References
    ----------
    Magdon-Ismail, M. and Atiya, A. F. (2004). Maximum drawdown. Risk 17(10), 99-102: the measure. Here it is the
    current one at each close, not the largest so far.

    Examples
    --------
    ::

        [detector]
        use = "drawdown"
        threshold = 0.20
        lookback = 252
    """
    close = level(prices, series)
    high, complete = highest(close, lookback)
    depth = close / high - 1.0
    met = depth <= -threshold
    name = f"below the highest close {'so far' if lookback is None else f'of {lookback} sessions'}"
    shown = np.where(complete | met, depth, np.nan)
    return Condition(met, complete | met, Indicator(name, "fraction", shown, -threshold, "below"))
