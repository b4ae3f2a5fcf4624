"""What kinds of series there are, and what can be done with each."""

from __future__ import annotations

from backtest.model import Kind

LEVELS: tuple[Kind, ...] = ("price_index", "total_return_index")
TABLES: tuple[Kind, ...] = ("futures", "decisions")
"""Kinds that are tables of their own, not a value a session."""
DEFINES_SESSIONS: tuple[Kind, ...] = (*LEVELS, "percent_return")
IN_PERCENT: tuple[Kind, ...] = ("percent_return", "rate")
"""Kinds that are kept in percent, and may be delivered as fractions."""
WAYS = ("index_of", "splice", "ratio", "sum", "expects")
"""How a series may be derived from others."""

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
