"""A search as Python asks for it: grids as mappings, sets drawn at random, and what is done kept if it is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from backtest.plan import Plan
from backtest.spec.strategy import Strategy
from backtest.tuning.between import Between
from backtest.tuning.either import search_either
from backtest.tuning.grid import (
    Space,
    combinations,
    full_key_grid,
    full_key_space,
    grid_of_strategy,
    parse_grid,
    parse_space,
    values_of,
)
from backtest.tuning.sampling import random_sets
from backtest.tuning.searched import Searched
from backtest.tuning.unfinished_search import is_unfinished, unfinished
from backtest.untyped import Parameters
from backtest.workspace import Workspace


def sets_asked(
    strategy: Strategy, grid: Mapping[str, Sequence[Any]] | None, random: int | None, seed: int
) -> list[Parameters]:
    """Return the sets to try: all combinations, or some that are drawn.

    Parameters
    ----------
    strategy : Strategy
        Its ``[tune]`` is the grid if there is no other.
    grid : mapping of str to sequence, or None
        Values of each key, or a text as on the command line: ``"3,4,5"``, ``"0.005:0.02:0.0025"`` or, for sets that are
        drawn, ``"0.005:0.02"``.
    random : int or None
        How many to draw.
    seed : int
        Of the draw.

    Raises
    ------
    StrategyInvalid
        A key is unknown or cannot be tuned, a text has none of these forms, or there are too many sets or none.
    """
    whole = grid or grid_of_strategy(strategy.tune, str(strategy.path))
    written = [f"{key}={values}" for key, values in whole.items() if isinstance(values, str)]
    parsed: Space = {**parse_grid(written, "grid")} if random is None else parse_space(written, "grid")
    space: Space = {
        key: parsed[key] if isinstance(values, str) else values_of(key, _listed(values), "grid: ")
        for key, values in whole.items()
    }
    if random is not None:
        return random_sets(full_key_space(strategy, space), random, seed)
    return combinations(full_key_grid(strategy, {k: v for k, v in space.items() if not isinstance(v, Between)}))


def _listed(values: object) -> object:
    """Return a tuple, a range or an array as a list, and everything else as it is."""
    if isinstance(values, np.ndarray):
        return values.tolist()
    return list(values) if isinstance(values, Iterable) and not isinstance(values, Mapping) else values


def search_asked(
    workspace: Workspace,
    plan: Plan,
    sets: Sequence[Parameters],
    *,
    allow_lookahead: bool,
    jobs: int | None,
    resume: bool,
) -> Searched:
    """Search; with `resume`, keep what is done under ``reports/`` until the end, and go on with what was kept.

    Raises
    ------
    StudyRefused
        The search that was interrupted had other inputs, or is running.
    """
    if not resume:
        return search_either(plan, sets, allow_lookahead=allow_lookahead, jobs=jobs)
    interrupted = is_unfinished(workspace.reports, plan, sets)
    with unfinished(workspace.reports, plan, sets, resume=interrupted) as folder:
        return search_either(plan, sets, allow_lookahead=allow_lookahead, jobs=jobs, folder=folder)
