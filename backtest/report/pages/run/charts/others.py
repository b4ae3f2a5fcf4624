"""The smaller charts: the account, the rate that futures implied, the excess of several assets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest import format as words
from backtest.model import Floats
from backtest.model.run_lengths import runs
from backtest.report.kit import downsample as thin
from backtest.report.kit.plot.drawn import Drawn, hover_days
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, around, levels, ticks, time_scale, time_ticks, wants_log
from backtest.untyped import Json

ACCOUNT = 1_200
"""Sessions from which the account is drawn."""
TALL = 15.0
"""Height, in rem."""
MONTHS = 8
"""Months that are named below the path of a rate."""


def account_chart(table: pa.Table, stamp: str) -> Drawn:
    """Draw the account of the tradable version; where a position was held, the ground is shaded."""
    values, held = arrow.to_floats(table["equity"]), arrow.to_floats(table["exposure"]) > 0
    day = arrow.to_days(table["session"]).astype(np.int64).astype(np.float64)
    kept = thin.extremes([values], ACCOUNT)
    log = wants_log(values)
    plot = Plot(time_scale(day), levels(values, log=log))
    begin, end = runs(held)
    bottom, top = (np.full(len(begin), edge) for edge in (plot.y.low, plot.y.high))
    plot.bars(day[begin], np.minimum(day[end] + 1.0, plot.x.high), bottom, top, "held")
    plot.across(ticks(plot.y), words.level)
    plot.along(time_ticks(plot.x), lines=True)
    plot.line(day[kept], values[kept], "spread")
    position = ["held" if one else "none" for one in held[kept].tolist()]
    rows = [("spread", "value", [words.level(one) for one in values[kept].tolist()]), ("", "position", position)]
    told = hover_days(arrow.to_days(table["session"])[kept], rows)
    return Drawn(plot.svg("Value of the account over time, starting at 1", stamp), TALL, told)


def rate_chart(path: Mapping[str, Any], before: str, day0: str, stamp: str) -> Drawn | None:
    """Draw the rate of each month that futures implied, on day 0 and some sessions before.

    Parameters
    ----------
    path : mapping
        ``months``, and ``rate`` and ``before`` in percent, None where a month was not quoted.
    before : str
        How many sessions before, in words.
    day0 : str
        The event.
    stamp : str
        What must be known of the picture wherever it is copied to.
    """
    if not path["months"]:
        return None
    rate, earlier = (np.array(path[key], dtype=np.float64) for key in ("rate", "before"))
    x = np.arange(len(rate), dtype=np.float64)
    plot = Plot(Scale(0.0, max(float(len(x) - 1), 1.0)), around([rate, earlier], zero=False))
    plot.across(ticks(plot.y), lambda value: f"{words.level(round(value, 6))}%")
    step = -(-len(x) // MONTHS)
    plot.along([(float(at), path["months"][at]) for at in range(0, len(x), step)])
    plot.line(x, earlier, "observed dashed")
    plot.line(x, rate, "mark thick")
    for at, value in enumerate(rate.tolist()):
        if np.isfinite(value):
            plot.dot(float(at), value, "mark", f"{path['months'][at]}: {words.number(value, 3)}%", 3.5)
    label = f"Average effective rate of each month that futures implied, on {day0} and {before}"
    return Drawn(plot.svg(label, stamp), TALL)


def excess_chart(names: Sequence[str], horizons: Sequence[Json], rows: Sequence[Sequence[Json]], stamp: str) -> Drawn:
    """Draw the excess over the base rate by horizon, a line for each asset.

    Parameters
    ----------
    names : sequence of str
        The assets.
    horizons : sequence of dict
        ``label`` of each horizon.
    rows : sequence of sequence of dict
        By asset and horizon: ``excess``, ``p_adjusted``.
    stamp : str
        What must be known of the picture wherever it is copied to.
    """
    values = [_excess(one) for one in rows]
    x = np.arange(len(horizons), dtype=np.float64)
    plot = Plot(Scale(-0.2, max(float(len(x)) - 0.8, 0.8)), around(values))
    plot.across(ticks(plot.y), lambda value: words.tick(value, " pp"))
    plot.along([(float(at), row["label"]) for at, row in enumerate(horizons)])
    plot.level(0.0, "zero")
    for asset, line in enumerate(values):
        colour = f"study-{asset % 8 + 1}"
        plot.line(x, line, f"{colour} round-{asset // 8}")
        for at, value in enumerate(line.tolist()):
            if np.isfinite(value):
                said = f"{names[asset]}, {horizons[at]['label']}: {words.points(value)}"
                p = rows[asset][at].get("p_adjusted")
                plot.dot(float(at), value, colour, f"{said}, p adjusted {words.probability(p)}", 4)
    return Drawn(plot.svg("Excess over the base rate by horizon for every asset", stamp), TALL)


def _excess(rows: Sequence[Json]) -> Floats:
    return np.array([np.nan if row.get("excess") is None else row["excess"] for row in rows], dtype=np.float64)
