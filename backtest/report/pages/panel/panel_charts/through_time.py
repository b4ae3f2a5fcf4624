"""Events through time: how many there were in each year, or in each month of a short history, and how often."""

from __future__ import annotations

import numpy as np

from backtest import format as words
from backtest.model import Floats, Sessions
from backtest.report.kit.plot.axis_words import level
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, ticks, time_ticks

TALL = 13.0
"""Height, in rem."""
MOST = 5
"""Ticks at most: two of these pictures stand side by side."""
SHORT = 72
"""Months up to which each has a column of its own."""


def through_time_charts(months: Sessions, events: Floats, asset_sessions: Floats, stamp: str) -> tuple[Drawn, Drawn]:
    """Draw the events of each year or month, and how many there were for 1,000 asset-sessions.

    Parameters
    ----------
    months : ndarray of shape (n_months,), datetime64[D]
        The first day of each month of the sample window, without gaps.
    events, asset_sessions : ndarray of shape (n_months,)
        Events of each month, and on how many asset-sessions one could have been seen.
    stamp : str
        What must be known of the pictures wherever they are copied to.
    """
    unit = "month" if len(months) <= SHORT else "year"
    periods, of = np.unique(months.astype(f"datetime64[{unit[0].upper()}]"), return_inverse=True)
    count, seen = (np.bincount(of, values).astype(np.float64) for values in (events, asset_sessions))
    rate = 1000.0 * np.divide(count, seen, where=seen > 0, out=np.zeros(len(count)))
    edges = np.append(periods, periods[-1:] + 1).astype("datetime64[D]").astype(np.float64)
    names = [str(period) for period in periods]
    many = [f"{name}: {words.plural(int(n), 'event')}" for name, n in zip(names, count, strict=True)]
    often = [
        f"{name}: {words.number(value)} for 1,000 of {words.plural(int(n), 'asset-session')}"
        for name, value, n in zip(names, rate, seen, strict=True)
    ]
    busiest = names[int(count.argmax())]
    label = f"Events by {unit}: {words.plural(int(count.sum()), 'event')}, most in {busiest}"
    usual = f"Events for 1,000 asset-sessions by {unit}, most in {names[int(rate.argmax())]}"
    return _columns(edges, count, many, label, stamp), _columns(edges, rate, often, usual, stamp)


def _columns(edges: Floats, heights: Floats, titles: list[str], label: str, stamp: str) -> Drawn:
    plot = Plot(Scale(float(edges[0]), float(edges[-1])), Scale(0.0, float(heights.max()) * 1.08))
    plot.across(ticks(plot.y, 4), level)
    plot.along(time_ticks(plot.x, MOST))
    plot.columns(edges, heights, "events", titles)
    return Drawn(plot.svg(label, stamp), TALL)
