"""The chart that carries the finding: every event's outcome above the distribution of ordinary sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest import format as words
from backtest.model import Measured, Sessions
from backtest.report.kit.plot.axis_words import tick
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Floats, Scale, around, ticks

ROWS = 15
"""So many events stand one below the other, each with its date; more are dots that lie on each other."""
ROW, BAND, GAP, HIGH = 1.45, 1.6, 0.5, 5.5
"""Heights: of an event's row, of the row of the interval, between the parts, of the distribution. In rem."""
STACK, STEPS = 34, 110
"""Dots on each other at most, and places side by side; what needs more is drawn as a distribution."""
RANGES = 60
"""Ranges of events where none are recorded of ordinary sessions."""
DOT = 0.34
EDGE = 0.22
"""Share of the width on either side in which a label stands on the inner side of its dot."""


@dataclass(frozen=True)
class Outcomes:
    """What a chart of one horizon shows; fractions.

    Attributes
    ----------
    measured : Measured
        What is judged.
    days : ndarray of shape (n,)
        Day 0 of every event.
    values : ndarray of shape (n,)
        What followed each; NaN where the window is not complete.
    row : mapping
        The horizon's row of ``run.json``.
    low, high, counts : ndarray of shape (m,)
        The distribution of ordinary sessions, as the table ``base_distribution`` has it; empty in an older record.
    """

    measured: Measured
    days: Sessions
    values: Floats
    row: Mapping[str, Any]
    low: Floats
    high: Floats
    counts: Floats


def outcomes_chart(of: Outcomes, most: int, stamp: str) -> Drawn | None:
    """Draw the outcomes of one horizon; None where there is nothing to draw.

    Parameters
    ----------
    of : Outcomes
        What is shown.
    most : int
        Dots that this chart may have.
    stamp : str
        What must be known of the picture wherever it is copied to.
    """
    known = np.isfinite(of.values)
    values, days = of.values[known], of.days[known].astype(str).tolist() if known.sum() <= most else []
    if not len(values) and not len(of.low):
        return None
    stack = _stack(values) if len(values) > ROWS else np.empty(0)
    piled = len(values) > ROWS and len(values) <= most and stack.max() < STACK
    upper = ROW * len(values) if len(values) <= ROWS else HIGH if not piled else DOT * (stack.max() + 2)
    lower = HIGH if len(of.low) else 0.0
    height = lower + GAP + BAND + GAP + upper
    plot = Plot(_axis(of, values), Scale(0.0, height))
    begin = lower + 2 * GAP + BAND
    _ground(plot, of, lower)
    if len(values) <= ROWS:
        _rows(plot, of, values, days, begin)
    elif piled:
        _pile(plot, of, values, days, begin + stack * DOT + DOT)
    else:
        _spread(plot, of, values, begin, upper)
    _interval(plot, of, lower + GAP + BAND / 2)
    return Drawn(plot.svg(_label(of, len(values)), stamp), round(height, 2))


def _axis(of: Outcomes, values: Floats) -> Scale:
    """Return an axis that holds the events, the effect's interval, and all but the tails of ordinary sessions."""
    row, base = of.row, of.row.get(of.measured.base_mean) or 0.0
    ends = [row.get("ci_low"), row.get("ci_high")]
    tails = [of.low[1:2], of.high[-2:-1]] if len(of.low) > 2 else []
    return around([values, row.get(of.measured.mean), *(base + end for end in ends if end is not None), *tails])


def _ground(plot: Plot, of: Outcomes, lower: float) -> None:
    """Draw the axis, zero, and the distribution of ordinary sessions with their mean."""
    unit = " pp" if of.measured.has_benchmark else "%"
    plot.along([(value, tick(value, unit)) for value in ticks(plot.x, 7)], lines=True)
    plot.upright(0.0, "zero")
    if lower:
        _distribution(plot, of.low, of.high, of.counts, (0.0, lower), "ordinary")
        plot.label(lower / 2, "ordinary", "y")
        plot.label(lower / 2 - 1.05, "sessions", "y")
    base = of.row.get(of.measured.base_mean)
    if base is not None:
        plot.upright(base, "base")


