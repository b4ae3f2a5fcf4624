"""The level of significance, in one place and with one comparison."""

from __future__ import annotations

LEVEL = 0.05


def stands_out(p_value: float | None) -> bool:
    """Return whether a p-value is significant: at most the level, as a test of that level rejects; None is not."""
    return p_value is not None and bool(p_value <= LEVEL)
