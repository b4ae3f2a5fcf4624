"""Events through time: how many there were in each year, or in each month of a short history."""

from __future__ import annotations

import numpy as np

from backtest import format as words
from backtest.model import Sessions
from backtest.report.kit.plot.axis_words import level
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, ticks, time_ticks

TALL = 14.0
"""Height, in rem."""
SHORT = 6
"""Years up to which months are counted."""


def events_chart(day0: Sessions, first: np.datetime64, last: np.datetime64, stamp: str) -> Drawn:
    """Count the events by year over the sample window.

    Parameters
    ----------
    day0 : ndarray of shape (n_events,), datetime64[D]
        One or more.
    first, last : datetime64[D]
        Of the sample window.
    stamp : str
        What must be known of the picture wherever it is copied to.
    """
    unit = "M" if (last - first).astype(np.int64) < SHORT * 366 else "Y"
    begin, end = (day.astype(f"datetime64[{unit}]") for day in (first, last))
    periods = np.arange(begin, end + np.timedelta64(1, unit))
    counts = np.bincount((day0.astype(f"datetime64[{unit}]") - begin).astype(np.int64), minlength=len(periods))
    edges = np.append(periods, end + np.timedelta64(1, unit)).astype("datetime64[D]").astype(np.float64)
    plot = Plot(Scale(float(edges[0]), float(edges[-1])), Scale(0.0, float(counts.max()) * 1.08))
    plot.across([at for at in ticks(plot.y) if at == round(at)], level)
    plot.along(time_ticks(plot.x))
    titles = [f"{period}: {words.plural(int(n), 'event')}" for period, n in zip(periods, counts, strict=True)]
    plot.columns(edges, counts.astype(np.float64), "events", titles)
    what = "month" if unit == "M" else "year"
    busiest = int(counts.argmax())
    said = f"Events by {what}: {words.plural(int(counts.sum()), 'event')}, most in {periods[busiest]}"
    return Drawn(plot.svg(f"{said} ({counts[busiest]:,})", stamp), TALL)
