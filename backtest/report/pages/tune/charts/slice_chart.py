"""One parameter around the recommended set, all others held: the effect with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest import format as words
from backtest.report.kit.plot.axis_words import tick
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Floats, Scale, around, ticks

TALL = 12.0
"""Height, in rem."""
LABELS = 6
"""Values that are named below the chart, at most."""
SHORT = 5
"""Characters of a name of which so many have room; of longer ones, fewer are named."""
REACH = 2.5


def slice_chart(
    texts: Sequence[str], excess: Floats, low: Floats, high: Floats, marked: tuple[int | None, int | None], stamp: str
) -> Drawn | None:
    """Draw the effects as a line in a band; None with fewer than two effects.

    Parameters
    ----------
    texts : sequence of str
        The values of the parameter.
    excess, low, high : ndarray of shape (n,)
        The effect and the ends of its interval; NaN where there is none.
    marked : (int or None, int or None)
        Positions of the recommended and of the strategy's own set.
    stamp : str
        What must be known of the picture.
    """
    known = np.flatnonzero(np.isfinite(excess))
    if len(known) < 2:
        return None
    most = REACH * float(np.abs(excess[known]).max() or 1e-4)
    low, high = np.clip(low, -most, most), np.clip(high, -most, most)
    plot = Plot(Scale(-0.5, len(texts) - 0.5), around([excess, low, high]))
    plot.across(ticks(plot.y, 5), lambda value: tick(value, " pp"))
    step = -(-len(texts) // max(1, LABELS * SHORT // max(SHORT, *map(len, texts))))
    plot.along([(float(at), texts[at]) for at in range(0, len(texts), step)])
    places = np.arange(len(texts), dtype=np.float64)
    plot.band(places, low, high, "spread")
    plot.level(0.0, "zero")
    plot.line(places, excess, "asset thick")
    for at in known.tolist():
        kinds = ("mark" if at == marked[1] else "asset") + (" best" if at == marked[0] else "")
        plot.dot(float(at), float(excess[at]), kinds, f"{texts[at]}: {words.points(float(excess[at]))}", 5)
    return Drawn(plot.svg("Effect by the value of one parameter, all others held", stamp), TALL)
