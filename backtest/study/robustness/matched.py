"""Matched base rates: what usually comes after sessions that resemble those of the events.

Events come at certain times: when volatility is high, in a certain month, after a rise. The base rate over all sessions
ignores this. Here events are compared only with sessions in the same cell: the same third of volatility, the same
calendar month, or a similar past return. The matched base rate is the average over events of the mean forward return in
each event's cell. If matching removes a part of the excess, that part comes from such times and not from the event.

The cells are cut at ranks over the whole sample, just as the base rate is a mean over the whole sample: they describe
the past, and no trade could have known them.

References
----------
Barber, B. M. and Lyon, J. D. (1997), Detecting long-run abnormal stock returns, on matching by characteristics.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.measure.forward import by_leg
from backtest.model import Bools, Floats, Ints, Sessions, judged
from backtest.study.base_rate import BaseRate
from backtest.study.robustness.influence import mean_of

TERCILES, DECILES = 3, 10
LOOK_BACK = 21
"""Sessions of the past return: about a month, over which the literature finds reversal and momentum."""
NOWHERE = -1
"""The cell of a session whose cell is not known."""

MATCHINGS = {
    "all": "all sessions",
    "volatility": "sessions of the same third of volatility",
    "month": "sessions of the same calendar month",
    "past_return": "sessions after a similar past return",
}
"""The sessions that events are compared with, by key, in words for a reader."""
PANEL_MATCHINGS = {"asset": "all sessions of the same asset", "date": "all assets on the same date"}
"""The same of events on a panel."""


@dataclass(frozen=True, eq=False)
class MatchedRate:
    """The base rate by one matching; all arrays of shape (n_horizons,), returns as fractions.

    ``n + unknown + alone`` are the events with a complete window, ``placed + unplaced`` the sessions of the base rate.

    Attributes
    ----------
    matching : str
        A key of `MATCHINGS`.
    n : ndarray of int
        Events with a complete window that have a match.
    unknown : ndarray of int
        Those without a match, because the variable that they are matched by is not known at day 0.
    alone : ndarray of int
        Those without a match, because no other session of their cell has a complete window.
    sessions : ndarray of int
        Sessions that the matched events are compared with, each counted once.
    placed, unplaced : ndarray of int
        Sessions of the base rate that are in a cell, and those whose cell is not known.
    mean, base_mean : ndarray
        Mean over the matched events, and their matched base rate; NaN where n is 0.
    """

    matching: str
    n: Ints
    unknown: Ints
    alone: Ints
    sessions: Ints
    placed: Ints
    unplaced: Ints
    mean: Floats
    base_mean: Floats

    @property
    def excess(self) -> Floats:
        """Their difference."""
        return self.mean - self.base_mean


def matched_base_rates(base_rate: BaseRate, day0: Ints, sessions: Sessions) -> tuple[MatchedRate, ...]:
    """Compare the events with similar sessions of the base rate, in the order of `MATCHINGS`.

    Parameters
    ----------
    base_rate : BaseRate
        The base rate over all sessions on which an event could have been seen.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The history's sessions.
    """
    cells = cells_of(base_rate, sessions)
    returned = base_rate.forward.judged
    return tuple(compare_in_cells(key, cell, returned, base_rate.eligible, day0) for key, cell in cells.items())


def cells_of(base_rate: BaseRate, sessions: Sessions) -> dict[str, Ints]:
    """Return each session's cell, by matching.

    Volatility is the EWMA variance of the spread (or return) as known at the close of day 0, by terciles. The month is
    the calendar month: every January is one cell. The past return is that of the same legs over the 21 sessions up to
    day 0, by deciles. So the matching removes what momentum or reversal of the spread itself would have earned,
    whichever series the detector watches.

    Returns
    -------
    dict of str to ndarray of shape (n_sessions,)
        In the order of `MATCHINGS`; -1 where the cell is not known.
    """
    eligible = base_rate.eligible
    past = judged(by_leg([_past_return(leg.close) for leg in base_rate.legs]))
    return {
        "all": np.zeros(len(sessions), dtype=np.int64),
        "volatility": rank_cells(base_rate.every.volatility[:, 0], eligible, TERCILES),
        "month": sessions.astype("datetime64[M]").astype(np.int64) % 12,
        "past_return": rank_cells(past, eligible, DECILES),
    }


def rank_cells(values: Floats, eligible: Bools, parts: int) -> Ints:
    """Cut values at their ranks over the eligible sessions into parts of equal size, up to one.

    Equal values share a cell, the highest that one of them would get; then the sizes differ.

    Parameters
    ----------
    values : ndarray of shape (n_sessions,)
        NaN where not known.
    eligible : ndarray of shape (n_sessions,)
        The sessions whose ranks count. Any other session gets the cell that contains its value.
    parts : int
        The number of cells; cell 0 has the lowest values.

    Returns
    -------
    ndarray of shape (n_sessions,)
        -1 where the value is not known, or if no eligible session has one.
    """
    known = np.isfinite(values)
    ordered = np.sort(values[eligible & known])
    if not len(ordered):
        return np.full(len(values), NOWHERE, dtype=np.int64)
    lowest = ordered[np.arange(1, parts) * len(ordered) // parts]
    return np.where(known, np.searchsorted(lowest, values, side="right"), NOWHERE)


def compare_in_cells(matching: str, cell: Ints, returned: Floats, eligible: Bools, day0: Ints) -> MatchedRate:
    """Compare the events with the eligible sessions of their cells whose window is complete.

    An event's own session counts in its cell, as it does in the base rate over all sessions: with a single cell, both
    are equal. It is one of hundreds, and its neighbours' windows overlap its own anyway. Only if it is alone in its
    cell, and would be compared with itself, does it have no match.

    Parameters
    ----------
    matching : str
        What the cells are.
    cell : ndarray of shape (n_sessions,)
        Each session's cell, -1 where it is not known.
    returned : ndarray of shape (n_sessions, n_horizons)
        Forward returns of what is judged; NaN where the window is not complete.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen.
    day0 : ndarray of shape (n_events,)
        Session positions of the events; those without a complete window are ignored.
    """
    complete = np.isfinite(returned)
    values = np.where(complete, returned, 0.0)
    placed = eligible & (cell != NOWHERE)
    inside = (cell[placed] == np.arange(cell.max(initial=0) + 1)[:, None]).astype(np.float64)  # (n_cells, n_placed)
    size, total = inside @ complete[placed], inside @ values[placed]
    own, measured = cell[day0], complete[day0]
    known = measured & (own != NOWHERE)[:, None]
    matched = known & (size[own] > (measured & eligible[day0][:, None]))
    n = matched.sum(axis=0)
    used = np.zeros(size.shape, dtype=bool)
    np.logical_or.at(used, own, matched)
    return MatchedRate(
        matching,
        n,
        (measured & ~known).sum(axis=0),
        (known & ~matched).sum(axis=0),
        np.where(used, size, 0.0).sum(axis=0).astype(np.int64),
        size.sum(axis=0).astype(np.int64),
        complete[eligible & ~placed].sum(axis=0),
        mean_of(values[day0], matched),
        mean_of((total / np.maximum(size, 1.0))[own], matched),
    )


def _past_return(level: Floats) -> Floats:
    """Return ``level[t] / level[t - 21] - 1``; NaN before there is one."""
    past = np.full(len(level), np.nan)
    past[LOOK_BACK:] = level[LOOK_BACK:] / level[:-LOOK_BACK] - 1.0
    return past
