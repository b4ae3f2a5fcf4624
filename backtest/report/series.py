"""Long columns made small for a page: six significant digits, dates as gaps, null where missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DIGITS = 6


def floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return a column of float64 as an array; null becomes NaN."""
    values, known = _buffers(column, np.dtype(np.float64))
    return np.where(known, values, np.nan)


def days(column: pa.ChunkedArray) -> NDArray[np.datetime64]:
    """Return a column of date32 as an array; null becomes NaT."""
    values, known = _buffers(column, np.dtype(np.int32))
    found = values.astype("datetime64[D]")
    found[~known] = np.datetime64("NaT")
    return found


def _buffers(column: pa.ChunkedArray, kind: np.dtype[Any]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return a column's values, and where there is one, from its memory: Arrow's own `to_numpy` imports pandas."""
    values: list[NDArray[Any]] = [np.empty(0, dtype=kind)]
    known: list[NDArray[np.bool_]] = [np.empty(0, dtype=np.bool_)]
    for chunk in filter(len, column.chunks):
        valid, data = chunk.buffers()
        first, last = chunk.offset, chunk.offset + len(chunk)
        values.append(np.frombuffer(data, dtype=kind, count=last)[first:])
        if valid is None:
            known.append(np.ones(len(chunk), dtype=np.bool_))
        else:
            bits = np.unpackbits(np.frombuffer(valid, dtype=np.uint8), bitorder="little")
            known.append(bits[first:last].astype(np.bool_))
    return np.concatenate(values), np.concatenate(known)


def rounded(values: NDArray[np.float64], digits: int = DIGITS) -> list[float | None]:
    """Round to significant digits, as a list for JSON; NaN and infinities become None."""
    ok = np.isfinite(values)
    size = np.where(ok & (values != 0), np.abs(values), 1.0)
    decimals = digits - 1 - np.floor(np.log10(size))
    scale = 10.0 ** np.abs(decimals)
    safe = np.where(ok, values, 0.0)
    short = np.where(decimals >= 0, np.round(safe * scale) / scale, np.round(safe / scale) * scale)
    listed: list[float | None] = short.tolist()
    for index in np.flatnonzero(~ok).tolist():
        listed[index] = None
    return listed


def calendar(sessions: NDArray[np.datetime64]) -> dict[str, Any]:
    """Pack strictly increasing sessions as the first day since 1970 and the gaps in days that follow."""
    numbers = sessions.astype("datetime64[D]").astype(np.int64)
    if not len(numbers):
        return {"first": 0, "gaps": []}
    return {"first": int(numbers[0]), "gaps": np.diff(numbers).tolist()}


def iso(values: NDArray[np.datetime64]) -> list[str | None]:
    """Return dates as ISO text; NaT becomes None."""
    return [None if np.isnat(value) else str(value) for value in values]


def positions(sessions: NDArray[np.datetime64], wanted: NDArray[np.datetime64]) -> list[int | None]:
    """Return where each wanted date stands among the sessions; None where it is not one of them."""
    if not len(sessions):
        return [None] * len(wanted)
    found = np.searchsorted(sessions, wanted)
    inside = np.minimum(found, len(sessions) - 1)
    same = sessions[inside] == wanted
    return [int(at) if ok else None for at, ok in zip(inside, same, strict=True)]


def spans(flag: NDArray[np.bool_]) -> list[list[int]]:
    """Return the first and last position of every run of True."""
    edges = np.diff(np.concatenate(([False], flag, [False])).astype(np.int8))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return [list(pair) for pair in zip(starts.tolist(), ends.tolist(), strict=True)]


def wants_log(values: NDArray[np.float64]) -> bool:
    """Say whether a level is better read on a logarithmic axis: positive throughout, and fourfold or more."""
    known = values[np.isfinite(values)]
    return bool(len(known)) and float(known.min()) > 0 and float(known.max() / known.min()) >= 4
