"""Every episode on what the detector watches; below it, on the same axis, its indicator and the cuts priced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest import format as words
from backtest.model import Sessions
from backtest.report.kit import downsample as thin
from backtest.report.kit.packing import positions
from backtest.report.kit.plot.axis_words import level
from backtest.report.kit.plot.drawn import Drawn, Told, hover_days, hover_like
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Floats, Scale, levels, ticks, time_scale, time_ticks
from backtest.report.pages.run.event_rows import EventRow
from backtest.report.pages.run.lines import Line

POINTS = 1_200
"""Sessions that are drawn, without those on which an episode begins or ends."""
TALL, LOW, STRIP = 20.0, 9.0, 0.7
"""Heights: of the chart, of one below it, of the strip of a condition. In rem."""
NAMED = 12
"""Episodes that have their month beside their mark."""
PARTS = ("trigger", "start", "end")
CROWD = 60
"""Episodes from which on marks are small."""


@dataclass(frozen=True)
class History:
    """The history as the page shows it: charts that share their axis of time, and how many sessions they draw."""

    lines: list[Line]
    indicator: Line | None
    cuts: Line | None
    strips: list[tuple[str, Drawn]]
    """A strip for each condition that the strategy combines, with its name; above the history, on the same axis."""
    charts: dict[str, Drawn]
    """``history``; and ``indicator`` and ``cuts``, where there are any."""
    sessions: int
    drawn: int


@dataclass(frozen=True, eq=False)
class Marks:
    """Where the marked episodes stand, in days since 1970, and the level of the chart's first line there."""

    events: Sequence[EventRow]
    trigger: Floats
    start: Floats
    end: Floats
    at: list[int | None]


def draw_history(
    sessions: Sessions,
    lines: tuple[list[Line], Line | None, Line | None],
    marked: Sequence[EventRow],
    conditions: Sequence[Mapping[str, Any]],
    stamp: str,
) -> History:
    """Draw the history.

    Parameters
    ----------
    sessions : ndarray of shape (n_sessions,)
        Its days.
    lines : (list of Line, Line or None, Line or None)
        What is watched; the indicator; the cuts priced. A value for each session.
    marked : sequence of EventRow
        The episodes to be marked.
    conditions : sequence of mapping
        What the strategy combines, with the stretches on which each was met, as days since 1970.
    stamp : str
        What must be known of each picture wherever it is copied to.
    """
    watched, indicator, cuts = lines
    drawn = [*watched, *(line for line in (indicator, cuts) if line is not None)]
    marks = _marks(sessions, marked)
    ends = sorted({at for at in marks.at if at is not None})
    kept = thin.extremes([line.values for line in drawn], POINTS, ends)
    days = _floats(sessions[kept])
    charts: dict[str, Drawn] = {}
    strips: list[tuple[str, Drawn]] = []
    if watched:
        charts["history"] = _prices(sessions[kept], [line.at(kept) for line in watched], marks, stamp)
        for name, line in (("indicator", indicator), ("cuts", cuts)):
            if line is not None:
                charts[name] = _below(days, line.at(kept), marks, stamp)
        axis = time_scale(days)
        strips = [(row["name"], strip_chart(axis, row["stretches"], row["name"])) for row in conditions]
    return History(watched, indicator, cuts, strips, charts, len(sessions), len(kept))


def _marks(sessions: Sessions, events: Sequence[EventRow]) -> Marks:
    parts = [[getattr(event, part).replace(words.NONE, "NaT") for event in events] for part in PARTS]
    trigger, start, end = (np.array(days, dtype="datetime64[D]") for days in parts)
    return Marks(events, _floats(trigger), _floats(start), _floats(end), positions(sessions, trigger))


def _floats(days: Sessions) -> Floats:
    return np.where(np.isnat(days), np.nan, days.astype(np.int64).astype(np.float64))


def _prices(sessions: Sessions, lines: Sequence[Line], marks: Marks, stamp: str) -> Drawn:
    days = _floats(sessions)
    log = any(line.log for line in lines)
    values = np.concatenate([line.values for line in lines])
    y = levels(values, log=log and float(np.nanmin(values)) > 0)
    plot = Plot(time_scale(days), y)
    _frame(plot, marks)
    for line in lines:
        plot.line(days, line.values, f"{line.role} thin")
    _episodes(plot, days, lines[0], marks, named=True)
    rows = [Told(line.role, line.name, "level", line.values) for line in lines]
    label = f"History with every episode marked: {words.joined([line.name for line in lines])}"
    return Drawn(plot.svg(label, stamp), TALL, hover_days(sessions, rows))


def _below(days: Floats, line: Line, marks: Marks, stamp: str) -> Drawn:
    reached = line.values if line.threshold is None else np.append(line.values, line.threshold)
    plot = Plot(time_scale(days), levels(reached, log=False))
    _frame(plot, marks, 4)
    plot.line(days, line.values, "observed thin")
    if line.threshold is not None:
        plot.level(line.threshold, "threshold")
    _episodes(plot, days, line, marks, named=False)
    rows = [Told("observed", line.name, "level", line.values)]
    return Drawn(plot.svg(f"{line.name}, with every episode marked", stamp), LOW, hover_like("history", rows))


def _frame(plot: Plot, marks: Marks, most: int = 6) -> None:
    plot.across(ticks(plot.y, most), level)
    plot.along(time_ticks(plot.x), lines=True)
    known = np.isfinite(marks.start) & np.isfinite(marks.end)
    if known.any():
        bottom, top = (np.full(int(known.sum()), end) for end in (plot.y.low, plot.y.high))
        plot.bars(marks.start[known], marks.end[known] + 1.0, bottom, top, "episode")


def _episodes(plot: Plot, days: Floats, line: Line, marks: Marks, *, named: bool) -> None:
    """Mark each episode on a line, with its dates; few of them also by name."""
    many, dots = len(marks.events), []
    for event, day in zip(marks.events, marks.trigger.tolist(), strict=True):
        at = int(np.searchsorted(days, day)) if np.isfinite(day) else len(days)
        if at >= len(days) or days[at] != day or not np.isfinite(line.values[at]):
            continue
        y = float(line.values[at])
        end = "ongoing" if event.ongoing else event.end
        title = f"Episode {event.number}: start {event.start}, trigger {event.trigger}, end {end}, day 0 {event.day0}"
        dots.append((day, y, "mark", title if named else ""))
        if named and many <= NAMED:
            flipped = "left" if float(plot.x.at(day)) > 0.9 else "middle"
            plot.text(day, y, event.day0[:7], f"value {flipped}", dy="-.8em")
    plot.dots(dots, 5.0 if many <= NAMED else 3.5 if many <= CROWD else 2.0)


def strip_chart(scale: Scale, stretches: Sequence[float], name: str) -> Drawn:
    """Draw the strip of one condition: filled wherever it was met.

    Parameters
    ----------
    scale : Scale
        The history's axis of time.
    stretches : sequence of float
        First and last day of each stretch, one after the other, as days since 1970.
    name : str
        What the condition is called.
    """
    plot = Plot(scale, Scale(0.0, 1.0))
    first, last = (np.array(stretches[at::2], dtype=np.float64) for at in (0, 1))
    least = (scale.high - scale.low) / 1_000  # a run of one session stays visible
    right = np.maximum(last + 1.0, first + least)
    plot.bars(first, right, np.zeros(len(first)), np.ones(len(first)), "met")
    return Drawn(plot.svg(f"When the condition {name} was met"), STRIP)
