"""What the page of a comparison draws: intervals on one axis, and days on one timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backtest import format as words
from backtest.report.kit import downsample as thin

WIDTH = 1000
"""Units of a drawing; it is as wide as its place, and lines keep their width."""
DRAWN = 300
"""Days of either kind that one row of the timeline draws; nobody could tell more apart."""
TICKS = 8
"""Years at most that a timeline names."""
STEPS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True)
class Axis:
    """A range that drawings of several rows share."""

    low: float
    high: float

    def at(self, value: float) -> float:
        """Return the place of a value, from 0 to `WIDTH`."""
        return round(WIDTH * (value - self.low) / (self.high - self.low), 1)

    def share(self, value: float) -> float:
        """Return the place of a value in percent."""
        return round(self.at(value) / WIDTH * 100, 2)


@dataclass(frozen=True)
class Interval:
    """The places of an excess and of the ends of its interval; None where there is none."""

    excess: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Days:
    """One row of the timeline: two paths of strokes, and how it reads."""

    own: str
    shared: str
    label: str
    drawn: int
    n: int
    """Different days, whether drawn or not: many events of a panel may share one."""


def excess_axis(rows: Sequence[Mapping[str, Any]]) -> Axis:
    """Return the axis of all excesses and intervals, with zero."""
    values = [row[key] for row in rows for key in ("excess", "ci_low", "ci_high") if row.get(key) is not None]
    low, high = min([0.0, *values]), max([0.0, *values])
    margin = 0.03 * (high - low) or 0.01
    return Axis(low - margin, high + margin)


def interval_of(row: Mapping[str, Any], axis: Axis) -> Interval | None:
    """Place the excess of a study and its interval."""
    if row.get("excess") is None:
        return None
    low, high = row.get("ci_low"), row.get("ci_high")
    return Interval(
        axis.at(row["excess"]), None if low is None else axis.at(low), None if high is None else axis.at(high)
    )


def time_axis(studies: Sequence[Mapping[str, Any]]) -> Axis:
    """Return the axis from the first day of any sample window or event to the last."""
    named = [str(day)[:10] for study in studies for day in (study["first"], study["last"], *study["events"]) if day]
    days = [dt.date.fromisoformat(day).toordinal() for day in (min(named), max(named))] if named else [1, 2]
    return Axis(float(days[0]), float(max(days[1], days[0] + 1)))


def years_on(axis: Axis) -> list[tuple[str, float]]:
    """Return the years that stand below the timeline, with their places in percent."""
    first, last = (dt.date.fromordinal(int(day)).year for day in (axis.low, axis.high))
    step = next((step for step in STEPS if (last - first) / step < TICKS), STEPS[-1])
    named = [year for year in range(first, last + 1) if year % step == 0]
    places = [(str(year), axis.share(dt.date(year, 1, 1).toordinal())) for year in named]
    return [(year, place) for year, place in places if 0.0 <= place <= 97.0]


def days_of(study: Mapping[str, Any], axis: Axis) -> Days:
    """Draw every day 0 of a study, once: shared if an event of that day is, or of its own."""
    both = list(zip(study["events"], study["shared"], strict=True))
    days = dict(sorted(both))  # of the events of a day, one that is shared comes last
    own, shared = (_thinned([day for day, among in days.items() if among is kind]) for kind in (False, True))
    span = f", {words.day(both[0][0])} to {words.day(both[-1][0])}" if both else ""
    label = f"{words.plural(len(both), 'event')}{span}; shared by another study: {sum(study['shared'])}"
    return Days(_strokes(own, axis, 7, 17), _strokes(shared, axis, 2, 22), label, len(own) + len(shared), len(days))


def _strokes(days: Sequence[int], axis: Axis, top: int, bottom: int) -> str:
    return "".join(f"M{axis.at(day):g} {top}V{bottom}" for day in days)


def _thinned(days: Sequence[str]) -> list[int]:
    numbers = [dt.date.fromisoformat(words.day(day)).toordinal() for day in days]
    return [numbers[at] for at in thin.spread_out(numbers, DRAWN)]
