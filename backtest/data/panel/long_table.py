"""Read a long table of many assets: one row per asset and session, from Parquet or CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.data.manifest.panel_table import PanelColumns, PanelTable
from backtest.errors import DataRefused, did_you_mean
from backtest.model import Field, Floats, Ints, Sessions

MOST_ROWS = 400_000_000
"""Rows that are read at most; more would not fit into the memory of most machines."""


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


def read_long_table(path: Path, spec: PanelTable) -> LongTable:
    """Read the columns that a manifest names, and no others.

    Raises
    ------
    DataRefused
        The file is missing, is not such a table, or a column is absent or of another type.
    """
    return long_table_of(_read(path, spec.columns.read()), spec.columns, str(path))


def long_table_of(table: pa.Table, columns: PanelColumns, place: str) -> LongTable:
    """Take a long table out of an Arrow table; `place` names it in refusals.

    Raises
    ------
    DataRefused
        A column is absent or of another type.
    """
    _refuse_absent(place, columns.read(), table.column_names)
    names, codes = _assets(place, columns.asset, table.column(columns.asset))
    days = _days(place, columns.session, table.column(columns.session))
    fields = {name: _numbers(place, column, table.column(column)) for name, column in columns.fields().items()}
    return LongTable(names, codes, days, fields)


def _read(path: Path, columns: list[str]) -> pa.Table:
    if not path.is_file():
        raise DataRefused(f"{path}: there is no such file.", "Give the folder that holds it: --from DIR")
    try:
        file = _open(path, columns)
    except (pa.ArrowException, OSError) as error:
        raise DataRefused(f"{path}: cannot be read: {' '.join(str(error).split())[:300]}.") from error
    return file


def _open(path: Path, columns: list[str]) -> pa.Table:
    if path.suffix.lower() == ".parquet":
        import pyarrow.parquet as pq

        parquet = pq.ParquetFile(path)
        _refuse_absent(str(path), columns, parquet.schema_arrow.names)
        if parquet.metadata.num_rows > MOST_ROWS:
            raise DataRefused(f"{path}: has {parquet.metadata.num_rows:,} rows; at most {MOST_ROWS:,} are read.")
        return parquet.read(columns=columns)
    import pyarrow.csv as csv

    with csv.open_csv(path) as rows:
        _refuse_absent(str(path), columns, rows.schema.names)
    return csv.read_csv(path, convert_options=csv.ConvertOptions(include_columns=columns))


def _refuse_absent(place: str, columns: list[str], present: list[str]) -> None:
    for column in columns:
        if present.count(column) != 1:
            what = "has no column" if column not in present else "has more than one column"
            raise DataRefused(f"{place}: {what} '{column}'.", did_you_mean(column, present))


def _assets(place: str, name: str, column: pa.ChunkedArray) -> tuple[tuple[str, ...], Ints]:
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
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    codes = np.frombuffer(coded.indices.buffers()[1], dtype=np.int32)[coded.offset : coded.offset + len(coded)]
    return tuple(names[i] for i in order), rank[codes]


def _days(place: str, name: str, column: pa.ChunkedArray) -> Sessions:
    kind: Any = column.type
    if pa.types.is_timestamp(kind) and kind.tz is None:
        exact = column.cast(pa.timestamp("us")).cast(pa.int64())
        if np.any(arrow.to_floats(exact) % 86_400_000_000):
            raise DataRefused(f"{place}: column '{name}' has times of day: a session is a day.")
        column = column.cast(pa.date32())
    elif not pa.types.is_date32(kind):
        raise DataRefused(f"{place}: column '{name}' is {kind}: must hold dates, as 2024-07-16.")
    if column.null_count:
        raise DataRefused(f"{place}: {column.null_count:,} rows have no date in '{name}'.")
    return arrow.to_days(column)


def _numbers(place: str, name: str, column: pa.ChunkedArray) -> Floats:
    if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
        raise DataRefused(f"{place}: column '{name}' is {column.type}: must hold numbers.")
    return arrow.to_floats(column)