def _distribution(plot: Plot, low: Floats, high: Floats, counts: Floats, room: tuple[float, float], kind: str) -> None:
    """Fill between two heights: as high as sessions lie densely, so that wide ranges are low."""
    width = high - low
    dense = np.divide(counts, width, out=np.zeros(len(counts)), where=width > 0)
    most = float(dense.max()) if len(dense) else 0.0
    if most > 0:
        bottom = np.full(len(dense), room[0])
        plot.bars(low, high, bottom, bottom + dense / most * (room[1] - room[0]), kind)


def _rows(plot: Plot, of: Outcomes, values: Floats, days: Sequence[str], begin: float) -> None:
    for at, (value, day) in enumerate(zip(values.tolist(), days, strict=True)):
        y = begin + ROW * (len(days) - at - 0.5)
        text, base = words.outcome(value, of.measured.word), of.row.get(of.measured.base_mean) or 0.0
        plot.label(y, day)
        plot.level(y, "stem", base, value)
        plot.dot(value, y, _side(of, value), f"{day}: {text}", 5.5)
        share = float(plot.x.at(value))
        left = share > 1 - EDGE or (value < base and share > EDGE)
        plot.text(value, y, text, "value left" if left else "value", -11 if left else 11)


def _pile(plot: Plot, of: Outcomes, values: Floats, days: Sequence[str], heights: Floats) -> None:
    plot.label(float(heights.max() + heights.min()) / 2, f"{len(days):,} events")
    dots = zip(values.tolist(), heights.tolist(), days, strict=True)
    told = [(value, y, _side(of, value), f"{day}: {words.outcome(value, of.measured.word)}") for value, y, day in dots]
    plot.dots(told, 2.6)


def _stack(values: Floats) -> Floats:
    """Return how many dots lie below each one."""
    low, high = float(values.min()), float(values.max())
    places = np.floor((values - low) / ((high - low) or 1.0) * (STEPS - 1)).astype(np.int64)
    seen: dict[int, int] = {}
    found = []
    for place in places.tolist():
        found.append(seen.get(place, 0))
        seen[place] = found[-1] + 1
    return np.array(found, dtype=np.float64)


def _spread(plot: Plot, of: Outcomes, values: Floats, begin: float, room: float) -> None:
    """Draw too many events for dots as a distribution of their own, in the ranges of ordinary sessions where known."""
    edges = np.append(of.low, of.high[-1]) if len(of.low) else np.linspace(values.min(), values.max(), RANGES + 1)
    edges = np.array(sorted({min(edges[0], values.min()), *edges[1:-1], max(edges[-1], values.max())}))
    at = np.minimum(np.searchsorted(edges, values, side="right") - 1, len(edges) - 2)
    counts = np.bincount(at, minlength=len(edges) - 1).astype(np.float64)
    _distribution(plot, edges[:-1], edges[1:], counts, (begin, begin + room), "events")
    plot.label(begin + room / 2, f"{len(values):,} events")


def _interval(plot: Plot, of: Outcomes, y: float) -> None:
    row, base, mean = of.row, of.row.get(of.measured.base_mean), of.row.get(of.measured.mean)
    if mean is None:
        return
    plot.label(y, "mean")
    if base is not None and row.get("ci_low") is not None:
        plot.level(y, "interval", base + row["ci_low"], base + row["ci_high"])
    text = words.outcome(mean, of.measured.word)
    ends = [mean, *(base + row[end] for end in ("ci_low", "ci_high") if base is not None and row.get(end) is not None)]
    left = float(plot.x.at(max(ends))) > 1 - EDGE
    plot.text(min(ends) if left else max(ends), y, text, "value left" if left else "value", -11 if left else 11)
    plot.dot(mean, y, "mark", f"mean: {text}", 6)


def _side(of: Outcomes, value: float) -> str:
    return "asset" if value >= 0 or not of.measured.has_benchmark else "benchmark"


def _label(of: Outcomes, n: int) -> str:
    mean = of.row.get(of.measured.mean)
    shown = f"; their mean is {words.outcome(mean, of.measured.word)}" if mean is not None else ""
    beside = " above the distribution of ordinary sessions" if len(of.low) else ""
    return f"The {of.measured.word} after {words.plural(n, 'event')}{beside}{shown}"
