"""Past events whose horizons are not over: their returns so far, compared with completed events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.measure.forward import COMPLETE, PENDING, Leg, by_leg, forward_returns, measure_forward, window_status
from backtest.measure.legs import legs_of, measures_of
from backtest.measure.windows import window_ends
from backtest.model import Asked, Floats, Horizon, Ints, Prices, horizons_of, judged
from backtest.spec.measure import MeasureTable


@dataclass(frozen=True)
class Pending:
    """One event at one horizon that is not over, for one asset.

    Attributes
    ----------
    asset_name : str
        The asset, as the strategy names it.
    day0 : int
        Session position of the event.
    horizon : int or str
        In sessions, or a word by the calendar.
    passed : int
        Sessions of the horizon that have passed since entry.
    through : int or None
        Session position of the last close on which every leg has a level; None if there is none since entry.
    returns : dict of str to float or None
        Returns since entry by leg, as fractions; None if a leg has no level at entry, or none since.
    n_completed : int
        Number of events with a complete window at this horizon.
    completed_so_far : float or None
        Their mean, of what is judged, after as many sessions as have passed here; None if there are none.
    completed : float or None
        Their mean at the end of the horizon.
    """

    asset_name: str
    day0: int
    horizon: Asked
    passed: int
    through: int | None
    returns: dict[str, float | None]
    n_completed: int
    completed_so_far: float | None
    completed: float | None


def pending_of(prices: Prices, measure: MeasureTable, day0: Ints) -> list[Pending]:
    """Return every pending horizon of every event: by asset, the latest event and its shortest horizon first.

    Parameters
    ----------
    prices : Prices
        The history; it ends at the session of interest.
    measure : MeasureTable
        The legs, the horizons and the entry.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.

    Raises
    ------
    StudyRefused, NotFound
        Assets or legs are equal, are not levels, have different bases, or are not in the dataset.
    """
    return [found for one in measures_of(prices, measure) for found in _of_asset(prices, one, day0)]


def _of_asset(prices: Prices, measure: MeasureTable, day0: Ints) -> list[Pending]:
    legs, lag = legs_of(prices, measure)
    horizons = horizons_of(measure.horizons, prices.sessions_a_year)
    forward = measure_forward(legs, horizons, lag, prices.sessions)
    status = window_status(legs, forward, day0)
    known = np.flatnonzero(np.isfinite([leg.entry for leg in legs]).all(axis=0))
    found = []
    for event in range(len(day0) - 1, -1, -1):
        for column, horizon in enumerate(forward.horizons):
            if status[event, column] == PENDING:
                over = day0[status[:, column] == COMPLETE]
                ends = forward.judged[over, column]
                at = (measure.assets[0], int(day0[event]), horizon.label)
                found.append(_pending(legs, lag, at, known, over, ends))
    return found


def _pending(
    legs: Sequence[Leg], lag: int, at: tuple[str, int, Asked], known: Ints, over: Ints, ends: np.ndarray
) -> Pending:
    _, day0, _ = at
    entry = day0 + lag
    through = int(known[-1]) if len(known) and known[-1] >= entry else None
    passed = 0 if through is None else through - entry
    since = by_leg([np.array(_return(leg, entry, through)) for leg in legs])
    then = _after(legs, lag, passed, over)
    return Pending(
        *at,
        passed,
        through,
        {leg: float(grown) if np.isfinite(grown) else None for leg, grown in since.items()},
        len(over),
        float(then.mean()) if len(then) else None,
        float(ends.mean()) if len(ends) else None,
    )


def _after(legs: Sequence[Leg], lag: int, passed: int, over: Ints) -> Floats:
    """Return what is judged a number of sessions after entry, for the events for which it is known."""
    if not passed:
        return np.zeros(len(over))
    leave = window_ends(len(legs[0].entry), [Horizon(passed)], lag)
    found = judged(by_leg([forward_returns(leg.entry, leave, lag)[over, 0] for leg in legs]))
    return found[np.isfinite(found)]


def _return(leg: Leg, entry: int, through: int | None) -> float:
    return float("nan") if through is None else float(leg.entry[through] / leg.entry[entry] - 1.0)
