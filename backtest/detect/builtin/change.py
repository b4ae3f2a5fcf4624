"""Change: a series changes by at least a given amount within a number of sessions."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.rolling import change_over
from backtest.model import Condition, Indicator, Prices

PATTERN = "sessions"
THRESHOLD = "threshold"
BY_BLOCK = True
DUST = 1e-9
"""A value quoted in hundredths must not miss a change of exactly the threshold through rounding error."""


def detect(
    prices: Prices,
    *,
    series: str = "policy_rate",
    sessions: Annotated[int, Field(ge=1, le=2520)] = 21,
    threshold: Annotated[float, Field(gt=0)] = 0.25,
    direction: Literal["up", "down"] = "up",
) -> Condition:
    """Flag a session if a series has changed by at least `threshold` over the last `sessions` sessions.

    The change is a difference, not a return: use it for an expectation, a rate or a volatility index.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of any series with one value per session.
    sessions : int
        Number of sessions over which the change is measured.
    threshold : float
        Minimum change, in the unit of the series.
    direction : {"up", "down"}
        ``"up"``: a rise of at least `threshold`; ``"down"``: a fall of at least as much.

    Returns
    -------
    Condition
        Unknown if either session has no value. The indicator is the change.

    References
    ----------
    Bernanke, B. S. and Kuttner, K. N. (2005). What explains the stock market's reaction to Federal Reserve policy?
    Journal of Finance 60(3), 1221-1257: changes of expectations, not their level, move prices.

    Examples
    --------
    ::

        [detector]
        use = "change"
        series = "cut_probability_next_meeting"
        threshold = 0.3
        sessions = 5
    """
    values, info = prices.close(series), prices.info(series)
    change = change_over(values, sessions)
    known = np.isfinite(change)
    up = direction == "up"
    met = known & (change >= threshold - DUST if up else change <= -threshold + DUST)
    name = f"{sessions}-session change of {info.title}"
    side: Literal["above", "below"] = "above" if up else "below"
    return Condition(
        met, known, Indicator(name, info.unit, change, threshold if up else -threshold, side), info.cautions
    )
