"""Arrays to Parquet tables: a missing number becomes null, never NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.record.schema import TABLES

Columns = Mapping[str, "np.ndarray[Any, Any] | Sequence[Any]"]


def to_table(name: str, columns: Columns) -> pa.Table:
    """Build the named table of a run from columns of equal length.

    Parameters
    ----------
    name : str
        A key of `TABLES`.
    columns : mapping of str to array
        One array a field, aligned by position. NaN and NaT become null.

    Returns
    -------
    pyarrow.Table
        With the schema of `TABLES`: exactly its fields, in its order.

    Raises
    ------
    KeyError
        A field is missing or unknown: a bug of the caller.
    """
    schema = TABLES[name]
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"table {name} has no field {sorted(unknown)}")
    arrays = [_array(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: np.ndarray[Any, Any] | Sequence[Any], kind: pa.DataType) -> pa.Array:
    if kind == pa.string():
        return arrow.texts([str(value) for value in values])
    array = np.asarray(values)
    if kind == pa.date32():
        return arrow.days(array)
    if kind == pa.bool_():
        return arrow.flags(array)
    return arrow.ints(array) if kind == pa.int32() else arrow.floats(array)
