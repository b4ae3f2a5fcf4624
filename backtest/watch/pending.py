"""Past events whose horizons are not over: how far they have come, and how they stand beside the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.measure.forward import COMPLETE, PENDING, Leg, forward_returns, measure_forward, window_status
from backtest.measure.legs import legs_of
from backtest.model import Ints, Prices
from backtest.spec.strategy import MeasureTable


@dataclass(frozen=True)
class Pending:
    """One event at one horizon that is not over.

    Attributes
    ----------
    day0 : int
        Session position of the event.
    horizon : int
        In sessions.
    passed : int
        Sessions of the horizon that have passed since entry.
    through : int or None
        Session position of the last close on which both legs have a level; None where there is none since entry.
    asset, benchmark, spread : float or None
        Returns since entry, as fractions; None where a leg has no level at entry, or none since.
    n_completed : int
        Events whose window at this horizon is complete.
    completed_so_far : float or None
        The mean spread of those after as many sessions as have passed here; None where there is none.
    completed : float or None
        Their mean spread at the end of the horizon.
    """

    day0: int
    horizon: int
    passed: int
    through: int | None
    asset: float | None
    benchmark: float | None
    spread: float | None
    n_completed: int
    completed_so_far: float | None
    completed: float | None


def pending_of(prices: Prices, measure: MeasureTable, day0: Ints) -> list[Pending]:
    """Return every horizon of every event that is pending: the latest event first, and its nearest horizon.

    Parameters
    ----------
    prices : Prices
        The history; it ends at the session at which the events are looked at.
    measure : MeasureTable
        The legs, the horizons and the entry.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.

    Raises
    ------
    StudyRefused, NotFound
        The legs are the same, are no levels, on different bases, or not in the dataset.
    """
    asset, benchmark, lag = legs_of(prices, measure)
    forward = measure_forward(asset, benchmark, measure.horizons, lag)
    status = window_status(asset, benchmark, forward, day0)
    both = np.flatnonzero(np.isfinite(asset.entry) & np.isfinite(benchmark.entry))
    found = []
    for event in range(len(day0) - 1, -1, -1):
        for column, horizon in enumerate(forward.horizons):
            if status[event, column] == PENDING:
                over = day0[status[:, column] == COMPLETE]
                ends = forward.spread[over, column]
                found.append(_pending((asset, benchmark), lag, int(day0[event]), horizon, both, over, ends))
    return found


def _pending(
    legs: tuple[Leg, Leg], lag: int, day0: int, horizon: int, both: Ints, over: Ints, ends: np.ndarray
) -> Pending:
    entry = day0 + lag
    through = int(both[-1]) if len(both) and both[-1] >= entry else None
    passed = 0 if through is None else through - entry
    asset, benchmark = (_return(leg, entry, through) for leg in legs)
    spread = None if asset is None or benchmark is None else asset - benchmark
    so_far = [forward_returns(leg.entry, [passed], lag)[over, 0] for leg in legs] if passed else []
    then = (so_far[0] - so_far[1])[np.isfinite(so_far[0] - so_far[1])] if so_far else np.zeros(len(over))
    return Pending(
        day0,
        horizon,
        passed,
        through,
        asset,
        benchmark,
        spread,
        len(over),
        float(then.mean()) if len(then) else None,
        float(ends.mean()) if len(ends) else None,
    )


def _return(leg: Leg, entry: int, through: int | None) -> float | None:
    if through is None:
        return None
    grown = float(leg.entry[through] / leg.entry[entry] - 1.0)
    return grown if np.isfinite(grown) else None
