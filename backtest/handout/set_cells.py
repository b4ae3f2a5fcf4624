"""A cell for each combination of two parameters, its colour and number the excess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backtest import format as words
from backtest.handout.look import Look, quiet
from backtest.handout.sheet import BOTTOM
from backtest.model.significance import stands_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEFT, RIGHT = 0.17, 0.95
READABLE = 14
"""Values of a parameter up to which a cell has room for its numbers."""
DARK_INK, LIGHT_INK = "#000000", "#ffffff"


@dataclass(frozen=True)
class Cell:
    """One set: its place, number of events, excess and adjusted p; None where there is no answer."""

    row: int
    column: int
    n: int
    excess: float | None
    p_adjusted: float | None
    own: bool = False


@dataclass(frozen=True)
class Grid:
    """The cells, and the names and values of both parameters."""

    down: str
    across: str
    rows: Sequence[str]
    columns: Sequence[str]
    cells: Sequence[Cell]


def draw_heat(figure: Figure, height: float, grid: Grid, look: Look) -> Axes:
    """Draw the grid on the room that the words of the sheet leave.

    Parameters
    ----------
    figure : Figure
        The sheet.
    height : float
        What is left of its height above `BOTTOM`.
    grid : Grid
        What to draw.
    look : Look
        Its colours: above zero that of events, below zero that of marks.
    """
    from matplotlib.patches import Rectangle

    axes = figure.add_axes((LEFT, BOTTOM + 0.035, RIGHT - LEFT, height - 0.035))
    quiet(axes, look)
    axes.grid(visible=False)
    axes.set_xlim(-0.5, len(grid.columns) - 0.5)
    axes.set_ylim(len(grid.rows) - 0.5, -0.5)
    axes.set_xticks(range(len(grid.columns)), grid.columns)
    axes.set_yticks(range(len(grid.rows)), grid.rows)
    for set_label, name in ((axes.set_xlabel, grid.across), (axes.set_ylabel, grid.down)):
        set_label(name, color=look.muted, fontsize=11, parse_math=False)
    largest = max((abs(cell.excess) for cell in grid.cells if cell.excess is not None), default=0.0) or 1.0
    readable = max(len(grid.rows), len(grid.columns)) <= READABLE
    for cell in grid.cells:
        fill = _fill(cell.excess, largest, look)
        place = (cell.column - 0.48, cell.row - 0.46)
        axes.add_patch(Rectangle(place, 0.96, 0.92, facecolor=fill, edgecolor=look.ink if cell.own else fill,
                                 linewidth=3 if cell.own else 0, zorder=3 if cell.own else 2))  # fmt: skip
        if readable:
            axes.text(cell.column, cell.row, _numbers(cell), color=ink_on(fill), fontsize=11, ha="center", va="center",
                      zorder=4, parse_math=False)  # fmt: skip
    return axes


def _numbers(cell: Cell) -> str:
    star = "*" if stands_out(cell.p_adjusted) else ""
    return f"{words.points(cell.excess).removesuffix(' pp')}{star}\nn = {cell.n:,}" if cell.n else words.NONE


def _fill(excess: float | None, largest: float, look: Look) -> str:
    """Mix a colour with the paper: the larger the excess, the more of it."""
    from matplotlib.colors import to_hex, to_rgb

    if excess is None:
        return look.faint
    paper, full = to_rgb(look.paper), to_rgb(look.event if excess > 0 else look.mark)
    share = 0.06 + 0.84 * abs(excess) / largest
    red, green, blue = (a + share * (b - a) for a, b in zip(paper, full, strict=True))
    return to_hex((red, green, blue))


def ink_on(fill: str) -> str:
    """Return black or white, whichever contrasts more with a colour: by WCAG 2.1 at least 4.5 to 1."""
    light = luminance(fill)
    return DARK_INK if (light + 0.05) ** 2 > 0.05 * 1.05 else LIGHT_INK


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, from 0 to 1, as WCAG 2.1 defines it."""
    from matplotlib.colors import to_rgb

    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
