"""Relative: one series has beaten another over the last sessions, for as long as that lasts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backtest.detect.returns import session_returns
from backtest.detect.rolling import regime
from backtest.errors import ValueExcluded
from backtest.model import Condition, Indicator, Prices

THRESHOLD, UNIT = "threshold", "fraction"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    against: str = "tech_index",
    sessions: Annotated[int, Field(ge=1, le=2520)] = 252,
    threshold: Annotated[float, Field(ge=0)] = 0.2,
    leave: float | None = None,
    direction: Literal["up", "down"] = "up",
) -> Condition:
    """Flag a session in a regime that begins when the return of one series minus another's reaches `threshold`.

    The regime lasts until the difference falls below `leave`. An episode is one regime, from its first session to the
    last session at or above `leave`.

    Parameters
    ----------
    prices : Prices
        The history.
    series, against : str
        Roles or names of level series.
    sessions : int
        Length of the rolling return, in sessions.
    threshold : float
        Minimum difference to begin a regime, as a fraction (0.2 is 20 points); compared exactly, unrounded.
    leave : float, optional
        Difference below which the regime ends, as a fraction; at most `threshold`, which is the default.
    direction : {"up", "down"}
        ``"up"``: `series` leads; ``"down"``: it lags, with all signs reversed.

    Returns
    -------
    Condition
        Unknown if the difference is missing, and afterwards while it lies between `leave` and `threshold`: the regime
        may have begun or ended unseen. The indicator is the difference.

    Raises
    ------
    ValueExcluded
        `leave` is above `threshold`.

    References
    ----------
    Moskowitz, T. J., Ooi, Y. H. and Pedersen, L. H. (2012). Time series momentum. Journal of Financial Economics
    104(2), 228-250: the sign of the last twelve months' return as a state. Jegadeesh, N. and Titman, S. (1993).
    Returns to buying winners and selling losers. Journal of Finance 48(1), 65-91: one return against another.

    Examples
    --------
    ::

        [detector]
        use = "relative"
        sessions = 252
        threshold = 0.20
        leave = 0.0
    """
    least = threshold if leave is None else leave
    if least > threshold:
        raise ValueExcluded(
            f"detector relative: leave = {least:g} is above threshold = {threshold:g}.",
            "A regime ends below the value that began it: lower 'leave', or drop it.",
        )
    difference = session_returns(prices, series, sessions, against)
    up = direction == "up"
    met, known = regime(difference if up else -difference, threshold, least)
    name = f"{sessions}-session return of {series} minus {against}"
    side: Literal["above", "below"] = "above" if up else "below"
    return Condition(met, known, Indicator(name, "fraction", difference, threshold if up else -threshold, side))
