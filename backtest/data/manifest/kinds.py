"""The kinds of series, and what each allows."""

from __future__ import annotations

from backtest.model import Kind

LEVELS: tuple[Kind, ...] = ("price_index", "total_return_index")
TABLES: tuple[Kind, ...] = ("futures", "decisions")
"""Kinds that are stored as separate tables, not as one value per session."""
DEFINES_SESSIONS: tuple[Kind, ...] = (*LEVELS, "percent_return")
IN_PERCENT: tuple[Kind, ...] = ("percent_return", "rate")
"""Kinds that are stored in percent, and may be delivered as fractions."""
WAYS = ("index_of", "splice", "ratio", "sum", "expects")
"""The ways to derive a series from others."""

_PER_SESSION = ("date", "open", "high", "low", "close")
ALLOWED_COLUMNS: dict[Kind, tuple[str, ...]] = {
    "price_index": _PER_SESSION,
    "total_return_index": _PER_SESSION,
    "percent_return": ("date", "close"),
    "rate": _PER_SESSION,
    "futures": ("date", "contract", "price", "source"),
    "decisions": ("date", "before", "after", "unscheduled"),
    "expectation": ("date", "close"),
}
