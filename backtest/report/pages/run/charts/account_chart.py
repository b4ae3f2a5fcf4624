"""The account of the tradable version."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.model.run_lengths import runs
from backtest.report.kit import downsample as thin
from backtest.report.kit.plot.axis_words import level
from backtest.report.kit.plot.drawn import Drawn, Told, hover_days
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import levels, ticks, time_scale, time_ticks, wants_log
from backtest.report.pages.run.condition_strips import joined

ACCOUNT = 1_200
"""Sessions from which the account is drawn."""
HELD = 1_000
"""Stretches with a position; of more, those that lie closest together are drawn as one."""
TALL = 15.0
"""Height, in rem."""


def account_chart(table: pa.Table, stamp: str) -> Drawn:
    """Draw the account of the tradable version; where a position was held, the ground is shaded."""
    values, held = arrow.to_floats(table["equity"]), arrow.to_floats(table["exposure"]) > 0
    day = arrow.to_days(table["session"]).astype(np.int64).astype(np.float64)
    kept = thin.extremes([values], ACCOUNT)
    log = wants_log(values)
    plot = Plot(time_scale(day), levels(values, log=log))
    begin, end = joined(*runs(held), HELD)
    bottom, top = (np.full(len(begin), edge) for edge in (plot.y.low, plot.y.high))
    plot.bars(day[begin], np.minimum(day[end] + 1.0, plot.x.high), bottom, top, "held")
    plot.across(ticks(plot.y), level)
    plot.along(time_ticks(plot.x), lines=True)
    plot.line(day[kept], values[kept], "spread")
    account = Told("spread", "value", "level", values[kept])
    rows = [account, Told("", "position", "held", held[kept].astype(np.float64))]
    told = hover_days(arrow.to_days(table["session"])[kept], rows)
    return Drawn(plot.svg("Value of the account over time, starting at 1", stamp), TALL, told)
