"""Pack long columns for a page: six significant digits, dates as gaps, null for missing values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backtest.untyped import Json

DIGITS = 6


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


def calendar(sessions: NDArray[np.datetime64]) -> Json:
    """Pack strictly increasing sessions as the first day, counted from 1970, and the gaps in days that follow."""
    numbers = sessions.astype("datetime64[D]").astype(np.int64)
    if not len(numbers):
        return {"first": 0, "gaps": []}
    return {"first": int(numbers[0]), "gaps": np.diff(numbers).tolist()}


def positions(sessions: NDArray[np.datetime64], wanted: NDArray[np.datetime64]) -> list[int | None]:
    """Return the position of each wanted date among the sessions; None if it is not a session."""
    if not len(sessions):
        return [None] * len(wanted)
    found = np.searchsorted(sessions, wanted)
    inside = np.minimum(found, len(sessions) - 1)
    same = sessions[inside] == wanted
    return [int(at) if ok else None for at, ok in zip(inside, same, strict=True)]
