"""Breadth: the equally weighted index beats the cap-weighted one, so the many lead the few."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backtest.detect.builtin import move
from backtest.model import Condition, Prices

PATTERN = "sessions"
THRESHOLD, UNIT = "threshold", "fraction"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "equal_weight",
    against: str = "market",
    sessions: Annotated[int, Field(ge=1, le=2520)] = 5,
    threshold: Annotated[float, Field(ge=0)] = 0.02,
    direction: Literal["up", "down"] = "up",
) -> Condition:
    """Flag a session if equal weight beat cap weight by at least `threshold` over the last `sessions` sessions.

    Both indices hold the same stocks; they differ in the weight of the largest.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of the equally weighted level series.
    against : str
        Role or name of the cap-weighted level series of the same stocks.
    sessions : int
        Length of the returns, in sessions.
    threshold : float
        Minimum difference of the two returns, as a fraction (0.02 is 2 points); compared exactly, unrounded.
        With 0, equal returns neither lead nor lag.
    direction : {"up", "down"}
        ``"up"``: equal weight leads, the rise is broad; ``"down"``: it lags, the rise is narrow.

    Returns
    -------
    Condition
        Unknown if one of the two returns is missing. The indicator is equal weight minus cap weight.

    Examples
    --------
    ::

        [detector]
        use = "breadth"
        sessions = 5
        threshold = 0.03
    """
    return move.detect(
        prices, series=series, against=against, sessions=sessions, threshold=threshold, direction=direction
    )
