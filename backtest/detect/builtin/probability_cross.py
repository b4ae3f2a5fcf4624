"""Probability cross: the odds of a cut or a hike at one of the next meetings reach a level."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from backtest.model import Condition, Indicator, Prices
from backtest.rates.fedwatch import Version, solve_meetings
from backtest.rates.meetings import load_meetings
from backtest.rates.outcomes import cut_probability, hike_probability, outcome_probabilities

THRESHOLD, UNIT = "threshold", "fraction"
DUST = 1e-9
"""Prices are quoted in fractions of a hundredth: odds of exactly the threshold must not be missed by rounding error."""


def detect(
    prices: Prices,
    *,
    futures: str = "fed_funds_futures",
    outcome: Literal["cut", "hike"] = "cut",
    meeting: Annotated[int, Field(ge=1, le=12)] = 1,
    moves: Annotated[int, Field(ge=1, le=8)] = 1,
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.5,
    version: Version | None = None,
    meetings: Path | None = None,
) -> Condition:
    """Flag a session if futures put at least these odds on a lower (or higher) target after a coming meeting.

    The odds are computed as by CME FedWatch: the probability that the target is at least `moves` moves below (or
    above) today's once that meeting is over, whatever happens at the meetings before it. On the session after a
    meeting, the next meeting takes its place.

    Parameters
    ----------
    prices : Prices
        The history.
    futures : str
        Role or name of 30-day fed funds futures by contract month; ``100 - price`` is a month's expected average rate.
    outcome : {"cut", "hike"}
        A target below or above today's.
    meeting : int
        The meeting, counted from the next scheduled one, which is 1.
    moves : int
        Minimum size, in moves of 25 basis points.
    threshold : float
        Minimum probability, as a fraction.
    version : {"typed_2015", "chain_post", "chain_pre"}, optional
        How the rates around meetings are solved; by default as in FedWatch at the time.
    meetings : Path, optional
        A CSV file beside the strategy that adds to the calendar or replaces rows of the same date.

    Returns
    -------
    Condition
        Unknown if the meeting cannot be solved: a contract is missing, or two changes fall in one month. The
        indicator is the probability.

    Raises
    ------
    DataRefused
        The file of meetings is not valid.

    References
    ----------
    CME Group, FedWatch tool: methodology.

    Examples
    --------
    ::

        [detector]
        use = "probability_cross"
        outcome = "cut"
        threshold = 0.9
    """
    calendar = load_meetings(meetings)
    solved = solve_meetings(prices.contracts(futures), prices.sessions, calendar, ahead=meeting, version=version)
    outcomes = outcome_probabilities(solved)
    odds = (cut_probability if outcome == "cut" else hike_probability)(outcomes, moves)[:, meeting - 1]
    known = np.isfinite(odds)
    which = "the next meeting" if meeting == 1 else f"meeting {meeting} from now"
    name = f"probability of a {outcome} by {which}"
    return Condition(known & (odds >= threshold - DUST), known, Indicator(name, "probability", odds, threshold))
