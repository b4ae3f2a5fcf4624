"""Where the best set of one half of the history ranks in the other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from backtest import format as words
from backtest.report.kit.plot.axis_words import level
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, around, ticks

TALL = 12.0
"""Height, in rem."""
RANKS = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98)


def logit_chart(logits: Mapping[str, Sequence[float]], stamp: str) -> Drawn | None:
    """Draw how many splits gave which rank, on the scale of its logit; None without any split."""
    counts, edges = np.array(logits["counts"], dtype=np.float64), np.array(logits["edges"])
    if not counts.sum():
        return None
    plot = Plot(around([edges]), Scale(0.0, float(counts.max()) * 1.05))
    plot.across([at for at in ticks(plot.y, 4) if at == round(at)], level)
    marks = [(math.log(rank / (1 - rank)), words.share(rank)) for rank in RANKS]
    plot.along([(at, text) for at, text in marks if plot.x.low <= at <= plot.x.high])
    titles = [
        f"rank {words.share(_rank(low))} to {words.share(_rank(high))}: {words.plural(int(count), 'split')}"
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    plot.columns(edges, counts, "ordinary", titles)
    plot.upright(0.0, "base")
    return Drawn(plot.svg("Rank, in the other half, of the best set of each half; the middle is marked", stamp), TALL)


def _rank(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))
