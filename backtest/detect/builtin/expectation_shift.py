"""Expectation shift: the rate cuts priced over the next months, or the rate itself, change within a few sessions."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.detect.rolling import change_over
from backtest.model import Condition, Floats, Indicator, Prices
from backtest.rates import curve

PATTERN = "sessions"
THRESHOLD, UNIT = "moves", "× 25 bp"
TICK_DUST = 1e-9
"""Rates are quoted in hundredths of a point: a shift of exactly one move must not be missed through rounding error."""


def detect(
    prices: Prices,
    *,
    futures: str = "fed_funds_futures",
    policy: str = "policy_rate",
    months: Annotated[int, Field(ge=1, le=36)] = 12,
    sessions: Annotated[int, Field(ge=1, le=252)] = 5,
    moves: Annotated[float, Field(gt=0)] = 1.0,
    direction: Literal["cuts", "hikes"] = "cuts",
    measure: Literal["cuts_priced", "implied_rate"] = "cuts_priced",
) -> Condition:
    """Flag a session if the cuts priced have changed by at least `moves` over the last `sessions` sessions.

    Cuts priced over the next `months` months are the policy rate minus the rate implied by the contract that many
    months ahead, in moves of 25 basis points; negative if hikes are priced. They also change when the policy rate
    changes; the implied rate alone is what futures expect for that month, whatever the policy rate.

    Parameters
    ----------
    prices : Prices
        The history.
    futures : str
        Role or name of 30-day fed funds futures by contract month; ``100 - price`` is a month's expected average rate.
    policy : str
        Role or name of the effective policy rate, in percent; not read with ``measure = "implied_rate"``.
    months : int
        Number of months ahead.
    sessions : int
        Number of sessions over which the change is measured.
    moves : float
        Minimum change, in moves of 25 basis points.
    direction : {"cuts", "hikes"}
        ``"cuts"``: more cuts are priced; ``"hikes"``: fewer cuts or more hikes are priced.
    measure : {"cuts_priced", "implied_rate"}
        What is watched: the cuts priced, or the implied rate alone, in the same moves.

    Returns
    -------
    Condition
        Unknown if either session lacks the contract or the policy rate; a missing month is never interpolated.
        The indicator is the cuts priced, or the implied rate in percent.

    References
    ----------
    Piazzesi, M. and Swanson, E. T. (2008). Futures prices as risk-adjusted forecasts of monetary policy. Journal of
    Monetary Economics 55(4), 677-691.

    Examples
    --------
    ::

        [detector]
        use = "expectation_shift"
        months = 12
        sessions = 5
        moves = 1.0
    """
    if measure == "cuts_priced":
        cuts = cuts_priced(prices, futures, policy, months)
        indicator = Indicator(f"cuts priced over {months} months", "moves of 25 bp", cuts)
    else:
        implied = 100.0 - curve.contract_ahead(prices.contracts(futures), prices.sessions, months)
        cuts = -implied / curve.MOVE
        indicator = Indicator(f"rate implied {months} months ahead", "percent", implied)
    change = change_over(cuts, sessions)
    known = np.isfinite(change)
    signed = change if direction == "cuts" else -change
    return Condition(known & (signed >= moves - TICK_DUST), known, indicator)


def cuts_priced(prices: Prices, futures: str, policy: str, months: int) -> Floats:
    """Return the cuts priced over the next `months` months, in moves of 25 basis points.

    Returns
    -------
    ndarray of shape (n_sessions,)
        Positive: cuts; negative: hikes. NaN if the contract or the policy rate is missing.
    """
    return curve.cuts_priced(prices.contracts(futures), prices.sessions, prices.close(policy), months)
