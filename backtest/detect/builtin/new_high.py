"""New high: the highest close in a long time, after sessions without one."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from backtest.detect.returns import level
from backtest.detect.rolling import highest, over_last, session_before
from backtest.model import Condition, Indicator, Prices

BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    lookback: Annotated[int, Field(ge=1, le=2520)] | None = None,
    without: Annotated[int, Field(ge=0, le=2520)] = 252,
) -> Condition:
    """Flag a session if it closes above every close before it, after `without` sessions without a new high.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of a level series.
    lookback : int, optional
        Number of sessions before it whose closes it must exceed; by default all since the first close of the series.
        A close that only equals an earlier one is not a new high.
    without : int
        Number of sessions just before that must have had no new high; 0 flags every new high.

    Returns
    -------
    Condition
        False as soon as one earlier close is as high; true only if no close of the lookback is missing. Unknown if a
        gap leaves open whether this session, or one of the `without` sessions before it, is a new high; closes before
        the history count as missing. The indicator is the close relative to the highest close before it, given only
        if the sessions before had no new high; above zero is a new high.

    References
    ----------
    George, T. J. and Hwang, C.-Y. (2004). The 52-week high and momentum investing. Journal of Finance 59(5),
    2145-2176: nearness to the highest price of the last year, here ``lookback = 252``.

    Examples
    --------
    ::

        [detector]
        use = "new_high"
        lookback = 252
        without = 63
    """
    close = level(prices, series)
    high, complete = highest(close, lookback)
    high, complete = session_before(high, np.nan), session_before(complete, False)
    is_high, no_high = complete & (close > high), close <= high
    quiet = over_last(np.logical_and, session_before(no_high, False), without, False)
    noisy = over_last(np.logical_or, session_before(is_high, False), without, False)
    met = is_high & quiet
    span = "so far" if lookback is None else f"of the {lookback} sessions before"
    shown = np.where(quiet & (is_high | no_high), close / high - 1.0, np.nan)
    indicator = Indicator(f"above the highest close {span}", "fraction", shown, 0.0)
    return Condition(met, met | no_high | noisy, indicator)
