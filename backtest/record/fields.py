"""Fields of a record's tables, with their unit in the metadata."""

from __future__ import annotations

import pyarrow as pa

from backtest.model.by_asset import NAMED


def a_field(name: str, kind: pa.DataType, unit: str, meaning: str) -> pa.Field:
    """Return a field whose metadata give its unit and meaning."""
    return pa.field(name, kind, metadata={"unit": unit, "description": meaning})


def a_fraction(name: str, meaning: str) -> pa.Field:
    """Return a field of fractions."""
    return a_field(name, pa.float64(), "fraction", meaning)


EVENT = a_field("event", pa.int32(), "1", "number of the event, from 1, in order of day 0")
ASSET_NAME = a_field(NAMED, pa.string(), "1", "the asset, as the strategy names it")
HORIZON = a_field("horizon", pa.int32(), "sessions", "forward length")
CALENDAR = a_field(
    "calendar", pa.string(), "1", "a horizon by the calendar, such as 1y; null where sessions are counted"
)
"""Stands behind the horizon where a record has one of these; the horizon is then about how many sessions it has."""
