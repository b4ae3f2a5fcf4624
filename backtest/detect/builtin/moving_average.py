"""Moving average: a fast average of closes is above a slow one, from the session of the cross on."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.returns import level
from backtest.detect.rolling import session_before, trailing_mean
from backtest.errors import ValueExcluded
from backtest.model import Bools, Condition, Indicator, Note, Prices

BY_BLOCK = True
DUST = 1e-12
"""Averages that differ by less, as a fraction, are equal: a close that stands still must not cross by rounding."""


def detect(
    prices: Prices,
    *,
    series: str = "small_index",
    fast: Annotated[int, Field(ge=1, le=2519)] = 50,
    slow: Annotated[int, Field(ge=2, le=2520)] = 200,
    direction: Literal["up", "down"] = "up",
) -> Condition:
    """Flag a session if the fast moving average of closes is above the slow one.

    An episode begins with the session of the cross and lasts as long as the fast average stays on that side.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of a level series.
    fast : int
        Length of the fast average, in sessions; 1 is the close itself.
    slow : int
        Length of the slow average, in sessions; must be longer than `fast`.
    direction : {"up", "down"}
        ``"up"``: fast above slow; ``"down"``: fast below slow. Equal averages are neither.

    Returns
    -------
    Condition
        Unknown if one of the last `slow` closes is missing. The indicator is the fast average divided by the slow
        one, minus one. If the fast average is already on its side when first known, a note says that it is no cross.

    Raises
    ------
    ValueExcluded
        `fast` is not shorter than `slow`.

    References
    ----------
    Brock, W., Lakonishok, J. and LeBaron, B. (1992). Simple technical trading rules and the stochastic properties of
    stock returns. Journal of Finance 47(5), 1731-1764: the variable-length rules, without a band.

    Examples
    --------
    ::

        [detector]
        use = "moving_average"
        fast = 1
        slow = 200
        direction = "down"
    """
    if fast >= slow:
        raise ValueExcluded(
            f"detector moving_average: fast = {fast} is not below slow = {slow}.",
            "Raise 'slow', or lower 'fast'.",
        )
    close = level(prices, series)
    quick, steady = trailing_mean(close, fast), trailing_mean(close, slow)
    known = np.isfinite(steady)
    equal = np.abs(quick - steady) <= DUST * np.abs(steady)
    met = known & ~equal & ((quick > steady) if direction == "up" else (quick < steady))
    side: Literal["above", "below"] = "above" if direction == "up" else "below"
    ahead = np.where(equal, 0.0, quick / steady - 1.0)
    indicator = Indicator(f"{fast}-session over {slow}-session average", "fraction", ahead, 0.0, side)
    return Condition(met, known, indicator, _uncrossed(prices, met, known, side) if met.ndim == 1 else ())


def _uncrossed(prices: Prices, met: Bools, known: Bools, side: str) -> tuple[Note, ...]:
    at = np.flatnonzero(met & ~session_before(known, False))
    if not len(at):
        return ()
    days = ", ".join(prices.sessions[at[:3]].astype(str)) + (f" and {len(at) - 3} more" if len(at) > 3 else "")
    text = f"On {days} the fast average is first known and already {side} the slow one: no cross was seen."
    return (Note("condition", "detector", text),)
