"""Which sets ``backtest tune`` tries: a whole grid, sets drawn at random, or sets proposed one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from backtest.cli.console import progress_of

if TYPE_CHECKING:
    from backtest.plan import Plan
    from backtest.spec.strategy import Strategy
    from backtest.tuning.grid import Grid, Space
    from backtest.untyped import Json, Parameters

TRIALS = 100


@dataclass(frozen=True)
class Asked:
    """How sets are chosen, as on the command line."""

    grids: tuple[str, ...]
    random: int | None
    search: str | None
    trials: int | None
    seed: int | None

    @property
    def drawn(self) -> bool:
        """Whether sets are drawn or proposed."""
        return self.random is not None or self.search is not None


@dataclass(frozen=True)
class Chosen:
    """The sets to try, the values that they have, and how they were chosen, as the record has it."""

    sets: list[Parameters]
    grid: Grid
    sampling: Json


def check_choice(asked: Asked) -> None:
    """Refuse options that say nothing together."""
    if asked.random is not None and asked.search is not None:
        raise click.UsageError("--random and --search: choose one.")
    if asked.seed is not None and not asked.drawn:
        raise click.UsageError("--seed goes with --random or --search.")
    if asked.trials is not None and asked.search is None:
        raise click.UsageError("--trials goes with --search.")


def space_of(strategy: Strategy, asked: Asked) -> Space:
    """Return the grid of the options or, without one, of the strategy, under full keys."""
    from backtest.tuning.grid import full_key_space, grid_of_strategy, parse_grid, parse_space

    given: Space
    if not asked.grids:
        given = {**grid_of_strategy(strategy.tune, str(strategy.path))}
    elif asked.drawn:
        given = parse_space(asked.grids)
    else:
        given = {**parse_grid(asked.grids)}
    full = full_key_space(strategy, given)
    _say_tried(strategy, list(given), full)
    return full


def choose(plan: Plan, space: Space, asked: Asked, *, objective: str, column: int, allow_lookahead: bool) -> Chosen:
    """Choose the sets."""
    from backtest.tuning.between import Between
    from backtest.tuning.grid import combinations
    from backtest.tuning.sampling import grid_of, random_sets, size_of

    if not asked.drawn:
        grid = {key: values for key, values in space.items() if not isinstance(values, Between)}
        return Chosen(combinations(grid), grid, {"how": "grid"})
    seed = asked.seed or 0
    written: Json = {key: str(of) if isinstance(of, Between) else of for key, of in space.items()}
    record: Json = {"seed": seed, "of": size_of(space), "space": written}
    if asked.random is not None:
        sets = random_sets(space, asked.random, seed)
        return Chosen(sets, grid_of(sets), {"how": "random", **record})
    from backtest.tuning.sequential import proposed_sets

    trials = asked.trials or TRIALS
    options: Json = {"objective": objective, "column": column, "seed": seed}
    with progress_of("Proposing parameter sets") as progress:
        sets = proposed_sets(plan, space, trials, **options, allow_lookahead=allow_lookahead, tell=progress)
    return Chosen(sets, grid_of(sets), {"how": asked.search, "trials": trials, **record})


def _say_tried(strategy: Strategy, given: Sequence[str], full: Space) -> None:
    """Print on stderr the full key of each short key, and that the assets are tried one by one."""
    for key, found in zip(given, full, strict=False):
        if key != found:
            click.echo(f"{strategy.name}: --grid {key} is taken as {found}.", err=True)
    assets = full.get("measure.asset")
    if len(full) > len(given) and isinstance(assets, list):
        click.echo(f"{strategy.name}: its {len(assets)} assets are tried one by one, as measure.asset.", err=True)
