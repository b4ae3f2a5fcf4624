"""The cumulative average abnormal return around day 0, with its interval."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest import format as words
from backtest.report.kit.plot.axis_words import tick
from backtest.report.kit.plot.drawn import Drawn, Told, hover
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, around, ticks

TALL = 16.0
"""Height, in rem."""


def caar_chart(table: pa.Table, stamp: str) -> Drawn | None:
    """Draw CAAR over the event window with its 95% interval, and the mean BHAR; None without any value.

    Parameters
    ----------
    table : pyarrow.Table
        The table ``abnormal_by_offset``.
    stamp : str
        What must be known of the picture wherever it is copied to.
    """
    names = ("offset", "caar", "caar_low", "caar_high", "bhar_mean", "n_car")
    offset, caar, low, high, bhar, n = (arrow.to_floats(table[name]) for name in names)
    if not np.isfinite(caar).any():
        return None
    plot = Plot(Scale(float(offset[0]), float(max(offset[-1], offset[0] + 1))), around([caar, low, high, bhar]))
    plot.across(ticks(plot.y), lambda value: tick(value, " pp"))
    marks = [value for value in ticks(plot.x, 8) if value == round(value)]
    plot.along([(value, words.minus(f"{value:+.0f}") if value else "0") for value in marks])
    if offset[0] <= 0 <= offset[-1]:
        plot.upright(0.0, "zero")
    plot.level(0.0, "zero")
    plot.band(offset, low, high, "spread")
    plot.line(offset, bhar, "benchmark")
    plot.line(offset, caar, "asset thick")
    rows = [
        Told("asset", "CAAR", "points", caar),
        Told("", "95% interval", "points", low, high),
        Told("benchmark", "mean BHAR", "points", bhar),
        Told("", "events", "count", n),
    ]
    heads = ["day 0" if at == 0 else words.minus(f"{at:+.0f}") for at in offset.tolist()]
    label = "Cumulative average abnormal return around day 0 with its 95% interval, and the mean buy-and-hold return"
    return Drawn(plot.svg(label, stamp), TALL, hover(plot.x.at(offset), heads, rows))
