"""How far the sets of a search lie apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest import format as words
from backtest.report.kit.plot.axis_words import level, tick
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, around, ticks

BINS = 40
TALL = 16.0
"""Height, in rem."""


def histogram_chart(excess: Sequence[float | None], best: float | None, stamp: str) -> Drawn | None:
    """Count the sets by their excess, and mark the best set and the median; None without any excess.

    Parameters
    ----------
    excess : sequence of float or None
        Of every set at one horizon, as fractions; None where there is none.
    best : float or None
        The best set's own.
    stamp : str
        What must be known of the picture wherever it is copied to.
    """
    known = np.array([value for value in excess if value is not None], dtype=np.float64)
    if not len(known):
        return None
    counts, edges = np.histogram(known, bins=int(np.clip(2 * np.sqrt(len(known)), 5, BINS)))
    plot = Plot(around([edges], zero=False), Scale(0.0, float(counts.max()) * 1.05))
    plot.across([at for at in ticks(plot.y) if at == round(at)], level)
    plot.along([(at, tick(at, " pp")) for at in ticks(plot.x)])
    titles = [
        f"{words.points(low)} to {words.points(high)}: {words.plural(int(count), 'set')}"
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    plot.columns(edges, counts.astype(np.float64), "ordinary", titles)
    plot.level(0.0, "zero")
    middle = float(np.median(known))
    plot.upright(middle, "base")
    if best is not None:
        plot.upright(best, "best")
    marks = [f"median {words.points(middle)}"] + ([f"best set {words.points(best)}"] if best is not None else [])
    label = f"Distribution of the excess over the base rate of {words.plural(len(known), 'set')}: {words.joined(marks)}"
    return Drawn(plot.svg(label, stamp), TALL)
