"""Excesses side by side: a row each with its interval, number of events and p."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backtest import format as words
from backtest.handout.look import Look, quiet
from backtest.handout.sheet import BOTTOM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 20
"""Rows that can be read in a picture of this size."""
NAME = 34
"""Characters of a name; a longer one is cut."""
COLUMNS = (("excess", 0.74), ("n", 0.80), ("p", 0.87), ("p adj.", 0.94))
"""What stands to the right of the axes, and where each column ends, as a share of the width."""
LOW, HIGH = 0.29, 0.665
"""Where the axes begin and end."""


@dataclass(frozen=True)
class Row:
    """One study or one set at the chosen horizon.

    Attributes
    ----------
    name : str
        What it is called.
    n : int
        Events with a complete window.
    excess, low, high : float or None
        The effect and the ends of its interval, as fractions; None where there is none.
    p_value, p_adjusted : float or None
        Its own p, and that for everything that was tried.
    marked : bool
        Whether it is to be set apart.
    """

    name: str
    n: int
    excess: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_adjusted: float | None
    marked: bool = False


def draw_rows(figure: Figure, height: float, rows: Sequence[Row], look: Look) -> Axes:
    """Draw rows from top to bottom, in percentage points, on the room that the words of the sheet leave.

    Parameters
    ----------
    figure : Figure
        The sheet.
    height : float
        What is left of its height above `BOTTOM`.
    rows : sequence of Row
        At most `MOST`.
    look : Look
        Its colours.
    """
    axes = figure.add_axes((LOW, BOTTOM, HIGH - LOW, height - 0.035))
    size = min(13.0, 250 / max(len(rows), 1))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    quiet(axes, look)
    axes.grid(axis="y", visible=False)
    axes.grid(axis="x", color=look.faint, linewidth=0.8)
    axes.axvline(0, color=look.muted, linewidth=1.2)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(lambda value, _: words.number(value, 0 if value == round(value) else 1))
    for at, row in enumerate(rows):
        _row(axes, at, row, look)
        _cells(axes, at, row, look, size)
    for head, x in COLUMNS:
        _text(axes, x, -0.62, head, look.muted, 10.5, va="bottom")
    return axes


def _row(axes: Axes, at: int, row: Row, look: Look) -> None:
    colour = look.mark if row.marked else look.event
    if row.low is not None and row.high is not None:
        axes.plot([100 * row.low, 100 * row.high], [at, at], color=colour, linewidth=3, alpha=0.45)
    if row.excess is not None:
        axes.plot([100 * row.excess], [at], marker="o", color=colour, markersize=7, markeredgecolor=look.paper)


def _cells(axes: Axes, at: int, row: Row, look: Look, size: float) -> None:
    name = row.name if len(row.name) <= NAME else f"{row.name[: NAME - 1]}…"
    _text(axes, LOW - 0.012, at, name, look.mark if row.marked else look.ink, size)
    texts = (
        words.points(row.excess).removesuffix(" pp"),
        f"{row.n:,}",
        words.probability(row.p_value),
        words.probability(row.p_adjusted),
    )
    for text, (_, x) in zip(texts, COLUMNS, strict=True):
        _text(axes, x, at, text, look.ink, size)


def _text(axes: Axes, x: float, y: float, text: str, colour: str, size: float, va: str = "center") -> None:
    """Write a text that ends at a share of the sheet's width, at the height of a row."""
    across = (x - LOW) / (HIGH - LOW)
    axes.text(across, y, text, transform=axes.get_yaxis_transform(), color=colour, fontsize=size, ha="right",
              va=va, parse_math=False)  # fmt: skip
