"""Paths around day 0: their average with its quartiles, and one small chart for every episode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest import format as words
from backtest.model import Asked, Measured, Record, measured_by
from backtest.model.horizon import about
from backtest.report.kit import downsample as thin
from backtest.report.kit.plot.axis_words import tick
from backtest.report.kit.plot.drawn import Drawn, Told, hover
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Floats, Scale, around, ticks
from backtest.report.pages.run.event_rows import EventRow

PATH = 800
"""Offsets that an average path is drawn from."""
SMALL = 15
"""Episodes that have a small chart of their own."""
SMALL_PATH = 300
AVERAGE, LOW = 18.0, 8.5
"""Heights, in rem."""


def average_chart(
    table: pa.Table, legs: Sequence[str], names: Mapping[str, str], n_events: int, stamp: str
) -> Drawn | None:
    """Draw the average path of some legs, with quartiles and base rate.

    Parameters
    ----------
    table : pyarrow.Table
        The table ``average_path``.
    legs : sequence of str
        What is drawn.
    names : mapping of str to str
        What each is called.
    n_events : int
        Events of the study.
    stamp : str
        What must be known of the picture wherever it is copied to.
    """
    offset = arrow.to_floats(table["offset"])
    if not len(offset):
        return None
    values = {
        leg: [arrow.to_floats(table[f"{leg}_{part}"]) for part in ("mean", "low", "high", "base")] for leg in legs
    }
    zero = np.flatnonzero(offset == 0).tolist()
    kept = thin.extremes([found[0] for found in values.values()], PATH, zero)
    x, n = offset[kept], arrow.to_floats(table["n"])[kept]
    values = {leg: [one[kept] for one in found] for leg, found in values.items()}
    word = "spread" if legs == ["spread"] else "return"
    plot = Plot(
        Scale(float(offset[0]), float(max(offset[-1], offset[0] + 1))),
        around([one for found in values.values() for one in found]),
    )
    _frame(plot, " pp" if word == "spread" else "%")
    for leg, (_, low, high, _base) in values.items():
        plot.band(x, low, high, leg)
    for leg, (mean, _low, _high, base) in values.items():
        plot.line(x, base, f"{leg} dashed")
        plot.line(x, mean, f"{leg} thick")
    write = "points" if word == "spread" else "percent"
    rows = []
    for leg, (mean, low, high, base) in values.items():
        rows.append(Told(leg, names[leg], write, mean))
        rows.append(Told("", "quartiles", write, low, high))
        rows.append(Told("", "base rate", write, base))
    rows.append(Told("", f"events, of {n_events:,}", "count", n))
    label = f"Average cumulative {word} of {words.joined([names[leg] for leg in legs])} around day 0, with quartiles"
    told = hover(plot.x.at(x), [_when(value) for value in x.tolist()], rows)
    return Drawn(plot.svg(label, stamp), AVERAGE, told)


def _when(offset: float) -> str:
    if offset == 0:
        return "day 0"
    return f"{words.minus(f'{offset:+.0f}')} {'session' if abs(offset) == 1 else 'sessions'}"


def _frame(plot: Plot, unit: str, most: int = 6, *, narrow: bool = False) -> None:
    plot.across(ticks(plot.y, most), lambda value: tick(value, unit))
    marks = [value for value in ticks(plot.x, 4 if narrow else 8) if value == round(value)]
    plot.along([(value, words.minus(f"{value:+.0f}") if value else "0") for value in marks])
    plot.upright(0.0, "zero")
    plot.level(0.0, "zero")


@dataclass(frozen=True)
class Small:
    """The chart of one episode, with its title."""

    day0: str
    outcome: str
    """What followed over the horizon of the finding, or why it is not known."""
    drawn: Drawn
    ends: bool
    """Whether that horizon ends within the chart, which marks it."""


def episode_charts(record: Record, events: Sequence[EventRow], horizon: Asked | None, stamp: str) -> list[Small]:
    """Draw the latest episodes on one scale: both legs and the spread, or the asset alone.

    Parameters
    ----------
    record : Record
        The run as one asset has it.
    events : sequence of EventRow
        The events that the page shows.
    horizon : int, str or None
        Whose outcome stands in the title; the chart marks where it ends.
    stamp : str
        What must be known of each picture wherever it is copied to.
    """
    of, table = measured_by(record.run["legs"]), record.tables["paths"]
    number = arrow.to_floats(table["event"])
    columns = {leg: arrow.to_floats(table[leg]) for leg in of.legs}
    offset = arrow.to_floats(table["offset"])
    found = []
    for event in events[-SMALL:]:
        here = slice(*(int(np.searchsorted(number, event.number, side=side)) for side in ("left", "right")))
        lines = {leg: values[here] for leg, values in columns.items()}
        if any(np.isfinite(line).sum() > 1 for line in lines.values()):
            found.append((event, offset[here], lines))
    if not found:
        return []
    y = around([line for _, _, lines in found for line in lines.values()])
    return [
        Small(
            event.day0,
            _outcome(event, horizon, of),
            _small(event, x, lines, y, (of, horizon, stamp)),
            _end_within(x, horizon) is not None,
        )
        for event, x, lines in found
    ]


def _small(
    event: EventRow, x: Floats, lines: Mapping[str, Floats], y: Scale, told: tuple[Measured, Asked | None, str]
) -> Drawn:
    of, horizon, stamp = told
    plot = Plot(Scale(float(x[0]), float(max(x[-1], x[0] + 1))), y)
    _frame(plot, "%", 4, narrow=True)
    ends = _end_within(x, horizon)
    if ends is not None:
        plot.upright(ends, "until")
    kept = thin.extremes(list(lines.values()), SMALL_PATH)
    for leg, line in lines.items():
        plot.line(x[kept], line[kept], f"{leg} thick" if leg == of.key else leg)
    label = f"Paths around {event.day0}: {words.joined(list(of.legs))}; {_outcome(event, horizon, of)}"
    return Drawn(plot.svg(label, stamp), LOW)


def _end_within(x: Floats, horizon: Asked | None) -> float | None:
    ends = None if horizon is None else float(about(horizon))
    return ends if ends is not None and x[0] < ends < x[-1] else None


def _outcome(event: EventRow, horizon: Asked | None, of: Measured) -> str:
    cell: Mapping[str, Any] = event.outcomes.get(horizon, {}) if horizon is not None else {}
    value = cell.get(of.key)
    return words.outcome(value, of.word) if value is not None else str(cell.get("status", "not measured"))
