"""Drawdown: the close lies at least a given share below the highest close so far."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from backtest.detect.returns import level
from backtest.detect.rolling import highest
from backtest.model import Condition, Indicator, Prices

THRESHOLD, UNIT = "threshold", "fraction"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.1,
    lookback: Annotated[int, Field(ge=2, le=2520)] | None = None,
) -> Condition:
    """Flag a session if it closes at least `threshold` below the highest close so far.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of a level series.
    threshold : float
        Minimum drawdown, as a positive fraction (0.1 is 10%); compared exactly, unrounded.
    lookback : int, optional
        Number of sessions to take the highest close of, this one included; by default all since the first close of
        the series.

    Returns
    -------
    Condition
        Known if the close and all closes of the lookback are there. With a gap, a drawdown from the remaining closes
        is still known, because a missing close could only deepen it; the absence of one is not, because a higher
        close may be missing. Without `lookback`, sessions before the first close of the series are no gap; with it,
        they are. The indicator is the drawdown, zero or negative; NaN if the high may be missing.

    References
    ----------
    Magdon-Ismail, M. and Atiya, A. F. (2004). Maximum drawdown. Risk 17(10), 99-102: the measure. Here it is the
    current drawdown at each close, not the largest so far.

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
