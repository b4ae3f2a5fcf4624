"""The figures of each leg on its own: what a table has of the asset, of the benchmark and of the spread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backtest.measure.forward import Forward
from backtest.measure.summaries import Summary, median_of
from backtest.model import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class LegFigures:
    """One leg over a set of day 0s whose windows are complete; arrays of shape (n_horizons,), NaN where there is none.

    Attributes
    ----------
    n : ndarray of int
        How many day 0s.
    mean, median, hit_rate : ndarray
        As in `backtest.measure.summaries.LegSummary`; of the spread, the hit rate is how often the asset beat the
        benchmark.
    best, worst : ndarray
        The highest and the lowest return, as fractions.
    drawdown_mean, drawdown_median, drawdown_worst : ndarray
        Mean, median and lowest of the drawdowns within the windows, as fractions, at most 0.
    """

    n: Ints
    mean: Floats
    median: Floats
    hit_rate: Floats
    best: Floats
    worst: Floats
    drawdown_mean: Floats
    drawdown_median: Floats
    drawdown_worst: Floats


def figures_by_leg(
    summary: Summary, forward: Forward, drawdowns: Mapping[str, Floats], taken: Ints | Bools
) -> dict[str, LegFigures]:
    """Return the figures of every leg over the same day 0s.

    Parameters
    ----------
    summary : Summary
        Over these day 0s.
    forward : Forward
        Forward returns with every session as day 0.
    drawdowns : mapping of str to ndarray of shape (n_sessions, n_horizons)
        As `backtest.measure.drawdowns.drawdowns` gives them.
    taken : ndarray
        The day 0s: session positions, or a flag for each session.
    """
    complete = np.isfinite(forward.judged[taken])
    figures = {}
    for leg, found in summary.legs.items():
        returned, fallen = (_columns(values[leg][taken], complete) for values in (forward.legs, drawdowns))
        figures[leg] = LegFigures(
            summary.n,
            found.mean,
            found.median,
            found.hit_rate,
            best=_each(np.max, returned),
            worst=_each(np.min, returned),
            drawdown_mean=_each(np.mean, fallen),
            drawdown_median=_each(median_of, fallen),
            drawdown_worst=_each(np.min, fallen),
        )
    return figures


def _columns(values: Floats, complete: Bools) -> list[Floats]:
    """Return the values of each horizon, over its complete windows."""
    return [values[complete[:, column], column] for column in range(values.shape[1])]


def _each(figure: Callable[[Floats], float], columns: Sequence[Floats]) -> Floats:
    return np.array([figure(values) if len(values) else np.nan for values in columns], dtype=np.float64)
