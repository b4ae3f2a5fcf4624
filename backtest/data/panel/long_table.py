"""Read a long table of many assets: one row per asset and session, from Parquet or CSV."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.data.manifest.panel_table import PanelColumns
from backtest.errors import DataRefused, did_you_mean
from backtest.model import Field, Floats, Ints, Sessions

BATCH = 1_000_000
"""Rows that are in memory at a time."""
T = TypeVar("T")


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


class LongFile:
    """A long table on disk, read in batches of rows.

    Parameters
    ----------
    path : Path
        Parquet, or CSV by any other ending.
    columns : PanelColumns
        The columns to read; no others are.

    Raises
    ------
    DataRefused
        The file is missing, is not such a table, or lacks a column.
    """

    def __init__(self, path: Path, columns: PanelColumns) -> None:
        self.path, self.columns = path, columns
        if not path.is_file():
            raise DataRefused(f"{path}: there is no such file.", "Give the folder that holds it: --from DIR")
        schema = self._tried(self._schema)
        _refuse_absent(str(path), columns.read(), schema.names)
        self.single = all(schema.field(name).type == pa.float32() for name in columns.fields().values())
        """Whether all of its numbers have four bytes."""

    def assets(self) -> tuple[str, ...]:
        """Return the names of all assets, in ascending order."""
        names: set[str] = set()
        for batch in self._batches([self.columns.asset]):
            names.update(_assets(str(self.path), self.columns.asset, batch.column(0))[0])
        return tuple(sorted(names))

    def batches(self) -> Iterator[LongTable]:
        """Yield the rows in their order.

        Raises
        ------
        DataRefused
            A column is of another type, or the file is damaged.
        """
        for batch in self._batches(self.columns.read()):
            yield long_table_of(batch, self.columns, str(self.path))

    def sha256(self) -> str:
        """Return the SHA-256 of the file."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _schema(self) -> pa.Schema:
        if self._is_parquet:
            import pyarrow.parquet as pq

            return pq.read_schema(self.path)
        with self._csv(self.columns.read()) as rows:
            return rows.schema

    def _batches(self, columns: list[str]) -> Iterator[pa.Table]:
        opened = self._tried(lambda: self._opened(columns))
        while (batch := self._tried(lambda: next(opened, None))) is not None:
            yield pa.Table.from_batches([batch])

    def _opened(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        if self._is_parquet:
            import pyarrow.parquet as pq

            return iter(pq.ParquetFile(self.path).iter_batches(BATCH, columns=columns))
        return iter(self._csv(columns))

    def _csv(self, columns: list[str]) -> Any:  # noqa: ANN401  pyarrow has no types
        import pyarrow.csv as csv

        convert = csv.ConvertOptions(include_columns=columns, column_types={self.columns.asset: pa.string()})
        return csv.open_csv(self.path, csv.ReadOptions(block_size=BATCH * 32), convert_options=convert)

    @property
    def _is_parquet(self) -> bool:
        return self.path.suffix.lower() == ".parquet"

    def _tried(self, do: Callable[[], T]) -> T:
        try:
            return do()
        except (pa.ArrowException, OSError) as error:
            reason = " ".join(str(error).split())[:300]
            raise DataRefused(f"{self.path}: cannot be read: {reason}.") from error


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
