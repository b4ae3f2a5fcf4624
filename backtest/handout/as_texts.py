"""Tables as a reader sees them: figures in words of the formatter, columns with names that need no key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from backtest import format as words
from backtest.handout.handout import MARK, SIMULATED, Handout, horizon_in, unit_of
from backtest.model import measured_in
from backtest.untyped import Json

SHARES = ("hit_rate", "positive", "share", "beat")
"""Parts of the name of a column that holds a share of events or sessions."""
POINTS = ("excess", "ci_low", "ci_high", "mde")
"""Columns that hold differences of returns."""
FOR_A_PAPER = ("horizons", "legs")
"""The tables that stand in a paper or a post where none is named."""


@dataclass(frozen=True)
class ShownTable:
    """A table as texts.

    Attributes
    ----------
    name, caption : str
        Its name in the record, and what it is.
    heads : tuple of str
        One a column.
    rows : tuple of tuple of str
        One text a cell, all of them unescaped.
    words_in : frozenset of int
        The columns that hold words, aligned to the left.
    """

    name: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words_in: frozenset[int]


def shown_tables(handout: Handout, only: str | None = None) -> list[ShownTable]:
    """Return the tables for a paper or a post: those of the finding, or the one that is named.

    Raises
    ------
    ExportRefused
        There is no such table.
    """
    names = [only] if only else [name for name in FOR_A_PAPER if name in handout.tables] or list(handout.tables)
    return [_shown(handout, name) for name in names]


def _shown(handout: Handout, name: str) -> ShownTable:
    handout.table(name)  # refuses what there is not
    table = handout.tables[name]
    caption = f"{words.plain(handout.title)}: {name.replace('_', ' ')}"
    if handout.simulated:
        caption = f"{SIMULATED} {caption}"
    if name == "horizons" and "p_value" in table.column_names:
        return _horizons(name, caption, table)
    timed = {"horizon", "calendar"} <= set(table.column_names)  # one column then says which horizon it is
    left_out = {MARK.name, "calendar"} if timed else {MARK.name}
    fields = [field for field in table.schema if field.name not in left_out]
    rows = [
        tuple(
            cell(horizon_in(row) if timed and field.name == "horizon" else row[field.name], field, in_points=points)
            for field in fields
        )
        for row in table.to_pylist()
        for points in [row.get("leg") == "spread"]
    ]
    texts = frozenset(at for at, field in enumerate(fields) if field.type == pa.string())
    return ShownTable(name, caption, tuple(field.name.replace("_", " ") for field in fields), tuple(rows), texts)


def _horizons(name: str, caption: str, table: pa.Table) -> ShownTable:
    """Return the table of horizons with the columns of the terminal, and the interval of the effect."""
    of = measured_in(table.column_names)
    whose = [key for key in ("study", "asset_name") if key in table.column_names]
    legs = [leg for leg in of.held if leg != of.key]
    interval = ("95% interval",) if "ci_low" in table.column_names else ()  # a comparison has none
    heads = ("horizon", "n", *legs, of.word, "base rate", "hits", "base hits", "excess", *interval, "p", "p adj.")
    rows = [
        (
            *(str(row[key]) for key in whose),
            str(horizon_in(row)),
            str(row["n"]),
            *(words.percent(row[f"{leg}_mean"]) for leg in legs),
            words.outcome(row[of.mean], of.word),
            words.outcome(row[of.base_mean], of.word),
            words.share(row["hit_rate"]),
            words.share(row["base_hit_rate"]),
            words.points(row["excess"]),
            *(words.points_range(row["ci_low"], row["ci_high"]) for _ in interval),
            words.probability(row["p_value"]),
            words.probability(row["p_adjusted"]),
        )
        for row in map(_alone_or_spread, table.to_pylist())
    ]
    names = tuple("study" if key == "study" else "asset" for key in whose)
    return ShownTable(name, caption, (*names, *heads), tuple(rows), frozenset(range(len(whose))))


def _alone_or_spread(row: Mapping[str, Any]) -> Json:
    """Put the return of a study without a benchmark where the others of a comparison have their spread."""
    if row.get("spread_mean") is not None or row.get("base_asset_mean") is None or "spread_mean" not in row:
        return dict(row)
    return {**row, "spread_mean": row["asset_mean"], "base_spread_mean": row["base_asset_mean"]}


def cell(value: Any, field: pa.Field, *, in_points: bool = False) -> str:  # noqa: ANN401  any cell
    """Write a value of a table in the words of its unit; a spread, and any fraction `in_points`, in points."""
    if value is None or isinstance(value, dt.date):
        return words.day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return words.plain(value)
    if isinstance(value, int):
        return words.count(value)
    name, unit = field.name, unit_of(field)
    if unit == "probability":
        return words.probability(value)
    if unit != "fraction":
        return words.significant(value)
    if any(part in name for part in SHARES):
        return words.share(value)
    return words.points(value) if in_points or name in POINTS or "spread" in name else words.percent(value)
