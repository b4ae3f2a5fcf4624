"""The level of significance, in one place with one comparison."""

from __future__ import annotations

LEVEL = 0.05


def stands_out(p_value: float | None) -> bool:
    """Say whether a p-value counts as unlikely: at most the level, as a test of that level rejects; None does not."""
    return p_value is not None and bool(p_value <= LEVEL)
