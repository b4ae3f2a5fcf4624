"""The options of ``backtest tune`` that say what to choose by, and how to test the choice outside its own years."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from backtest.cli.completion import complete_settings
from backtest.cli.tune_sets import Asked

OBJECTIVES = ("p_adjusted", "excess", "t", "hit_rate", "worst_decade", "sharpe")

SET_OPTIONS = (
    click.option(
        "--grid",
        "grids",
        multiple=True,
        metavar="KEY=…",
        shell_complete=complete_settings,
        help="KEY=V1,V2,… or KEY=FROM:TO:STEP; replaces the file's [tune]. Keys as in --set. Drawn sets take "
        "KEY=FROM:TO.",
    ),
    click.option("--random", "drawn", type=click.IntRange(1), metavar="N", help="Try N sets drawn at random."),
    click.option(
        "--search",
        "by",
        type=click.Choice(["optuna"]),
        help="Propose one set after another by what the last ones gave; every one is a look.",
    ),
    click.option("--trials", type=click.IntRange(1), metavar="N", help="Sets that --search proposes [default: 100]."),
    click.option("--seed", type=click.IntRange(0), metavar="S", help="Seed of --random and --search [default: 0]."),
)

objective_option = click.option(
    "--objective",
    type=click.Choice(OBJECTIVES),
    default="p_adjusted",
    show_default=True,
    help="Criterion for the best set; t is the excess over its standard error, sharpe that of [trade].",
)


def set_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which sets are tried; the command takes them together as `asked`."""

    @functools.wraps(command)
    def wrapped(*args: Any, **given: Any) -> Any:  # noqa: ANN401  as click calls it
        names = ("grids", "drawn", "by", "trials", "seed")
        return command(*args, asked=Asked(*(given.pop(name) for name in names)), **given)

    for option in reversed(SET_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _load_arch(_context: click.Context, _option: click.Parameter, spa: bool) -> bool:
    """Load it before the search, so that nobody waits for a refusal."""
    if spa:
        from backtest.tuning.superior_ability import load_arch

        load_arch()
    return spa


spa_option = click.option(
    "--spa",
    is_flag=True,
    callback=_load_arch,
    help="Ask a bootstrap, too: superior predictive ability (Hansen) and the stepwise test (Romano, Wolf). Takes "
    "seconds to minutes, and the extra 'search'.",
)

apply_option = click.option(
    "--apply",
    "applied",
    metavar="NEWNAME",
    help="Write the recommended set as strategies/NEWNAME.toml, which says where it came from.",
)


def walk_forward_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the walk-forward; the command takes them together as `rules`."""

    @functools.wraps(command)
    def wrapped(*args: Any, **given: Any) -> Any:  # noqa: ANN401  as click calls it
        from backtest.tuning.walk_forward import Rules

        names = ("blocks", "rolling", "embargo")
        values = {name: given.pop(name) for name in names}
        rules = Rules(**values, events=given.pop("block_events"))
        rules.refuse_impossible()  # before the search, so that nobody waits for it
        return command(*args, rules=rules, **given)

    wrapped = click.option(
        "--block-events",
        type=click.IntRange(min=1),
        metavar="N",
        help="End a block after N days with an event of any set, instead of --blocks.",
    )(wrapped)
    wrapped = click.option(
        "--embargo",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        metavar="N",
        help="Sessions left free between the windows that choose and the block.",
    )(wrapped)
    wrapped = click.option(
        "--rolling", type=click.IntRange(min=1), metavar="N", help="Choose on the last N blocks [default: all before]."
    )(wrapped)
    return click.option(
        "--blocks",
        type=click.IntRange(min=2),
        default=8,
        show_default=True,
        metavar="N",
        help="Blocks of the walk-forward: a set is chosen before each and measured in it.",
    )(wrapped)
