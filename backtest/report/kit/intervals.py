"""The intervals of a table of horizons as a strip in each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.untyped import Json

MARGIN = 4.0
"""Percent of a strip that stay free on either side."""


def strip(row: Mapping[str, Any]) -> Json | None:
    """Return where the interval of an effect and the excess stand, in percent of the strip; zero is in its middle.

    Each row has a scale of its own, so that a short horizon is as legible as a long one; None without an interval.
    """
    low, high, excess = row.get("ci_low"), row.get("ci_high"), row.get("excess")
    if low is None or high is None or excess is None:
        return None
    most = max(abs(low), abs(high), abs(excess)) or 1.0

    def place(value: float) -> float:
        return round(50 + (50 - MARGIN) * value / most, 1)

    return {"from": place(low), "to": round(100 - place(high), 1), "excess": place(excess)}
