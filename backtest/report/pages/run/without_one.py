"""What is left of an excess without one event, year or decade, with a strip of dots for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest import format as words
from backtest.model import Bools, Floats, Ints
from backtest.untyped import Json

UNITS = ("event", "year", "decade")
DOTS = 150
"""Dots that a strip can hold; of more, the range alone is drawn."""
MARGIN = 3.0
"""Percent of a strip that stay free on either side."""


@dataclass(frozen=True, eq=False)
class Influences:
    """The table ``influence`` of one asset, in columns; empty where it was not recorded."""

    horizon: Floats
    """In sessions; by the calendar, minus one minus the position in `words`."""
    words: tuple[str, ...]
    """Calendar horizons, each once."""
    unit: Ints
    """By position in `UNITS`."""
    label: pa.ChunkedArray | None
    excess: Floats
    counts: Bools
    """Where something is left out, and something remains."""


def influences(table: pa.Table | None) -> Influences:
    """Read the table; it may have a million rows."""
    if table is None:
        return Influences(np.empty(0), (), np.empty(0, dtype=np.int64), None, np.empty(0), np.empty(0, dtype=bool))
    out, remain = (arrow.to_floats(table[name]) for name in ("left_out", "n"))
    position = {name: at for at, name in enumerate(UNITS)}
    unit = np.fromiter(map(position.__getitem__, table["unit"].to_pylist()), dtype=np.int64)
    return Influences(
        *_horizons(table),
        unit,
        table["label"],
        arrow.to_floats(table["excess"]),
        (out > 0) & (remain > 0),
    )


def _horizons(table: pa.Table) -> tuple[Floats, tuple[str, ...]]:
    """Return a number for the horizon of each row, and the words of those by the calendar."""
    sessions = arrow.to_floats(table["horizon"])
    if "calendar" not in table.column_names:
        return sessions, ()
    calendar = table["calendar"].to_pylist()
    words = tuple(dict.fromkeys(filter(None, calendar)))
    numbers = {None: 0.0} | {word: -1.0 - at for at, word in enumerate(words)}
    by_calendar = np.array([numbers[word] for word in calendar])
    return np.where(by_calendar < 0, by_calendar, sessions), words


def left_out_rows(run: Mapping[str, Any], found: Influences, at: int, dots: int) -> list[Json]:
    """Return a row for an event, a year and a decade; none where nothing would remain.

    Parameters
    ----------
    run : mapping
        The content of ``run.json`` as one asset has it.
    found : Influences
        The asset's table.
    at : int
        Which horizon, by position.
    dots : int
        How many dots this strip may have.
    """
    whole = float(run["horizons"][at]["excess"])
    asked = run["robustness"]["horizons"][at]
    horizon = -1.0 - found.words.index(asked) if asked in found.words else asked
    rows = [one for one in run["robustness"]["influence"] if one["excess_low"][at] is not None]
    ends: list[float] = [0.0, whole, *(one[end][at] for one in rows for end in ("excess_low", "excess_high"))]
    low = min(ends)
    span = max(ends) - low or 1.0

    def place(value: float) -> float:
        return round(MARGIN + (100 - 2 * MARGIN) * (value - low) / span, 1)

    return [
        {
            "unit": one["unit"],
            **{key: one[key][at] for key in ("excess_low", "excess_high", "p_low", "p_high", "changes_sign")},
            "zero": place(0.0),
            "whole": place(whole),
            "from": place(one["excess_low"][at]),
            "to": place(one["excess_high"][at]),
            "most": one["most"][at],
            **_dots(
                found,
                (found.horizon == horizon) & (found.unit == UNITS.index(one["unit"])) & found.counts,
                whole,
                place,
                dots,
            ),
        }
        for one in rows
    ]


def _dots(found: Influences, here: Bools, whole: float, place: Callable[[float], float], dots: int) -> Json:
    """Return the dots of one strip, each with what it is; and the excess without what moves it most."""
    rows = np.flatnonzero(here)
    excess = found.excess[rows]
    without = float(excess[np.abs(excess - whole).argmax()]) if len(rows) else None
    shown: list[tuple[float, str]] = []
    if found.label is not None and len(rows) <= min(dots, DOTS):
        labels = [found.label[row].as_py() for row in rows.tolist()]
        pairs = zip(labels, excess.tolist(), strict=True)
        shown = [(place(value), f"without {label}: {words.points(value)}") for label, value in pairs]
    return {"groups": len(rows) or None, "without": without, "dots": shown}
