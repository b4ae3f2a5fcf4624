"""A long table of many assets: one row per asset and session, taken out of an Arrow table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.data.manifest.panel_table import PanelColumns
from backtest.errors import DataRefused, cut, did_you_mean
from backtest.model import Field, Floats, Ints, Sessions

EXACT = 2**53
"""Whole numbers beyond it are not exact as floats."""
LONGEST_NAME = 100
"""Characters of an asset's name."""


@dataclass(frozen=True, eq=False)
class LongTable:
    """Rows in the order of the file.

    Attributes
    ----------
    assets : tuple of str
        Names in ascending order.
    asset : ndarray of shape (n_rows,)
        Position in `assets`.
    session : ndarray of shape (n_rows,), datetime64[D]
    fields : dict of str to ndarray of shape (n_rows,)
        Numbers; NaN where there is none.
    """

    assets: tuple[str, ...]
    asset: Ints
    session: Sessions
    fields: dict[Field, Floats]


def long_table_of(table: pa.Table, columns: PanelColumns, place: str) -> LongTable:
    """Take a long table out of an Arrow table; `place` names it in refusals.

    Raises
    ------
    DataRefused
        A column is absent or of another type.
    """
    refuse_absent(place, columns.read(), table.column_names)
    names, codes = names_of(place, columns.asset, table.column(columns.asset))
    days = days_of(place, columns.session, table.column(columns.session))
    fields = {name: _numbers(place, column, table.column(column)) for name, column in columns.fields().items()}
    return LongTable(names, codes, days, fields)


def refuse_absent(place: str, columns: Sequence[str], present: Sequence[str]) -> None:
    """Refuse a table that lacks a column, or has it twice.

    Raises
    ------
    DataRefused
        The message names the column.
    """
    for column in columns:
        if present.count(column) != 1:
            what = "has no column" if column not in present else "has more than one column"
            raise DataRefused(f"{place}: {what} '{column}'.", did_you_mean(column, present))


def names_of(place: str, name: str, column: pa.ChunkedArray) -> tuple[tuple[str, ...], Ints]:
    """Return the names of a column, each once and in ascending order, and the position of each row's among them."""
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        if not pa.types.is_dictionary(column.type) and not pa.types.is_integer(column.type):
            raise DataRefused(f"{place}: column '{name}' is {column.type}: must name assets.")
        column = column.cast(pa.string())
    if column.null_count:
        raise DataRefused(f"{place}: {column.null_count:,} rows name no asset in '{name}'.")
    coded = column.combine_chunks().dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0)
    names = coded.dictionary.to_pylist()
    refuse_names(place, name, names)
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    codes = np.frombuffer(coded.indices.buffers()[1], dtype=np.int32)[coded.offset : coded.offset + len(coded)]
    return tuple(names[i] for i in order), rank[codes]


def refuse_names(place: str, column: str, names: Iterable[str]) -> None:
    """Refuse names that are blank, longer than `LONGEST_NAME`, or hold what cannot be printed.

    Raises
    ------
    DataRefused
        The message names the first of them.
    """
    for name in names:
        if name.strip() and len(name) <= LONGEST_NAME and name.isprintable():
            continue
        rule = f"a name has 1 to {LONGEST_NAME} printable characters"
        raise DataRefused(
            f"{place}: '{column}' holds '{cut(name, 60)}', which is no name of an asset: {rule}.",
            "Name the right column in panel.columns.asset, or correct the file.",
        )


def days_of(place: str, name: str, column: pa.ChunkedArray, *, blank: bool = False) -> Sessions:
    """Return a column of dates; NaT where there is none, which is refused unless `blank`."""
    if blank and pa.types.is_null(column.type):
        column = column.cast(pa.date32())
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        try:
            column = column.cast(pa.date32())
        except pa.ArrowException as error:
            reason = " ".join(str(error).split())[:200]
            raise DataRefused(f"{place}: column '{name}' must hold dates, as 2024-07-16: {reason}.") from error
    kind: Any = column.type
    if not pa.types.is_date32(kind) and not (pa.types.is_timestamp(kind) and kind.tz is None):
        raise DataRefused(f"{place}: column '{name}' is {kind}: must hold dates, as 2024-07-16.")
    if column.null_count and not blank:
        raise DataRefused(f"{place}: {column.null_count:,} rows have no date in '{name}'.")
    if pa.types.is_timestamp(kind):
        moments = arrow.to_floats(column.cast(pa.timestamp("us")).cast(pa.int64()))
        if np.any(np.nan_to_num(moments) % 86_400_000_000):
            raise DataRefused(f"{place}: column '{name}' has times of day: a session is a day.")
        column = column.cast(pa.date32())
    return arrow.to_days(column)


def _numbers(place: str, name: str, column: pa.ChunkedArray) -> Floats:
    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise DataRefused(f"{place}: column '{name}' is {column.type}: must hold numbers.")
    values = arrow.to_floats(column)
    if pa.types.is_integer(column.type) and (np.abs(values) > EXACT).any():
        raise DataRefused(
            f"{place}: column '{name}' holds whole numbers above {EXACT:,}, which a price cannot be.",
            "Divide them by the factor that they carry.",
        )
    return values
