"""The specification curve: every set by its effect, and the choices that each makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest import format as words
from backtest.report.kit.plot.axis_words import tick
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Floats, Scale, around, ticks
from backtest.report.pages.tune.charts.row_names import row_name

TALL, ROW = 18.0, 1.35
"""Heights: of the curve, and of a value's row in the matrix. In rem."""
ROWS = 10
"""Values of a parameter that are named beside its rows, at most."""
WIDTH = 0.16
"""Half of an interval's width; a set's place is 1 wide."""
REACH = 2.5
"""An interval is cut where it reaches so many times as far as the largest effect."""


@dataclass(frozen=True)
class Specifications:
    """Sets from the lowest effect to the highest.

    Attributes
    ----------
    numbers : list of int
        Of the sets.
    excess, low, high : ndarray of shape (n,)
        Effects and the ends of their intervals; NaN where there is none.
    stands_out : list of bool
        Whether the set's adjusted p stands out.
    own, recommended : int or None
        The strategy's set and the recommended one, by number.
    """

    numbers: Sequence[int]
    excess: Floats
    low: Floats
    high: Floats
    stands_out: Sequence[bool]
    own: int | None
    recommended: int | None

    def kind(self, at: int) -> str:
        """Return the class of a set's dot."""
        number = self.numbers[at]
        marked = number in (self.own, self.recommended)
        colour = "mark" if number == self.own else "asset" if marked or self.stands_out[at] else ""
        return f"{colour}{' best' if number == self.recommended else ''}".strip()

    def told(self, at: int) -> str:
        """Say what a set is."""
        number = self.numbers[at]
        names = [
            name for name, one in (("the strategy's own", self.own), ("recommended", self.recommended)) if one == number
        ]
        text = f"set {number}{', ' + words.joined(names) if names else ''}: {words.points(float(self.excess[at]))}"
        reach = words.points_range(_known(self.low[at]), _known(self.high[at]))
        return text if reach == words.NONE else f"{text} ({reach})"


def curve_chart(of: Specifications, stamp: str) -> Drawn | None:
    """Draw every set's effect with its interval; None without any."""
    n = len(of.numbers)
    if not n:
        return None
    most = REACH * float(np.abs(of.excess).max() or 1e-4)
    low, high = np.clip(of.low, -most, most), np.clip(of.high, -most, most)
    plot = Plot(Scale(-0.7, n - 0.3), around([of.excess, low, high]))
    plot.across(ticks(plot.y), lambda value: tick(value, " pp"))
    known = np.flatnonzero(np.isfinite(low) & np.isfinite(high))
    places = known.astype(np.float64)
    plot.bars(places - WIDTH, places + WIDTH, low[known], high[known], "spread")
    plot.level(0.0, "zero")
    plot.level(float(np.median(of.excess)), "base")
    plain = [at for at in range(n) if not of.kind(at)]
    plot.dots([(float(at), float(of.excess[at]), "ordinary", of.told(at)) for at in plain], 3.5)
    for at in set(range(n)) - set(plain):
        special = of.numbers[at] in (of.own, of.recommended)
        plot.dot(float(at), float(of.excess[at]), of.kind(at), of.told(at), 6 if special else 4)
    return Drawn(plot.svg(f"Effects of {words.plural(n, 'set')}, the lowest first", stamp), TALL)


def choices_chart(of: Specifications, key: str, values: Sequence[str], chosen: Sequence[int | None]) -> Drawn:
    """Draw which value of one parameter each set has, below the curve: a row a value, a dot a set."""
    n, rows = len(of.numbers), len(values)
    tall = min(rows, 2 * ROWS)
    margin = 0.6 * rows / tall  # room for half a name
    plot = Plot(Scale(-0.7, n - 0.3), Scale(rows - 1 + margin, -margin))
    step = -(-rows // ROWS)
    for at, text in enumerate(values):
        if rows == tall or at % step == 0:
            plot.level(float(at), "grid")
        if at % step == 0:
            plot.label(float(at), row_name(text))
    dots = [
        (float(at), float(row), of.kind(at) or "ordinary", f"set {of.numbers[at]}: {values[row]}")
        for at, row in enumerate(chosen)
        if row is not None
    ]
    plot.dots(dots, 3.5)
    return Drawn(plot.svg(f"{key} of each set, in the same order"), ROW * tall + 0.3)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
