"""``backtest data import``: with a manifest, or with a first manifest that is guessed and shown."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backtest.cli.console import print_json, print_text, shown_path, working, write
from backtest.cli.data.findings_view import findings_of, print_findings, repair_option, repairs_of
from backtest.cli.data.view import print_lock, print_written
from backtest.cli.options import json_option
from backtest.errors import BacktestError, NotFound, one_line, printable
from backtest.workspace import MANIFEST, Workspace

if TYPE_CHECKING:
    from backtest.data.manifest.guess import FirstManifest

NEAR = 0.7
"""An unknown name this similar to a known one, by difflib's ratio, is taken for a typing error."""


@click.command("import")
@click.argument("name")
@click.option(
    "--from",
    "source",
    required=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The folder with the files that the manifest names, or a single file.",
)
@repair_option
@click.option("--new", is_flag=True, help="Write a first manifest even if the name resembles a known one.")
@json_option
def import_(name: str, source: Path, repairs: tuple[str, ...], new: bool, as_json: bool) -> None:
    """Import a dataset's files, checked and tidied: all or nothing.

    \b
    backtest data import us-size --from DIR
    backtest data import mydata --from prices.csv

    The manifest, datasets/NAME/manifest.toml, says which files and columns to read.
    If there is none, the import guesses a first one and shows it, for you to edit.
    """
    from backtest.data.ingest.importing import import_dataset

    requested = repairs_of(repairs)
    workspace = Workspace.find()
    own = workspace.own_dataset(name)
    first = None if name in workspace.datasets() else _first_manifest(name, source, workspace, new, as_json)
    folder = source.parent if source.is_file() else source
    try:
        with working(f"Importing {name}"):
            lock = import_dataset(name, folder, workspace, repairs=requested)
    except BacktestError as error:
        if first:
            lies = f"The first manifest is {shown_path(own / MANIFEST)}: fix it, or the file, and import again."
            error.hint = one_line(f"{error.hint} {lies}")
        raise
    left_out = [one_line(line) for line in first.left_out] if first else []
    if as_json:
        content = {"schema": 1, "path": str(own), "dataset": lock.model_dump(mode="json")}
        print_json({**content, "first_manifest": first is not None, "left_out": left_out})
        return
    print_lock("Imported", lock)
    print_findings(findings_of(lock))
    for line in left_out:
        print_text(f"Warning: left out of the first manifest: {line.rstrip('.')}.")
    print_written(own, workspace)


def _first_manifest(name: str, source: Path, workspace: Workspace, new: bool, as_json: bool) -> FirstManifest:
    """Guess a manifest, write it and show it; a name that resembles a known one is taken for a typing error."""
    from backtest.data.manifest.guess import guess_manifest
    from backtest.data.manifest.writer import write_manifest

    own = workspace.own_dataset(name)
    if not new and difflib.get_close_matches(name, workspace.datasets(), n=1, cutoff=NEAR):
        try:
            workspace.dataset(name)
        except NotFound as error:
            raise NotFound(error.message, f"{error.hint} For a new dataset of this name: --new") from error
    with working("Looking at the files"):
        first = guess_manifest(name, source)
    path = write_manifest(own, first.text)
    if as_json:
        click.echo(f"Wrote a first manifest: {printable(shown_path(path))}", err=True)
        return first
    write(printable(first.text))
    print_text(f"Wrote this first manifest to {shown_path(path)}: read it, correct it, import again.", bold=True)
    return first
