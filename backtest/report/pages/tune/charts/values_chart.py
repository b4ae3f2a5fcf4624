"""One figure of every set of a search over one parameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.report.kit.plot.drawn import Drawn
from backtest.report.kit.plot.plot import Plot
from backtest.report.kit.plot.scale import Floats, Scale, around, ticks
from backtest.report.pages.tune.charts.row_names import row_name
from backtest.report.pages.tune.set_figures import TICKS, WRITE, Figure

TALL, ROW = 18.0, 1.6
"""Heights: of a chart of numbers, of a row of a chart of names. In rem."""
LABELS, LETTERS = 16, 90
"""Values that are named below a chart, and their letters, at most."""


@dataclass(frozen=True)
class Values:
    """A parameter and what its sets gave at one horizon.

    Attributes
    ----------
    texts : list of str
        The values of the parameter.
    ordered : bool
        Whether they are numbers: a line leads from a number to the next, not from a name to another.
    figures : ndarray of shape (n,)
        NaN where there is none.
    starred : set of int
        Positions of the sets whose adjusted p stands out.
    best : int or None
        Position of the best set.
    """

    texts: Sequence[str]
    ordered: bool
    figures: Floats
    starred: set[int]
    best: int | None


def values_chart(of: Values, figure: Figure, label: str, stamp: str) -> Drawn | None:
    """Draw numbers as a line with dots from left to right, names as dots in rows; None without any value."""
    if not np.isfinite(of.figures).any():
        return None
    n, axis, write = len(of.texts), around([of.figures], zero=figure.colours == "around"), TICKS[figure.write]
    marks = [at for at in ticks(axis, 6 if of.ordered else 5) if write(at)]
    if of.ordered:
        plot, height = Plot(Scale(-0.5, n - 0.5), axis), TALL
        plot.across(marks, write)
        plot.along([(float(at), of.texts[at]) for at in _named(of.texts)])
    else:
        plot, height = Plot(axis, Scale(n - 0.5, -0.5)), ROW * n + 1.0
        plot.along([(at, write(at)) for at in marks], lines=True)
        for at, text in enumerate(of.texts):
            plot.label(float(at), row_name(text))
    if figure.colours == "around":
        (plot.level if of.ordered else plot.upright)(0.0, "zero")
    if of.ordered:
        plot.line(np.arange(n, dtype=np.float64), of.figures, "asset thick")
    _dots(plot, of, figure)
    return Drawn(plot.svg(label, stamp), height)


def _dots(plot: Plot, of: Values, figure: Figure) -> None:
    def place(at: int) -> tuple[float, float]:
        value = float(of.figures[at])
        return (float(at), value) if of.ordered else (value, float(at))

    known = np.flatnonzero(np.isfinite(of.figures)).tolist()
    said = {at: f"{of.texts[at]}: {WRITE[figure.write](float(of.figures[at]))}" for at in known}
    plot.dots([(*place(at), "asset", said[at]) for at in known if at != of.best], 4)
    if of.best in said:
        plot.dot(*place(of.best), "asset best", f"{said[of.best]}, the best", 7)
    kind, right = ("value middle star", 0) if of.ordered else ("value star", 9)
    for at in sorted(of.starred & said.keys()):
        plot.text(*place(at), "*", kind, right, "-.55em")


def _named(texts: Sequence[str]) -> range:
    """Return the positions of the values that are named: all, where they fit side by side."""
    longest = max(map(len, texts)) + 2
    return range(0, len(texts), max(1, -(-len(texts) // max(2, min(LABELS, LETTERS // longest)))))
