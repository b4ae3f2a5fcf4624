"""``backtest tag``: name, tags and note of a recorded run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_runs
from backtest.cli.console import print_json, print_text, shown_path
from backtest.cli.options import json_option

if TYPE_CHECKING:
    from backtest.model.labels import Labels


@click.command()
@click.argument("run", shell_complete=complete_runs)
@click.argument("tags", metavar="[TAG]...", nargs=-1)
@click.option("--name", metavar="N", help="Name the run; no other run may have the name.")
@click.option("--no-name", is_flag=True, help="Take its name away.")
@click.option("--remove", multiple=True, metavar="TAG", help="Take a tag away; may be repeated.")
@click.option("--note", metavar="TEXT", help="Replace its note; an empty text takes it away.")
@json_option
def tag(
    run: str,
    tags: tuple[str, ...],
    name: str | None,
    no_name: bool,
    remove: tuple[str, ...],
    note: str | None,
    as_json: bool,
) -> None:
    """Name, tag or annotate a recorded run; without anything to change, show its labels.

    Labels stand in labels.json beside the record, which itself is not changed. RUN is a run id, the beginning of one, a
    name, or a strategy (its latest run).

    \b
    backtest tag efe990dd paper --name baseline
    backtest tag baseline --note "as in the draft" --remove paper
    backtest list runs --tag paper
    """
    from backtest.catalog.naming import refuse_taken_name
    from backtest.catalog.runs import refresh_index
    from backtest.record.find import find_run
    from backtest.record.sidecar import read_labels, write_labels
    from backtest.workspace import Workspace

    if name is not None and no_name:
        raise click.UsageError("--name and --no-name exclude each other.")
    workspace = Workspace.find()
    folder = find_run(workspace.reports, run)
    own = read_labels(folder)
    changed = replace(own, name="") if no_name else own
    labels = _changed(changed, name, tags, remove, note)
    if labels.name != own.name and labels.name:
        refuse_taken_name(workspace, labels.name, folder)
    if labels != own:
        write_labels(folder, labels)
        refresh_index(workspace.reports)
    _print(folder, labels, as_json)


def _changed(own: Labels, name: str | None, tags: tuple[str, ...], remove: tuple[str, ...], note: str | None) -> Labels:
    from backtest.errors import NotFound, did_you_mean
    from backtest.model.labels import Labels
    from backtest.record.sidecar import checked_labels

    unknown = next((one for one in remove if one not in own.tags), None)
    if unknown is not None:
        raise NotFound(f"--remove {unknown}: the run has no such tag.", did_you_mean(unknown, own.tags))
    given = checked_labels(name or "", tags, note or "")
    kept = tuple(dict.fromkeys(one for one in (*own.tags, *given.tags) if one not in remove))
    return Labels(given.name or own.name, kept, own.note if note is None else given.note)


def _print(folder: Path, labels: Labels, as_json: bool) -> None:
    from backtest.cli.labels_view import print_labels
    from backtest.record.sidecar import FILE, labels_json

    if as_json:
        print_json({**labels_json(labels), "run_id": folder.name, "strategy": folder.parent.name})
        return
    print_text(f"{folder.parent.name}, {folder.name}", bold=True)
    print_labels(folder)
    print_text(f"In {shown_path(folder / FILE)}." if labels else "It has no labels.")
