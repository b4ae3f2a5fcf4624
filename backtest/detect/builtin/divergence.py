"""Divergence: one series rises while another falls over the same sessions."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from backtest.detect.returns import aligned, session_returns
from backtest.model import Condition, Indicator, Prices

PATTERN = "sessions"
THRESHOLD, UNIT = "threshold", "fraction"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    against: str = "tech_index",
    sessions: Annotated[int, Field(ge=1, le=2520)] = 5,
    threshold: Annotated[float, Field(ge=0)] = 0.0,
    fall: Annotated[float, Field(ge=0)] = 0.0,
) -> Condition:
    """Flag a session if one series rose and another fell over the last `sessions` sessions.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of the level series that rises.
    against : str
        Role or name of the level series that falls.
    sessions : int
        Length of both returns, in sessions.
    threshold : float
        Minimum rise of `series`, as a fraction (0.01 is 1%); with 0 it must still be above zero.
    fall : float
        Minimum fall of `against`, as a positive fraction; with 0 it must still fall.

    Returns
    -------
    Condition
        Known if both returns are known, or if one of them rules the condition out. The indicator is the smaller of
        the rise and the fall; it alone decides if `threshold` and `fall` are equal.

    Examples
    --------
    ::

        [detector]
        use = "divergence"
        against = "mega"
        threshold = 0.05
        fall = 0.01
    """
    rise, fallen = aligned(session_returns(prices, series, sessions), session_returns(prices, against, sessions))
    drop = -fallen
    rises, drops = (rise >= threshold) & (rise > 0), (drop >= fall) & (drop > 0)
    no_rise, no_drop = np.isfinite(rise) & ~rises, np.isfinite(drop) & ~drops
    met = rises & drops
    name = f"smaller of the {sessions}-session rise of {series} and fall of {against}"
    decides = threshold if threshold == fall else None
    return Condition(met, met | no_rise | no_drop, Indicator(name, "fraction", np.minimum(rise, drop), decides))
