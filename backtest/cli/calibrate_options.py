"""The options of ``backtest calibrate``, and their values as one object."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.options import HORIZON, cluster_option, json_option, lookahead_option, study_options

if TYPE_CHECKING:
    from backtest.calibration.campaign import Effort
    from backtest.calibration.runner import Progress
    from backtest.workspace import Workspace

OF_A_WORLD, OF_A_PLAN, OF_A_PLACEBO = 200, 2000, 20_000
"""Defaults: histories of each world, histories of a strategy, signals of a placebo."""


@dataclass(frozen=True)
class CalibrateOptions:
    """Values of the options, as click passes them; None or empty if not given."""

    name: str | None
    worlds: tuple[str, ...]
    kinds: tuple[str, ...]
    sizes: tuple[int, ...]
    horizons: tuple[int | str, ...]
    sessions: int | None
    plant: int
    placebo: bool
    tries: int | None
    dataset: str
    settings: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    histories: int | None
    seed: int
    jobs: int | None
    cluster: str | None
    real_path: bool
    each: bool
    markdown: bool
    allow_lookahead: bool
    as_json: bool

    @property
    def asks_for_panels(self) -> bool:
        """Whether one of the worlds is a panel, or is meant to be one."""
        return any(name.startswith("panel") for name in self.worlds)

    def effort(self, histories: int, workspace: Workspace, progress: Progress | None) -> Effort:
        """Return how much to count, and where."""
        from backtest.calibration.campaign import Effort

        return Effort(histories, self.jobs, workspace, progress, self.cluster)

    def refuse(self, mode: str, **options: str) -> None:
        """Refuse options that do not apply in a mode; keys are attributes, values the options as typed."""
        for key, option in options.items():
            if getattr(self, key):
                raise click.UsageError(f"{option} does not apply {mode}.")


OPTIONS = (
    click.argument("name", required=False, shell_complete=complete_strategies),
    click.option(
        "--world", "worlds", multiple=True, metavar="W", help="A world; repeatable [default: all but panels]."
    ),
    click.option(
        "--signal",
        "kinds",
        multiple=True,
        metavar="S",
        help="streak, move, random, clustered or consecutive; of panels own, market, random or crowded; repeatable.",
    ),
    click.option(
        "-n", "sizes", type=click.IntRange(1), multiple=True, metavar="N", help="Events per signal; repeatable."
    ),
    click.option(
        "--horizon",
        "horizons",
        type=HORIZON,
        multiple=True,
        metavar="H",
        help="Horizon in sessions, or by the calendar such as 3m; repeatable.",
    ),
    click.option(
        "--sessions", type=click.IntRange(300), metavar="N", help="Length of a history [default: 6480; of panels 1000]."
    ),
    click.option(
        "--plant",
        type=click.IntRange(0),
        default=1,
        show_default=True,
        metavar="N",
        help="Plant an effect after N signals of each history, one at a time.",
    ),
    click.option("--placebo", is_flag=True, help="Try signals without information on the real series of a dataset."),
    click.option(
        "--tries", type=click.IntRange(1), metavar="N", help=f"Signals to try with --placebo [default: {OF_A_PLACEBO}]."
    ),
    study_options,
    click.option(
        "--histories",
        type=click.IntRange(1),
        metavar="N",
        help=f"Histories per world [default: {OF_A_WORLD}] or for a strategy [default: {OF_A_PLAN}].",
    ),
    click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Seed of every random draw."),
    click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes [default: one per core]."),
    cluster_option,
    click.option("--real-path", is_flag=True, help="For a strategy: keep path and events, redraw only the signs."),
    click.option("--each", is_flag=True, help="Show each signal in its own row."),
    click.option("--markdown", is_flag=True, help="Print the tables in Markdown."),
    lookahead_option,
    json_option,
)


def calibrate_options(command: Callable[[CalibrateOptions], None]) -> Callable[..., None]:
    """Add all options to a command, and pass their values as one object."""

    @functools.wraps(command)
    def together(**values: Any) -> None:  # noqa: ANN401  click's values, checked by its types
        command(CalibrateOptions(**values))

    wrapped: Callable[..., None] = together
    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped
