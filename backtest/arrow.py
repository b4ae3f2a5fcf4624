"""Arrow arrays from NumPy and back, through their buffers.

``pyarrow.array()``, ``to_numpy()`` and ``read_table()`` silently import pandas, which takes half a second: longer than
everything else that a run does before its first result.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from backtest.model import Bools, Floats, Ints, Sessions

DAYS = pa.date32()
PLAIN: dict[pa.DataType, np.dtype[Any]] = {
    pa.float64(): np.dtype(np.float64),
    pa.float32(): np.dtype(np.float32),
    pa.int32(): np.dtype(np.int32),
    pa.int64(): np.dtype(np.int64),
}
"""Types whose buffers have NumPy's layout."""


def floats(values: Floats) -> pa.Array:
    """Return a float64 array; NaN becomes null."""
    values = np.ascontiguousarray(values, dtype=np.float64)
    missing = np.isnan(values)
    # Deterministic bytes: the value under a null is always zero.
    return _array(pa.float64(), np.where(missing, 0.0, values), missing)


def singles(values: Floats) -> pa.Array:
    """Return a float32 array; NaN becomes null."""
    missing = np.isnan(values)
    return _array(pa.float32(), np.where(missing, 0.0, values).astype(np.float32), missing)


def days(dates: Sessions) -> pa.Array:
    """Return a date32 array of dates; NaT becomes null."""
    missing = np.isnat(dates)
    numbers = np.where(missing, 0, dates.astype("datetime64[D]").astype(np.int64)).astype(np.int32)
    return _array(DAYS, numbers, missing)


def ints(values: Ints) -> pa.Array:
    """Return an int32 array."""
    return _array(pa.int32(), values.astype(np.int32), np.zeros(len(values), dtype=np.bool_))


def flags(values: Sequence[bool] | Bools) -> pa.Array:
    """Return a boolean array."""
    bits = np.packbits(np.asarray(values, dtype=np.bool_), bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(values), [None, pa.py_buffer(bits.tobytes())])


def texts(values: Sequence[str | None]) -> pa.Array:
    """Return an array of strings; None becomes null."""
    encoded = [b"" if value is None else value.encode() for value in values]
    ends = np.cumsum([0, *(len(value) for value in encoded)], dtype=np.int32)
    valid = np.array([value is not None for value in values], dtype=np.bool_)
    bits = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    buffers = [bits, pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(encoded))]
    return pa.Array.from_buffers(pa.string(), len(encoded), buffers)


def to_floats(column: pa.ChunkedArray) -> Floats:
    """Return a numeric column as a new NumPy array of floats; null becomes NaN, an integer the nearest float."""
    values = np.empty(len(column), dtype=np.float64)
    if column.type not in PLAIN:
        column = column.cast(pa.float64(), safe=not pa.types.is_integer(column.type))  # imports all of pyarrow.compute
    kind, at = PLAIN.get(column.type, np.dtype(np.float64)), 0
    for chunk in column.chunks:
        part = values[at : at + len(chunk)]
        part[:] = _buffer(chunk, kind)
        part[~_valid(chunk)] = np.nan
        at += len(chunk)
    return values


def as_floats(column: pa.ChunkedArray) -> Floats:
    """Return a numeric column as `to_floats` does, but without a copy where it is one run of floats: read-only then."""
    if column.num_chunks != 1 or column.type != pa.float64() or column.null_count:
        return to_floats(column)
    values = _buffer(column.chunk(0), PLAIN[column.type]).view(np.float64)
    values.flags.writeable = False
    return values


def to_days(column: pa.ChunkedArray) -> Sessions:
    """Return a date32 column as a new NumPy array of datetime64[D]; null becomes NaT."""
    parts: list[Sessions] = [np.empty(0, dtype="datetime64[D]")]
    for chunk in column.chunks:
        part = _buffer(chunk, np.dtype(np.int32)).astype("datetime64[D]")
        part[~_valid(chunk)] = np.datetime64("NaT")
        parts.append(part)
    return np.concatenate(parts)


def take(table: pa.Table, rows: Ints) -> pa.Table:
    """Return the given rows of a table, in that order, without importing ``pyarrow.compute``."""
    if not len(rows):
        return table.slice(0, 0)
    starts = np.flatnonzero(np.concatenate(([True], np.diff(rows) != 1)))
    ends = np.append(starts[1:], len(rows))
    return pa.concat_tables([table.slice(int(rows[a]), int(b - a)) for a, b in zip(starts, ends, strict=True)])


def _array(kind: pa.DataType, values: NDArray[np.generic], missing: Bools) -> pa.Array:
    bits = pa.py_buffer(np.packbits(~missing, bitorder="little").tobytes()) if missing.any() else None
    return pa.Array.from_buffers(kind, len(values), [bits, pa.py_buffer(values.tobytes())])


def _buffer(chunk: pa.Array, kind: np.dtype[np.generic]) -> NDArray[np.generic]:
    content = chunk.buffers()[1]
    if content is None:
        return np.zeros(len(chunk), dtype=kind)
    return np.frombuffer(content, dtype=kind, count=len(chunk), offset=chunk.offset * kind.itemsize)


def _valid(chunk: pa.Array) -> Bools:
    bits = chunk.buffers()[0]
    if bits is None:
        return np.ones(len(chunk), dtype=np.bool_)
    flags = np.unpackbits(np.frombuffer(bits, dtype=np.uint8), bitorder="little")
    return flags[chunk.offset : chunk.offset + len(chunk)].astype(np.bool_)
