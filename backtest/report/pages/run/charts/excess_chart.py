"""The excess over the base rate of several assets, by horizon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest import format as words
from backtest.model import Floats
from backtest.report.kit.plot.axis_words import tick
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, around, ticks
from backtest.untyped import Json

TALL = 15.0
"""Height, in rem."""


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
    plot = Plot(Scale(-0.5, float(max(len(x), 1)) - 0.5), around(values))
    plot.across(ticks(plot.y), lambda value: tick(value, " pp"))
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
