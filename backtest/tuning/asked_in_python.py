"""A search as Python asks for it: grids as mappings, sets drawn at random, and what is done kept if it is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from backtest.plan import Plan
from backtest.spec.overrides import parse_value
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
from backtest.tuning.saved_search import save_search
from backtest.tuning.searched import Searched
from backtest.tuning.unfinished_search import is_unfinished, unfinished
from backtest.untyped import Parameters
from backtest.workspace import Workspace

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
"""A date as the command line, too, reads one where a text could stand."""


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
    """Return a tuple, a range or an array as a list whose dates in words are dates, and everything else as it is."""
    if isinstance(values, Mapping) or not isinstance(values, Iterable):
        return values
    listed = values.tolist() if isinstance(values, np.ndarray) else list(values)
    return [parse_value(one) if isinstance(one, str) and DAY.fullmatch(one) else one for one in listed]


def tune_asked(
    workspace: Workspace,
    plan: Plan,
    grid: Mapping[str, Sequence[Any]] | None,
    random: int | None,
    seed: int,
    *,
    save: bool,
    resume: bool,
    **how: Any,  # noqa: ANN401  passed on as it is
) -> Searched:
    """Search; if it is wanted, keep what is done until the end, and record the search.

    Parameters
    ----------
    workspace : Workspace
        Whose reports and ledger are written.
    plan, grid, random, seed
        As in `sets_asked`.
    save : bool
        Record the search, as `backtest.tuning.saved_search.save_search` does.
    resume : bool
        Keep what is done under ``reports/`` until the end, and go on with what was kept.
    **how
        As in `backtest.tuning.search.search`.

    Raises
    ------
    StudyRefused
        The search that was interrupted had other inputs, or is running.
    """
    sets = sets_asked(plan.strategy, grid, random, seed)
    interrupted = resume and is_unfinished(workspace.reports, plan, sets)
    with unfinished(workspace.reports, plan, sets, resume=interrupted) if resume else nullcontext() as folder:
        found = search_either(plan, sets, **how, folder=folder)
        if save:
            save_search(workspace, found, {"how": "grid"} if random is None else {"how": "random", "seed": seed})
    return found
