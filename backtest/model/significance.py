"""The level of significance, in one place and with one comparison."""

from __future__ import annotations

LEVEL = 0.05


def stands_out(p_value: float | None) -> bool:
    """Return whether a p-value is significant: at most the level, as a test of that level rejects; None is not."""
    return p_value is not None and bool(p_value <= LEVEL)


def holds(p_adjusted: float | None, doubt: str | None) -> bool:
    """Return whether a look stands out by its adjusted p, and nothing speaks against it."""
    return stands_out(p_adjusted) and not doubt


def by_remarkable(p_adjusted: float | None, p_value: float | None, doubt: str | None) -> tuple[bool, float, float]:
    """Return a key that sorts looks, the most remarkable first: those that hold, then by adjusted p, then own p."""
    return not holds(p_adjusted, doubt), p_adjusted or 0.0, p_value or 0.0
