"""An order of event sets in which neighbours share most events: they are made from one another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.tuning.trials import Trial

PAIRS = 200
"""Neighbours compared to judge an order."""


def in_neighbourly_order(sets: Sequence[tuple[int, Trial]]) -> list[int]:
    """Return the numbers of some sets in an order in which neighbours differ by few events.

    One parameter at a time is tried as the one that changes fastest; numbers are taken by their size. The order depends
    on the sets alone.
    """
    keys = list(sets[0][1].parameters)
    ranks = {key: _ranks([trial.parameters.get(key) for _, trial in sets]) for key in keys}
    best, least = list(range(len(sets))), _changes(sets, list(range(len(sets))))
    for fastest in keys:
        slower = [ranks[key] for key in keys if key != fastest]
        order = sorted(range(len(sets)), key=lambda i: (*(rank[i] for rank in slower), ranks[fastest][i]))
        changes = _changes(sets, order)
        if changes < least:
            best, least = order, changes
    return [sets[i][0] for i in best]


def _ranks(values: Sequence[object]) -> list[int]:
    """Rank the values of a parameter: numbers by size, others by their text."""
    distinct = {repr(value): value for value in values}
    order = sorted(
        distinct,
        key=lambda text: (0, float(one), "") if isinstance(one := distinct[text], int | float) else (1, 0.0, text),
    )
    rank = {text: i for i, text in enumerate(order)}
    return [rank[repr(value)] for value in values]


def _changes(sets: Sequence[tuple[int, Trial]], order: Sequence[int]) -> float:
    """Count the events by which neighbours differ, over some of them, evenly spread."""
    pairs = range(1, len(order), max(1, len(order) // PAIRS))
    return float(sum(len(np.setxor1d(sets[order[i - 1]][1].day0, sets[order[i]][1].day0)) for i in pairs))
