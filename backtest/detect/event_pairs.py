"""Pairs of asset and date: a list of events of many assets, read by the reader of single studies."""

from __future__ import annotations

import math
from collections.abc import Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from backtest.data.files.frames import table_of_frame
from backtest.data.files.source import Source
from backtest.detect.event_assets import asset_column
from backtest.detect.event_list import EventList, is_like_a_date, read_rows, source_of
from backtest.detect.event_times import cells
from backtest.errors import DataRefused, StudyRefused, did_you_mean
from backtest.model import Ints

GROUPS = frozenset(("group", "groups"))
"""Headers of the column of groups, in lower case."""


@dataclass(frozen=True)
class ListColumns:
    """Which column of a list holds what; None leaves it to the reader.

    Attributes
    ----------
    column, date_format, time
        As of the detector ``dates``.
    assets, groups : str, optional
        The columns that say whose event a row is, and in which group.
    """

    column: str | None = None
    date_format: str | None = None
    time: str | None = None
    assets: str | None = None
    groups: str | None = None


def read_pairs(source: Source, columns: ListColumns, known: Set[str], *, timed: bool = True) -> EventList:
    """Read a list of events of many assets.

    Parameters
    ----------
    source : Source
        The file or table.
    columns : ListColumns
        Its columns.
    known : set of str
        The assets of the panel; names are compared letter by letter.
    timed : bool
        Whether times of day count at all.

    Returns
    -------
    EventList
        In file order; `asset` is None if no column names assets: every event is then one of all assets.

    Raises
    ------
    StudyRefused, DataRefused
        A named column does not exist, a row names no asset, the dates or times cannot be read, or several columns could
        name the assets.
    """
    named = {"assets": columns.assets, "groups": columns.groups}
    for key, name in named.items():
        if name is not None and name not in source.columns:
            hint = did_you_mean(name, source.columns)
            raise StudyRefused(f'{source.name}: {key} = "{name}": there is no such column.', hint)
    assets = columns.assets or asset_column(_without(source, columns.column, columns.time, columns.groups), known)
    groups = columns.groups or next((one for one in source.columns if one.strip().lower() in GROUPS), None)
    bare = _without(source, assets, groups)
    if not bare.columns:
        raise StudyRefused(f"{source.name}: has no column of dates beside {', '.join(map(repr, source.columns))}.")
    if columns.column is None and len(source.columns) > 1 and any(map(is_like_a_date, bare.columns)):
        raise StudyRefused(
            f"{source.name}: has no header, so that nothing says which column names the assets.",
            "Write one above the first row, such as asset,date.",
        )
    _, _, found = read_rows(bare, columns.column, columns.date_format, columns.time, timed=timed)
    taken = np.isin(source.lines, found.line)
    _refuse_no_date(source, assets, np.flatnonzero(~taken))
    whole = source if taken.all() else source.rows(np.flatnonzero(taken))
    return replace(
        found,
        asset=None if assets is None else _names(whole, assets),
        group=None if groups is None else tuple(_texts(whole, groups)),
    )


def table_of(events: Any) -> Source:  # noqa: ANN401  a DataFrame of any library that narwhals knows, or a path
    """Return a DataFrame as a table that the reader of lists takes, its rows counted from 1; or open a file.

    Raises
    ------
    DataRefused, NotFound
        It is no DataFrame, has two columns of one name, or there is no such file.
    StudyRefused
        It has no row.
    """
    if isinstance(events, str | Path):
        return source_of(Path(events))
    held = table_of_frame(events, "the table of events")
    if not held.num_rows:
        raise StudyRefused("the table of events: has no row.", "Pass at least one event.")
    columns = {name: held.column(place) for place, name in enumerate(held.column_names)}
    if len(columns) < held.num_columns:
        raise DataRefused("the table of events: has two columns of one name.", "Rename one.")
    return Source("the table of events", "", columns, np.arange(1, held.num_rows + 1), "row")


def _refuse_no_date(source: Source, assets: str | None, blank: Ints) -> None:
    """Refuse a row that is blank but for an asset."""
    texts = [] if assets is None else cells(source, assets)
    row = next((row for row in blank.tolist() if texts and texts[row]), None)
    if row is not None:
        raise StudyRefused(
            f"{source.place(row)}: {texts[row]} has no date: an event needs one.", "Write it, or remove the row."
        )


def _without(source: Source, *names: str | None) -> Source:
    return replace(source, columns={one: held for one, held in source.columns.items() if one not in names}, groups={})


def _names(source: Source, column: str) -> tuple[str, ...]:
    names = _texts(source, column)
    if "" in names:
        raise StudyRefused(
            f'{source.place(names.index(""))}: {column} = "": an event needs an asset.',
            "Write the asset, or remove the row.",
        )
    return tuple(names)


def _texts(source: Source, column: str) -> list[str]:
    """Return a column as texts; whole numbers without a point, as a column with gaps holds them."""
    held = source.columns[column]
    if isinstance(held, list) or not pa.types.is_floating(held.type):
        return cells(source, column)
    values = held.to_pylist()
    return ["" if one is None or math.isnan(one) else str(int(one)) if one.is_integer() else str(one) for one in values]
