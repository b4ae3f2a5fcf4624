"""``backtest list``: what there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from backtest.cli.console import print_json, print_table, print_text
from backtest.cli.options import json_option
from backtest.untyped import Json
from backtest.workspace import Workspace

Row = Json


@click.command("list")
@click.argument("what", type=click.Choice(["strategies", "datasets", "detectors", "runs"]), required=False)
@json_option
def list_(what: str | None, as_json: bool) -> None:
    """List strategies, datasets, detectors or runs.

    Without an argument, list all of them.

    \b
    backtest list
    backtest list runs
    """
    workspace = Workspace.find()
    kinds = [what] if what else list(LISTS)
    found = {kind: LISTS[kind](workspace) for kind in kinds}
    if as_json:
        print_json({"schema": 1, **found})
        return
    for kind, rows in found.items():
        if len(kinds) > 1:
            print_text(kind, bold=True)
        if not rows:
            print_text(EMPTY[kind])
        else:
            headers = [key for key in rows[0] if key != "path"]
            print_table(headers, [[str(row[key]) for key in headers] for row in rows], left=range(len(headers)))
        if len(kinds) > 1:
            print_text()


def _strategies(workspace: Workspace) -> list[Row]:
    from backtest.errors import NotFound, StrategyInvalid
    from backtest.spec.strategy import load_strategy

    rows = []
    for name, path in workspace.strategies().items():
        try:
            title = load_strategy(workspace.strategy(name)).title
        except (StrategyInvalid, NotFound) as error:
            title = f"cannot be used: {error}"
        rows.append({"name": name, "title": title, "path": str(path)})
    return rows


def _datasets(workspace: Workspace) -> list[Row]:
    from backtest.cli.data.view import dataset_rows

    return dataset_rows(workspace)


def _detectors(workspace: Workspace) -> list[Row]:
    from backtest.cli.show_detector import detector_files

    return [{"name": name, "what it flags": _flags(name, path)} for name, path in detector_files(workspace).items()]


def _flags(name: str, path: Path) -> str:
    """Return what a detector flags, read from its source; listing does not run it."""
    from backtest.detect.docs.describe import describe
    from backtest.detect.docs.markup import unmarked
    from backtest.errors import DetectorFailed

    try:
        return unmarked(describe(name, path).summary) or "(no docstring)"
    except DetectorFailed as error:
        return f"cannot be used: {error}"


def _runs(workspace: Workspace) -> list[Row]:
    from backtest.errors import RunUnreadable
    from backtest.model.notes import LATE_DAY0
    from backtest.record.find import run_folders
    from backtest.record.read import read_summary

    rows = []
    for folder in run_folders(workspace.reports):
        try:
            run = read_summary(folder)
            data = run["dataset"]["name"] + (" (simulated)" if run["dataset"]["synthetic"] else "")
            data += " (LOOKS AHEAD)" if run.get("lookahead") else ""
            day0 = run["parameters"].get("episodes.day0")
            data += f" (DAY 0 IS THE {day0.upper()})" if day0 in LATE_DAY0 else ""
            rows.append(
                {
                    "run": folder.name,
                    "strategy": folder.parent.name,
                    "dataset": data,
                    "events": run["n_events"],
                }
            )
        except (RunUnreadable, KeyError) as error:
            rows.append(
                {
                    "run": folder.name,
                    "strategy": folder.parent.name,
                    "dataset": f"cannot be read: {error}",
                    "events": "",
                }
            )
    return rows


LISTS: dict[str, Callable[[Workspace], list[Row]]] = {
    "strategies": _strategies,
    "datasets": _datasets,
    "detectors": _detectors,
    "runs": _runs,
}
EMPTY = {
    "strategies": "none",
    "datasets": "none",
    "detectors": "none",
    "runs": "none yet: backtest run streak5",
}
