"""``backtest clean``: remove old runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_table, print_text, shown_path
from backtest.cli.options import json_option
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.catalog.removal import CleanUp

KEEP = 5
"""Runs of each strategy that stay, unless another number is given."""


@click.command()
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=KEEP,
    show_default=True,
    metavar="N",
    help="How many of the newest runs of each strategy stay.",
)
@click.option(
    "--strategy", metavar="NAME", shell_complete=complete_strategies, help="Only this strategy, or those of a pattern."
)
@click.option("--labelled", is_flag=True, help="Runs with a name, tags or a note count and go as the others.")
@click.option("--yes", is_flag=True, help="Remove what is shown; without it, nothing is removed.")
@json_option
def clean(keep: int, strategy: str | None, labelled: bool, yes: bool, as_json: bool) -> None:
    """Show which old runs would go, and remove them with --yes.

    The newest runs of each strategy stay; so do runs with a name, tags or a note, which do not count among the newest.
    Folders that a killed command left unfinished go after an hour. What is not plainly a run stays: a record that
    cannot be read, a folder with files of yours, a link. Comparisons, tunings and other pages stay.

    \b
    backtest clean
    backtest clean --keep 1 --strategy 'streak*' --yes
    """
    from backtest.catalog.removal import find_removable, remove
    from backtest.catalog.runs import refresh_index
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    found = find_removable(workspace.reports, keep, strategy, labelled=labelled)
    if yes and found.removable:
        try:
            remove(found.removable)
        finally:
            refresh_index(workspace.reports)
    if as_json:
        print_json(_json(found, keep, yes))
    else:
        _print(found, yes)


def _json(found: CleanUp, keep: int, removed: bool) -> Json:
    return {
        "schema": 1,
        "removed": removed,
        "keep": keep,
        "bytes": sum(one.bytes for one in found.removable),
        "runs": [_row(one.folder, bytes=one.bytes) for one in found.removable if one.run],
        "unfinished": [_row(one.folder, bytes=one.bytes) for one in found.removable if not one.run],
        "kept": [_row(one.folder, reason=one.reason) for one in found.kept],
    }


def _row(path: Path, **values: object) -> Json:
    return {"run": path.name, "strategy": path.parent.name, "path": shown_path(path), **values}


def _print(found: CleanUp, removed: bool) -> None:
    from backtest.catalog.removal import LABELLED
    from backtest.format import day, file_size, plural
    from backtest.model.home import time_in

    if found.removable:
        rows = [
            (
                one.folder.parent.name,
                one.folder.name,
                day(time_in(one.folder.name) or None) if one.run else "unfinished",
                file_size(one.bytes),
            )
            for one in found.removable
        ]
        print_table(("strategy", "run", "made", "size"), rows, left=(0, 1, 2))
    for one in found.kept:
        if one.reason != LABELLED:
            print_text(f"{shown_path(one.folder)} stays: {one.reason}.")
    labelled = sum(one.reason == LABELLED for one in found.kept)
    if labelled:
        print_text(f"{plural(labelled, 'run')} with labels {'stays' if labelled == 1 else 'stay'}.")
    runs = sum(one.run for one in found.removable)
    parts = [plural(runs, "run")] if runs else []
    parts += [plural(len(found.removable) - runs, "unfinished folder")] if len(found.removable) > runs else []
    if not parts:
        print_text("Nothing to remove.")
        return
    size = file_size(sum(one.bytes for one in found.removable))
    what = f"{' and '.join(parts)}, {size}"
    print_text(f"Removed {what}." if removed else f"{what}: nothing was removed yet; --yes removes them.", bold=True)
