"""What each block's choice gave when it was made, and in the block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backtest import format as words
from backtest.report.kit.plot.axis_words import tick
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, around, ticks

TALL = 15.0
"""Height, in rem."""
LABELS = 9
"""Blocks that are named below the chart, at most."""


def walk_chart(blocks: Sequence[Mapping[str, Any]], stamp: str) -> Drawn | None:
    """Draw a dot for the choice and one for the block, with a line between them; None without any choice."""
    values = [value for row in blocks for value in (row["excess_inside"], row["excess"]) if value is not None]
    if not values:
        return None
    plot = Plot(Scale(-0.6, len(blocks) - 0.4), around([np.array(values)]))
    plot.across(ticks(plot.y), lambda value: tick(value, " pp"))
    step = -(-len(blocks) // LABELS)
    plot.along([(float(at), row["first"][:4]) for at, row in enumerate(blocks) if at % step == 0])
    plot.level(0.0, "zero")
    for at, row in enumerate(blocks):
        inside, outside = row["excess_inside"], row["excess"]
        if inside is not None and outside is not None:
            plot.line(np.array([at, at], dtype=np.float64), np.array([inside, outside]), "thin")
        when = f"{row['first']} to {row['last']}, set {row['set']}"
        if inside is not None:
            told = f"{when}: {words.points(inside)} when chosen, of {words.plural(row['n_inside'], 'event')}"
            plot.dot(at, inside, "benchmark", told)
        if outside is not None:
            plot.dot(at, outside, "asset", f"{when}: {words.points(outside)} in the block, n = {row['n']}", 6)
    return Drawn(plot.svg("Excess of the chosen set when it was chosen, and in the block that followed", stamp), TALL)
