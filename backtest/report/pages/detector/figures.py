"""The picture of a detector's page: a stretch of sessions, what the detector watches, and what it flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest import format as words
from backtest.model.run_lengths import runs
from backtest.report.kit.plot.drawn import STAMP, Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Floats, Scale

MARGIN = 0.08
"""Share of the height that is left free above the highest value and below the lowest."""


TALL = 17.0
"""Height, in rem, with the days below it."""
APART = 12.0
"""Percent of the height between the threshold's label and another."""


@dataclass(frozen=True)
class Picture:
    """What is drawn, and what its key must name.

    Attributes
    ----------
    drawn : Drawn
        The picture.
    name : str
        The indicator, with its unit.
    line, threshold, pattern : bool
        Whether there is an indicator, a threshold, and a pattern that reaches before the trigger.
    """

    drawn: Drawn
    name: str
    line: bool
    threshold: bool
    pattern: bool


def picture(drawn: Mapping[str, Any]) -> Picture:
    """Draw a stretch of sessions, as `backtest.catalog.detectors.episode_picture` gives it."""
    days: Sequence[str] = drawn["sessions"]
    n, trigger, start = len(days), drawn["trigger"], drawn["start"]
    values = np.array(drawn["indicator"] or [np.nan] * n, dtype=np.float64)
    known = bool(np.isfinite(values).any())
    threshold = drawn["threshold"] if known else None
    plot = Plot(Scale(0.0, float(n)), _range(values, threshold))
    if start < trigger:
        _ground(plot, np.array([start]), np.array([trigger]), "pattern")
    first, last = runs(np.array(drawn["met"], dtype=np.bool_))
    _ground(plot, first, last + 1, "flagged")
    plot.level(plot.y.low, "zero")
    if threshold is not None:
        plot.level(threshold, "threshold")
    plot.line(np.arange(n, dtype=np.float64) + 0.5, values, "asset thick")
    _labels(plot, values, threshold, drawn["unit"])
    for at, kind in ((0, "x start"), (trigger, "x"), (n - 1, "x end")):
        plot.text(at + 0.5, plot.y.low, days[at], kind, dy="1.45em")
    plot.dots(_told(days, values, drawn), 6)
    svg = plot.svg(_said(drawn, days), STAMP if drawn["synthetic"] else "")
    return Picture(Drawn(svg, TALL), _name(drawn), known, threshold is not None, start < trigger)


def _ground(plot: Plot, begin: NDArray[np.int64], end: NDArray[np.int64], kind: str) -> None:
    bottom, top = (np.full(len(begin), edge) for edge in (plot.y.low, plot.y.high))
    plot.bars(begin.astype(np.float64), end.astype(np.float64), bottom, top, kind)


def _labels(plot: Plot, values: Floats, threshold: float | None, unit: str) -> None:
    """Write the highest and the lowest value beside the picture, unless the threshold's label is in their way."""
    known = values[np.isfinite(values)]
    for value in sorted({float(known.max()), float(known.min())} if len(known) else set(), reverse=True):
        if threshold is None or abs(plot.y.at(value) - plot.y.at(threshold)) * 100 > APART:
            plot.label(value, _amount(value, unit))
    if threshold is not None:
        plot.label(threshold, _amount(threshold, unit))


def _told(days: Sequence[str], values: Floats, drawn: Mapping[str, Any]) -> list[tuple[float, float, str, str]]:
    """Return what a pointer is told of each session that has a value."""
    met, unit = drawn["met"], drawn["unit"]
    return [
        (at + 0.5, value, "session", f"{days[at]}: {_amount(value, unit)}{', flagged' if met[at] else ''}")
        for at, value in enumerate(values.tolist())
        if np.isfinite(value)
    ]


def _range(values: Floats, threshold: float | None) -> Scale:
    numbers = [*values[np.isfinite(values)].tolist(), *([] if threshold is None else [threshold])]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    low, high = (low, high) if high > low else (low - 1.0, high + 1.0)
    free = MARGIN * (high - low) / (1 - 2 * MARGIN)
    return Scale(low - free, high + free)


def _amount(value: float, unit: str) -> str:
    if unit == "probability":
        return words.share(value, 1)
    if unit == "fraction":
        return words.percent(value, 1)
    return words.number(value, 0 if unit == "sessions" else 2)


def _name(drawn: Mapping[str, Any]) -> str:
    unit = "" if drawn["unit"] in (*words.SHARES, "1", "") else f", {drawn['unit']}"
    return f"{drawn['name']}{unit}"


def _said(drawn: Mapping[str, Any], days: Sequence[str]) -> str:
    flagged = words.plural(sum(drawn["met"]), "session")
    beyond = (
        f" The threshold is {_amount(drawn['threshold'], drawn['unit'])}." if drawn["threshold"] is not None else ""
    )
    return (
        f"{_name(drawn) or 'Sessions'} from {days[0]} to {days[-1]}, on simulated data: {flagged} flagged, "
        f"triggered on {days[drawn['trigger']]}.{beyond}"
    )
