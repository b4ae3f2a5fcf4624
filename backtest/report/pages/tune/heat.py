"""The heat map of a tuned grid: a table of one figure, two parameters across and down.

``page.js`` fills the same table with what the reader chooses; a test compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from backtest import format as words
from backtest.report.pages.tune.set_figures import WRITE, Figure
from backtest.untyped import Json

OWN = ", the strategy's own"
DARKEST = 50
"""Percent of colour in the darkest cell; text on it keeps its contrast."""
TEXTS, SIDE_BY_SIDE = 120, 12
"""Cells, and cells in a row, up to which each has its value written in it."""
HEADS = 8
"""Values at most that stand above a row of cells without text."""


@dataclass(frozen=True)
class Cell:
    """One set in the heat map."""

    text: str
    title: str
    side: str
    """Its colour, "up" or "down", or "none" where there is no value."""
    shade: int
    best: bool
    starred: bool
    default: bool
    """Whether it is the strategy's own set."""

    @property
    def kinds(self) -> str:
        """Its classes in the style sheet."""
        flags = (("own", self.best), ("star", self.starred), ("default", self.default))
        return " ".join([self.side, *(name for name, flag in flags if flag)])


@dataclass(frozen=True)
class Heat:
    """The heat map as it is first seen.

    Attributes
    ----------
    caption, down : str
        What is shown, and the parameter whose values stand from top to bottom.
    heads : list of str
        The values from left to right.
    rows : list of (str, list of (Cell or None))
        By the value from top to bottom; None where there is no such set.
    bare : bool
        Whether cells are too many to hold text.
    step : int
        Of a bare one, every so many columns one has its value written above it.
    ramp : tuple of str
        The kind of colours, and the values at their two ends.
    others : list of (int, int)
        Every further parameter and the place of its value, which is that of the best set; none where sets are grouped.
    """

    caption: str
    down: str
    heads: list[str]
    rows: list[tuple[str, list[Cell | None]]]
    bare: bool
    step: int
    ramp: tuple[str, str, str]
    others: list[tuple[int, int]]


def first_heat(charts: Json, figure: Figure) -> Heat:
    """Draw the first two parameters at the horizon tuned for, from what the page gives to its script."""
    grid, at, best = charts["grid"], charts["at"], charts["best"]
    start = at[best or 0]
    others = [] if charts["grouped"] else [(key, start[key] or 0) for key in range(2, len(grid))]
    (down, values_down), (across, values_across) = grid[0], grid[1]
    seen: dict[tuple[int | None, ...], list[int]] = {}
    for one in range(len(at)):
        if all(at[one][key] == place for key, place in others):
            seen.setdefault(tuple(at[one][:2]), []).append(one)
    columns = charts["horizons"][str(charts["chosen"])]
    kind, low, high = _range([median([columns[figure.key][one] for one in sets]) for sets in seen.values()], figure)

    def cell(i: int, j: int) -> Cell | None:
        sets = seen.get((i, j))
        if sets is None:
            return None
        value = median([columns[figure.key][one] for one in sets])
        text = _written(value, figure)
        starred = any(one in charts["starred"][str(charts["chosen"])] for one in sets)
        told = f"{values_down[i]}, {values_across[j]}: {text}; {_told(charts, columns, sets)}"
        shown = text.replace(" pp", "") + (" *" if starred else "")
        return Cell(shown, told, *_shade(value, (kind, low, high)), best in sets, starred, charts["own"] in sets)

    told = "".join(f"; {grid[key][0]} = {grid[key][1][place]}" for key, place in others)
    told += "; each cell the median of its sets" if charts["grouped"] else ""
    caption = (
        f"After {words.period(charts['chosen'])}: {figure.name}. {across} from left to right, {down} from top to "
        f"bottom{told}."
    )
    n_across, n_down = len(values_across), len(values_down)
    return Heat(
        caption=caption,
        down=down,
        heads=values_across,
        rows=[(label, [cell(i, j) for j in range(n_across)]) for i, label in enumerate(values_down)],
        bare=n_across > SIDE_BY_SIDE or n_across * n_down > TEXTS,
        step=-(-n_across // HEADS),
        ramp=(kind, _written(low, figure), _written(high, figure)),
        others=others,
    )


def _told(charts: Json, columns: Mapping[str, Sequence[int | None]], sets: Sequence[int]) -> str:
    """Say what else is known of the set of a cell or, where sets are grouped, of those in it."""
    marks = (", the best" if charts["best"] in sets else "") + (OWN if charts["own"] in sets else "")
    if charts["grouped"]:
        return f"median of {words.plural(len(sets), 'set')}{marks}"
    p = words.probability(_fraction(columns["p_adjusted"][sets[0]], 3))
    return f"p adjusted {p}; events {_count(columns['n'][sets[0]])}; set {charts['sets'][sets[0]]}{marks}"


def median(values: Sequence[int | None]) -> int | None:
    """Return the median of whole numbers, halves rounded up; None if there is none."""
    known = sorted(value for value in values if value is not None)
    middle = len(known) // 2
    if not known:
        return None
    return known[middle] if len(known) % 2 else (known[middle - 1] + known[middle] + 1) // 2


def _range(values: Sequence[int | None], figure: Figure) -> tuple[str, int, int]:
    """Return the kind of colours and the values, as whole numbers, at which they end."""
    known = [value for value in values if value is not None]
    if figure.colours == "small":
        return "small", 0, 10**figure.decimals
    most = max((abs(value) for value in known), default=0)
    return figure.colours, -most if figure.colours == "around" else 0, most


def _shade(value: int | None, ends: tuple[str, int, int]) -> tuple[str, int]:
    kind, _, high = ends
    if value is None:
        return "none", 0
    share = abs(value) / (high or 1)
    return "down" if value < 0 else "up", math.floor(DARKEST * (1 - share if kind == "small" else share) + 0.5)


def _fraction(value: int | None, decimals: int) -> float | None:
    return None if value is None else value / 10**decimals


def _written(value: int | None, figure: Figure) -> str:
    return WRITE[figure.write](_fraction(value, figure.decimals))


def _count(value: int | None) -> str:
    return words.number(value, 0)
