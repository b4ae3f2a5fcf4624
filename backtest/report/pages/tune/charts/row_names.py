"""Names of values beside their rows: how much room they have, and what is cut."""

from __future__ import annotations

from collections.abc import Iterable

SHORT, NAME = 7, 14
"""Letters of a name that has room beside any chart, and beside one of kind ``named``; the rest is in the titles."""


def row_name(text: str) -> str:
    """Return a name that fits beside a row of a chart of kind ``named``, its end cut if it must be."""
    return text if len(text) <= NAME else f"{text[: NAME - 1]}…"


def are_long(texts: Iterable[str]) -> bool:
    """Return whether some name needs a chart of kind ``named``."""
    return any(len(text) > SHORT for text in texts)
