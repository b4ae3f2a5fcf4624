"""How many of the events the busiest dates and assets hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from backtest.model import Floats
from backtest.report.kit import downsample as thin
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale

TALL = 15.0
"""Height, in rem."""
MOST = 400
"""Places that a line is drawn from."""
DUST = 1e-9
COLOURS = {"date": "benchmark", "asset": "asset"}
MARKS = (5, 10, 20, 50)
"""Percent of the busiest at which a dot says how many events they hold."""


def crowding_chart(cumulative: Mapping[str, Floats], stamp: str) -> Drawn | None:
    """Draw the share of events of the busiest dates and of the busiest assets, and where an even spread would lie.

    Dates or assets that all have as many events are left out; None if both have.

    Parameters
    ----------
    cumulative : mapping of str to ndarray
        By ``"date"`` and ``"asset"``: share of all events of each and those before it, the busiest first.
    stamp : str
        What must be known of the picture wherever it is copied to.
    """
    uneven = {kind: share for kind, share in cumulative.items() if share[0] > 1 / len(share) + DUST}
    if not uneven:
        return None
    plot = Plot(Scale(0.0, 1.0), Scale(0.0, 1.05))
    marks = np.linspace(0.0, 1.0, 6).tolist()
    plot.across(marks, lambda value: f"{value:.0%}")
    plot.along([(value, f"{value:.0%}") for value in marks])
    plot.line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "dashed")
    for kind, one in uneven.items():
        share, colour = np.concatenate(([0.0], one)), COLOURS[kind]
        x = np.linspace(0.0, 1.0, len(share))
        kept = thin.extremes([share], MOST)
        plot.line(x[kept], share[kept], f"{colour} thick")
        for at in MARKS:
            held = float(np.interp(at / 100, x, share))
            plot.dot(at / 100, held, colour, f"the busiest {at}% of {kind}s hold {held:.0%} of the events")
    label = "Share of the events by the share of the busiest event dates, and of the busiest assets with an event"
    return Drawn(plot.svg(label, stamp), TALL)
