"""What ``backtest calibrate`` can be asked: its options, and their values as one thing."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from backtest.cli.options import json_option, lookahead_option, study_options

OF_A_WORLD, OF_A_PLAN, OF_A_PLACEBO = 200, 2000, 20_000
"""Histories of each world and of a strategy, and signals of a placebo, where nothing else is asked for."""


@dataclass(frozen=True)
class CalibrateOptions:
    """Values of the options, as click hands them over; None and empty where they were not given."""

    name: str | None
    worlds: tuple[str, ...]
    kinds: tuple[str, ...]
    sizes: tuple[int, ...]
    horizons: tuple[int, ...]
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
    real_path: bool
    each: bool
    markdown: bool
    allow_lookahead: bool
    as_json: bool

    def refuse(self, mode: str, **options: str) -> None:
        """Refuse options that mean nothing in a mode; keys are attributes, values the options as they are typed."""
        for key, option in options.items():
            if getattr(self, key):
                raise click.UsageError(f"{option} means nothing {mode}.")


OPTIONS = (
    click.argument("name", required=False),
    click.option("--world", "worlds", multiple=True, metavar="W", help="A world [default: all]; may be repeated."),
    click.option(
        "--signal",
        "kinds",
        multiple=True,
        metavar="S",
        help="streak, move, random, clustered or consecutive; repeat it.",
    ),
    click.option(
        "-n", "sizes", type=click.IntRange(1), multiple=True, metavar="N", help="Events of a signal; repeat it."
    ),
    click.option(
        "--horizon",
        "horizons",
        type=click.IntRange(1, 2520),
        multiple=True,
        metavar="H",
        help="In sessions; repeat it.",
    ),
    click.option("--sessions", type=click.IntRange(300), metavar="N", help="Length of a history [default: 6480]."),
    click.option(
        "--plant",
        type=click.IntRange(0),
        default=1,
        show_default=True,
        metavar="N",
        help="Signals of each history, in turn, after which an effect is planted.",
    ),
    click.option("--placebo", is_flag=True, help="Try signals that know nothing on the real series of a dataset."),
    click.option(
        "--tries", type=click.IntRange(1), metavar="N", help=f"Signals of a placebo [default: {OF_A_PLACEBO}]."
    ),
    study_options,
    click.option(
        "--histories",
        type=click.IntRange(1),
        metavar="N",
        help=f"Histories of each world [default: {OF_A_WORLD}], or of a strategy [default: {OF_A_PLAN}].",
    ),
    click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all that is random."),
    click.option("--jobs", type=click.IntRange(1), metavar="N", help="Processes [default: one a core]."),
    click.option("--real-path", is_flag=True, help="Of a strategy: keep the path and the events, redraw signs alone."),
    click.option("--each", is_flag=True, help="Show every signal in a row of its own."),
    click.option("--markdown", is_flag=True, help="Print the tables in Markdown."),
    lookahead_option,
    json_option,
)


def calibrate_options(command: Callable[[CalibrateOptions], None]) -> Callable[..., None]:
    """Add all options, and hand their values over as one."""

    @functools.wraps(command)
    def together(**values: Any) -> None:  # noqa: ANN401  click's values, checked by its types
        command(CalibrateOptions(**values))

    wrapped: Callable[..., None] = together
    for option in reversed(OPTIONS):
        wrapped = option(wrapped)
    return wrapped
