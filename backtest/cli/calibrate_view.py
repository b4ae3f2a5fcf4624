"""Print what a calibration found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest.cli.console import print_table, print_text, write
from backtest.format import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backtest.calibration.result import Calibration
    from backtest.calibration.shown import Shown
    from backtest.cli.calibrate_options import CalibrateOptions


def world_heading(found: Calibration) -> str:
    """Name a world and say what was counted in it."""
    return (
        f"{found.name}: {found.title}; {found.histories:,} histories of {found.sessions:,} sessions, "
        f"{plural(len(found.rows), 'signal')}, seed {found.seed}"
    )


def print_tables(options: CalibrateOptions, heading: str, found: Calibration) -> None:
    """Print one set of histories, by signal with --each."""
    from backtest.calibration.shown import signal_tables, world_tables

    _print(options, heading, signal_tables(found) if options.each else world_tables(found))


def print_placebo(options: CalibrateOptions, found: Calibration, sizes: Calibration, kinds: Calibration) -> None:
    """Print a placebo, by signal with --each."""
    from backtest.calibration.shown import market_tables, signal_tables

    heading = f"{found.title}: {found.histories:,} signals, seed {found.seed}"
    _print(options, heading, signal_tables(found) if options.each else market_tables(sizes, kinds))


def print_sentence(options: CalibrateOptions, sentence: str) -> None:
    """Print the conclusion."""
    if options.markdown:
        write(sentence)
    else:
        print_text(sentence, bold=True)


def _print(options: CalibrateOptions, heading: str, tables: Sequence[Shown]) -> None:
    from backtest.calibration.shown import in_markdown

    if options.markdown:
        write("\n\n".join([f"### {heading}", *map(in_markdown, tables)]) + "\n")
        return
    print_text(heading, bold=True)
    for table in tables:
        print_text(table.caption)
        print_table(table.headers, table.rows)
        print_text()
