"""``backtest init``: a new workspace."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from backtest.cli.console import print_path, print_text
from backtest.errors import BacktestError
from backtest.files import write_file
from backtest.workspace import builtin

MARKER = """\
# This folder is a backtest workspace, with strategies/, datasets/ and reports/ beside this file.
# dataset = "us-size"    # what studies are run on where --dataset names nothing else
"""
KEPT = ("data/", "lock.json", "pulled/", "restated/", ".writing")
IGNORED = "".join(f"/{name}\n" for name in ("reports/", ".ledger.lock", *(f"datasets/*/{kept}" for kept in KEPT)))


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make DIR your own workspace.

    It gets a marker file, the folders, and copies of the built-in strategies to start from.

    \b
    backtest init small-caps
    cd small-caps
    backtest run streak5
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BacktestError(f"{folder}: exists and is not an empty folder.", "Name a new folder; nothing was changed.")
    try:
        for name in ("strategies", "datasets", "reports"):
            (folder / name).mkdir(parents=True)
        write_file(folder / "backtest.toml", MARKER)
        write_file(folder / ".gitignore", IGNORED)
        for path in sorted(builtin("strategies").glob("*.toml")):
            shutil.copyfile(path, folder / "strategies" / path.name)
    except OSError as error:
        raise BacktestError(
            f"{folder}: cannot be made: {error.strerror}.", "Choose a folder you may write to."
        ) from error
    print_path("Workspace", folder.resolve())
    print_text("Next: change to that folder, then backtest run streak5")
