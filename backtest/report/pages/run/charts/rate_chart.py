"""The rate of each month that futures implied at an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backtest import format as words
from backtest.report.kit.plot.axis_words import level
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, around, ticks

TALL = 15.0
"""Height, in rem."""
MONTHS = 8
"""Months that are named below the path of a rate."""


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
    plot.across(ticks(plot.y), lambda value: f"{level(round(value, 6))}%")
    step = -(-len(x) // MONTHS)
    plot.along([(float(at), path["months"][at]) for at in range(0, len(x), step)])
    plot.line(x, earlier, "observed dashed")
    plot.line(x, rate, "mark thick")
    for at, value in enumerate(rate.tolist()):
        if np.isfinite(value):
            plot.dot(float(at), value, "mark", f"{path['months'][at]}: {words.number(value, 3)}%", 3.5)
    label = f"Average effective rate of each month that futures implied, on {day0} and {before}"
    return Drawn(plot.svg(label, stamp), TALL)
