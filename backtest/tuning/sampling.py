"""Parameter sets drawn at random, none of them twice."""

from __future__ import annotations

import math

import numpy as np

from backtest.errors import StrategyInvalid
from backtest.tuning.between import Between
from backtest.tuning.grid import MAX_SETS, Grid, Space, combinations
from backtest.untyped import Parameters

PATIENCE = 100
"""Draws in a row that may repeat earlier ones before nothing new is expected."""


def size_of(space: Space) -> int | None:
    """Count the sets of a space; None if numbers between two make them countless."""
    return None if any(isinstance(values, Between) for values in space.values()) else _combinations(space)


def random_sets(space: Space, n: int, seed: int) -> list[Parameters]:
    """Draw parameter sets, each as likely as any other, without replacement.

    Parameters
    ----------
    space : Space
        Values of each key, or numbers between two, of which all are equally likely.
    n : int
        How many; all of them, in order of the grid, if there are no more.
    seed : int
        The same seed gives the same sets, and a larger n the same ones first.

    Raises
    ------
    StrategyInvalid
        There is nothing to draw from, or too many are asked for.
    """
    if not 1 <= n <= MAX_SETS:
        raise StrategyInvalid(f"--random {n:,}: at least 1 and at most {MAX_SETS:,} sets are tried.")
    grid = {key: values for key, values in space.items() if not isinstance(values, Between)}
    if not space or (size_of(space) or n + 1) <= n:
        return combinations(grid)
    rng = np.random.default_rng(seed)
    found: dict[str, Parameters] = {}
    repeated = 0
    while len(found) < n and repeated < PATIENCE * n:
        drawn = {key: _drawn(values, float(rng.random())) for key, values in space.items()}
        repeated += repr(drawn) in found
        found.setdefault(repr(drawn), drawn)
    return list(found.values())


def grid_of(sets: list[Parameters]) -> Grid:
    """Return the values that some sets have of each key: numbers by their size, others as they come."""
    values = {key: list({repr(one[key]): one[key] for one in sets}.values()) for key in sets[0]}
    return {key: sorted(found) if _numbers(found) else found for key, found in values.items()}


def _combinations(space: Space) -> int:
    return math.prod(len(values) for values in space.values() if not isinstance(values, Between))


def _drawn(values: list[object] | Between, share: float) -> object:
    return values.at(share) if isinstance(values, Between) else values[int(share * len(values))]


def _numbers(values: list[object]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
