"""From free daily returns to index levels that end every year at the published level."""

from __future__ import annotations

import numpy as np

from backtest.data.sample.facts import Facts
from backtest.model import Bools, Floats, Ints

DECIMALS = 4
"""The number of decimals of a level; the published percentages need more than the usual two."""


def bridged(returns: Floats, volatility: Floats, free: Bools, year: Ints, facts: Facts) -> Floats:
    """Shift the free sessions' log returns so that they sum to the published return of every year.

    The shift is spread over the year's free sessions in proportion to their volatility, so that none of them jumps.

    Parameters
    ----------
    returns, volatility : ndarray of shape (n_sessions, 3)
        Log returns per index, and their standard deviations.
    free : ndarray of shape (n_sessions,)
        Sessions that may move.
    year : ndarray of shape (n_sessions,)
        Calendar year of each session.
    facts : Facts
        The year-end levels.

    Returns
    -------
    ndarray of shape (n_sessions, 3)
        Log returns; the first session's is unchanged, since no level precedes it.
    """
    moved = returns.copy()
    for y in sorted(facts.year_end)[1:]:
        of_year = year == y
        target = np.log(np.array(facts.year_end[y]) / np.array(facts.year_end[y - 1]))
        weight = volatility * (of_year & free)[:, None]
        moved += weight * ((target - moved[of_year].sum(axis=0)) / weight.sum(axis=0))
    return moved


def levels(returns: Floats, year: Ints, facts: Facts) -> Floats:
    """Chain log returns to rounded levels from one year-end to the next; year-ends are as published."""
    closes = np.empty_like(returns)
    for y, pinned in facts.year_end.items():
        rows = np.flatnonzero(year == y)
        if y - 1 in facts.year_end:
            closes[rows] = np.array(facts.year_end[y - 1]) * np.exp(np.cumsum(returns[rows], axis=0))
        closes[rows[-1]] = pinned
    return np.round(closes, DECIMALS)
