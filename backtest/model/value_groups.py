"""Groups of a parameter's values: numbers drawn at random are near one another, and hardly ever the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

MOST = 12
"""Values up to which each is a group of its own."""
GROUPS = 8
"""Groups of more values."""


def are_many(values: Sequence[Any]) -> bool:
    """Return whether values are numbers, and more than stand side by side."""
    return len(values) > MOST and all(type(value) in (int, float) for value in values)


def groups_of(values: Sequence[Any]) -> list[list[Any]]:
    """Divide the values of a parameter, in their order, into groups of about as many.

    Returns
    -------
    list of list
        Eight groups of more than twelve numbers; few values, and texts, stay alone.
    """
    count = GROUPS if are_many(values) else len(values)
    edges = [round(at * len(values) / count) for at in range(count + 1)] if count else []
    return [list(values[first:last]) for first, last in pairwise(edges)]
