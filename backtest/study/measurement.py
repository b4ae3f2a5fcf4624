"""What came after the events, and what the test says of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.multiple import family_p_values
from backtest.measure.forward import excursions, window_status
from backtest.measure.paths import Average, Paths, average_paths, event_paths
from backtest.measure.summary import Summary, summarise_events
from backtest.model import Floats, Ints
from backtest.study.base_rate import Baseline


@dataclass(frozen=True, eq=False)
class Tested:
    """The default verdict per horizon; arrays of shape (n_horizons,), NaN where no event has a complete window."""

    statistic: Floats
    p_value: Floats
    p_adjusted: Floats


@dataclass(frozen=True, eq=False)
class Measurement:
    """Forward returns after the events.

    Attributes
    ----------
    status : ndarray of shape (n_events, n_horizons)
        Whether each window is complete, and if not, why.
    mae, mfe : ndarray of shape (n_events, n_horizons)
        Excursions of the spread, as fractions.
    summary : Summary
        Over the events with a complete window.
    tested : Tested
        The default verdict.
    paths : Paths
        The event windows.
    average : dict of str to Average
        Their averages by leg.
    """

    status: NDArray[np.str_]
    mae: Floats
    mfe: Floats
    summary: Summary
    tested: Tested
    paths: Paths
    average: dict[str, Average]


def measure_events(baseline: Baseline, day0: Ints, window: tuple[int, int]) -> Measurement:
    """Measure what came after the events, and test it."""
    legs = (baseline.asset, baseline.benchmark)
    status = window_status(*legs, baseline.forward, day0)
    mae, mfe = excursions(*legs, baseline.forward, day0)
    paths = event_paths(legs[0].close, legs[1].close, day0, window)
    return Measurement(
        status,
        mae,
        mfe,
        summarise_events(baseline.forward, day0),
        judge(baseline, day0),
        paths,
        average_paths(paths, legs[0].close, legs[1].close, baseline.eligible),
    )


def judge(baseline: Baseline, day0: Ints) -> Tested:
    """Shift the events around each horizon's circle; the family is the horizons."""
    cells = [shift_statistics(of, [of.ranks(day0)])[0] for of in baseline.outcomes]
    p = np.array([shift_p_values(cell[None, :])[0] for cell in cells])
    adjusted = np.array(family_p_values(cells, p.tolist()))
    observed = np.array([cell[0] if len(cell) else np.nan for cell in cells])
    return Tested(observed, p, adjusted)
