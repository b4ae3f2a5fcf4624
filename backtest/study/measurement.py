"""The returns after the events."""

from __future__ import annotations

from dataclasses import dataclass

from numpy import str_
from numpy.typing import NDArray

from backtest.measure.forward import excursions, window_status
from backtest.measure.paths import Average, Paths, average_paths, event_paths
from backtest.measure.summaries import Summary, summarise_events
from backtest.model import Floats, Ints
from backtest.study.base_rate import BaseRate


@dataclass(frozen=True, eq=False)
class Measurement:
    """Forward returns after the events.

    Attributes
    ----------
    status : ndarray of shape (n_events, n_horizons)
        Whether each window is complete, and otherwise why it is not.
    mae, mfe : ndarray of shape (n_events, n_horizons)
        Excursions of the spread or of the asset alone, as fractions.
    summary : Summary
        Over the events with a complete window.
    excess : ndarray of shape (n_horizons,)
        Mean of the spread or return over the events minus its base rate, as fractions.
    paths : Paths
        The event windows.
    average : dict of str to Average
        Their averages, by leg.
    """

    status: NDArray[str_]
    mae: Floats
    mfe: Floats
    summary: Summary
    excess: Floats
    paths: Paths
    average: dict[str, Average]


def measure_events(base_rate: BaseRate, day0: Ints, window: tuple[int, int]) -> Measurement:
    """Measure the returns after the events.

    Parameters
    ----------
    base_rate : BaseRate
        The base rate.
    day0 : ndarray of shape (n_events,)
        Session positions.
    window : (int, int)
        First and last offset of the event window.
    """
    closes = [leg.close for leg in base_rate.legs]
    mae, mfe = excursions(base_rate.legs, base_rate.forward, day0)
    summary = summarise_events(base_rate.forward, day0)
    paths = event_paths(closes, day0, window)
    return Measurement(
        window_status(base_rate.legs, base_rate.forward, day0),
        mae,
        mfe,
        summary,
        summary.judged.mean - base_rate.summary.judged.mean,
        paths,
        average_paths(paths, closes, base_rate.eligible),
    )
