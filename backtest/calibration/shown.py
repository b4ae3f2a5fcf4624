"""Calibrations as text tables, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backtest.calibration.judges import ADJUSTED, STANDARDISED, STANDARDISED_ADJUSTED, VERDICT
from backtest.calibration.result import Calibration
from backtest.format import NONE, number
from backtest.inference.opinions.opinion import METHODS, PANEL_METHODS

SHIFTS = {
    VERDICT: "own p",
    ADJUSTED: "adjusted",
    STANDARDISED: "weighted",
    STANDARDISED_ADJUSTED: "w. adjusted",
}
"""Tests by the circular shift: of the mean, and of effects standardised by the expected volatility."""
SIZES = {
    "covers": "holds 0",
    "covers_planted": "holds it",
    "power": "power",
    "power_standardised": "w. power",
    "power_naive_t": "t power",
    "detectable": "MDE",
}
NAMED = METHODS | PANEL_METHODS
NO_TEST = ("n", "kept", *SIZES)
"""Figures that are not tests."""
BESIDE = 4
"""The number of other tests in one table, so that it fits on a terminal."""
REJECTED = "rejected at 5%, in %"


@dataclass(frozen=True)
class Shown:
    """A table with a caption above it."""

    caption: str
    headers: tuple[str, ...]
    rows: list[tuple[str, ...]]


def world_tables(found: Calibration) -> list[Shown]:
    """Show one set of histories: one row per horizon; each cell has the range over all signals."""
    others = {
        key: NAMED[key].name if key in NAMED else key.replace("_", " ")
        for key in found.keys
        if key not in SHIFTS and key not in NO_TEST
    }
    shifts, sizes = ({key: name for key, name in each.items() if key in found.keys} for each in (SHIFTS, SIZES))
    return [
        _by_horizon(found, f"The circular shift: {REJECTED}", shifts),
        *(_by_horizon(found, f"Other tests: {REJECTED}", dict(some)) for some in _batches(list(others.items()))),
        _by_horizon(found, "Interval and detectable effect (MDE, in points), in %", sizes),
    ]


def signal_tables(found: Calibration) -> list[Shown]:
    """Show every figure by signal: one row per signal, one column per horizon."""
    names = SHIFTS | SIZES
    return [
        Shown(
            f"{names.get(key, key.replace('_', ' '))}, by signal",
            ("", *found.columns),
            [(row, *(_value(found, key, i, j) for j in range(len(found.columns)))) for i, row in enumerate(found.rows)],
        )
        for key in found.keys
    ]


def market_tables(sizes: Calibration, kinds: Calibration) -> list[Shown]:
    """Show a placebo: by number of events, and by kind of signal."""
    tables = []
    for key, name in SHIFTS.items():
        for found, what in ((sizes, "number of events"), (kinds, "kind of signal")):
            rows = [
                (row, *(_value(found, key, i, j) for j in range(len(found.columns))))
                for i, row in enumerate(found.rows)
            ]
            tables.append(Shown(f"{name}, by {what}: {REJECTED}", ("", *found.columns), rows))
    return tables


def in_markdown(table: Shown) -> str:
    """Write a table in Markdown, its caption above it."""
    lines = [table.caption + ":", "", _line(table.headers), _line(["---"] * len(table.headers))]
    return "\n".join([*lines, *map(_line, table.rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _batches(names: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    return [names[first : first + BESIDE] for first in range(0, len(names), BESIDE)]


def _by_horizon(found: Calibration, caption: str, keys: dict[str, str]) -> Shown:
    rows = [(column, *(_span(found, key, column) for key in keys)) for column in found.columns]
    return Shown(caption, ("over", *keys.values()), [row for row in rows if any(cell != NONE for cell in row[1:])])


def _span(found: Calibration, key: str, column: str) -> str:
    span = found.span(key, column)
    if span is None:
        return NONE
    low, high = (number(value * 100, 1) for value in span)
    return low if len(found.rows) == 1 else f"{low}–{high}"


def _value(found: Calibration, key: str, row: int, column: int) -> str:
    if not found.tally.tried[key][row, column]:
        return NONE
    value = float(found.tally.rate(key)[row, column])
    return number(value, 1) if key == "n" else number(value * 100, 1)
