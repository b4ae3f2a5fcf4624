"""Where two answers of a detector differ."""

from __future__ import annotations

import numpy as np

from backtest.model import Bools, Condition, Floats

DUST = 1e-9
"""Tolerance of indicators, as a share of their largest value: sums over other lengths round differently."""


def first_difference(one: Condition, other: Condition, n: int) -> int | None:
    """Return the first of `n` sessions on which two answers differ; None if they agree.

    Flags and known sessions must be equal; indicators may differ by `DUST` of their largest value.
    """
    differs: Bools = (one.met[:n] != other.met[:n]) | (one.known[:n] != other.known[:n])
    if one.begins is not None and other.begins is not None:
        differs |= one.begins[:n] != other.begins[:n]
    if one.indicator is not None and other.indicator is not None:
        differs |= _apart(one.indicator.values, other.indicator.values, n)
    return int(np.argmax(differs)) if differs.any() else None


def _apart(one: Floats, other: Floats, n: int) -> Bools:
    size = max(float(np.abs(values[np.isfinite(values)]).max(initial=0.0)) for values in (one, other))
    there, also = np.isfinite(one[:n]), np.isfinite(other[:n])
    both = there & also
    apart: Bools = there != also
    apart[both] = np.abs(one[:n][both] - other[:n][both]) > DUST * size
    return apart
