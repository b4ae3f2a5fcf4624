"""How far the outcomes of the events lie apart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from backtest import format as words
from backtest.model import Floats
from backtest.report.kit.plot.axis_words import level, tick
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Scale, ticks

TALL = 15.0
"""Height, in rem."""
BINS = 60
TAIL = 0.01
"""Share of the outcomes on either side that the outermost columns hold, where there are many."""


def outcome_histogram(outcomes: Floats, base: float | None, word: str, stamp: str) -> Drawn | None:
    """Count the events by their outcome, and mark their mean and the base rate; None without any outcome.

    Parameters
    ----------
    outcomes : ndarray of shape (n,)
        Of the events with a complete window, as fractions.
    base : float or None
        The base rate.
    word : str
        What is judged: ``"spread"`` or ``"return"``.
    stamp : str
        What must be known of the picture wherever it is copied to.
    """
    if not len(outcomes):
        return None
    low, high = np.quantile(outcomes, (TAIL, 1 - TAIL)).tolist()
    free = (high - low) * 0.02 or 0.01
    edges = np.linspace(low - free, high + free, int(np.clip(2 * np.sqrt(len(outcomes)), 6, BINS)) + 1)
    counts, _ = np.histogram(np.clip(outcomes, edges[0], edges[-1]), bins=edges)
    plot = Plot(Scale(float(edges[0]), float(edges[-1])), Scale(0.0, float(counts.max()) * 1.08))
    plot.across([at for at in ticks(plot.y) if at == round(at)], level)
    unit = " pp" if word == "spread" else "%"
    plot.along([(at, tick(at, unit)) for at in ticks(plot.x)])
    plot.columns(edges, counts.astype(np.float64), "ordinary", _titles(edges, counts.tolist(), word))
    if edges[0] < 0 < edges[-1]:
        plot.upright(0.0, "zero")
    if base is not None:
        plot.upright(float(np.clip(base, edges[0], edges[-1])), "base")
    mean = float(outcomes.mean())
    plot.upright(float(np.clip(mean, edges[0], edges[-1])), "best")
    said = f"mean {words.outcome(mean, word)}, base rate {words.outcome(base, word)}"
    return Drawn(plot.svg(f"Outcomes of {words.plural(len(outcomes), 'event')}: {said}", stamp), TALL)


def _titles(edges: Floats, counts: list[int], word: str) -> list[str]:
    ends = [words.outcome(edge, word) for edge in edges.tolist()]
    spans = [f"{low} to {high}" for low, high in pairwise(ends)]
    spans[0], spans[-1] = f"below {ends[1]}", f"above {ends[-2]}"
    return [f"{span}: {words.plural(n, 'event')}" for span, n in zip(spans, counts, strict=True)]
