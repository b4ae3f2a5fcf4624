"""From arrays to Parquet tables: a missing number becomes null, never NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.model import SPREAD, Horizon, Measured
from backtest.record.fields import ASSET_NAME
from backtest.record.panel_schema import panel_schemas
from backtest.record.schema import schemas

Columns = Mapping[str, "np.ndarray[Any, Any] | Sequence[Any]"]


def to_table(name: str, columns: Columns, measured: Measured = SPREAD) -> pa.Table:
    """Build the named table of a run from columns of equal length.

    Parameters
    ----------
    name : str
        A key of `schemas`.
    columns : mapping of str to array
        One array per field, aligned by position. NaN and NaT become null.
    measured : Measured
        What the study judges: without a benchmark, a table has no benchmark columns.

    Returns
    -------
    pyarrow.Table
        With the schema of `schemas`: exactly its fields, in its order.

    Raises
    ------
    KeyError
        A field is missing or unknown: this is a bug in the caller.
    """
    return table_of(name, schemas(measured, calendar="calendar" in columns)[name], columns)


def panel_table(name: str, columns: Columns, measured: Measured = SPREAD) -> pa.Table:
    """Build the named table of a run on a panel; as `to_table`, with a key of `panel_schemas`."""
    return table_of(name, panel_schemas(measured, calendar="calendar" in columns)[name], columns)


def table_of(name: str, schema: pa.Schema, columns: Columns) -> pa.Table:
    """Build a table with exactly the fields of a schema, in its order; `name` stands in errors."""
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"table {name} has no field {sorted(unknown)}")
    arrays = [_array(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def columns_of(horizons: Sequence[Horizon], *, each: int = 1, times: int = 1) -> Columns:
    """Return the columns that say which horizon a row is of: with calendar horizons two, else one.

    Parameters
    ----------
    horizons : sequence of Horizon
        All of them, in their order.
    each, times : int
        How many rows in a row have the same one, and how often all of them come.
    """
    rows = [one for _ in range(times) for one in horizons for _ in range(each)]
    sessions = np.array([one.sessions for one in rows], dtype=np.int64)
    if not any(one.word for one in horizons):
        return {"horizon": sessions}
    return {"horizon": sessions, "calendar": [one.word or None for one in rows]}


def in_blocks(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Stack the tables of several assets, with the asset's name in the first column.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        The table of each asset by its name, all with the same schema.
    """
    named = [table.add_column(0, ASSET_NAME, pa.repeat(name, table.num_rows)) for name, table in tables.items()]
    return pa.concat_tables(named)


def _array(values: np.ndarray[Any, Any] | Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind == pa.string():
        return arrow.texts([None if value is None else str(value) for value in values])
    array = np.asarray(values)
    if kind == pa.date32():
        return arrow.days(array)
    if kind == pa.bool_():
        return arrow.flags(array)
    if kind == pa.int64():
        return pa.Array.from_buffers(kind, len(array), [None, pa.py_buffer(array.astype(np.int64).tobytes())])
    return arrow.ints(array) if kind == pa.int32() else arrow.floats(array)
