"""``backtest list``: what there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_table, print_text, write
from backtest.cli.options import json_option
from backtest.errors import BacktestError, printable
from backtest.untyped import Json
from backtest.workspace import Workspace

Row = Json
NEWEST = 10
"""Runs that are listed where everything is."""
KINDS = ("strategies", "datasets", "detectors", "runs")


@click.command("list")
@click.argument("what", type=click.Choice(KINDS), required=False)
@click.option(
    "--strategy", metavar="NAME", shell_complete=complete_strategies, help="Runs of this strategy, or of a pattern."
)
@click.option("--tag", metavar="TAG", help="Runs, or strategies, with this tag.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The newest N runs.")
@json_option
def list_(what: str | None, strategy: str | None, tag: str | None, limit: int | None, as_json: bool) -> None:
    """List strategies, datasets, detectors or runs.

    Without an argument, list all of them, and the newest runs. Runs are listed newest first, each with the shortest id
    that names it, the finding in brief, its name and tags, and what was set in place of the strategy's own values.

    \b
    backtest list
    backtest list runs --strategy 'streak*' --limit 10
    backtest list runs --tag paper --json
    backtest list strategies --tag fed
    """
    wrong = [name for name, given in (("--strategy", strategy), ("--limit", limit)) if given and what != "runs"]
    wrong += ["--tag"] if tag and what not in ("runs", "strategies") else []
    if wrong:
        raise click.UsageError(f"{wrong[0]} is for 'backtest list runs'.")
    workspace = Workspace.find()
    kinds = [what] if what else list(KINDS)
    if as_json:
        found = {kind: _rows(workspace, kind, strategy, tag, limit) for kind in kinds}
        default = {"default_dataset": _default(workspace)} if "datasets" in kinds else {}
        print_json({"schema": 1, **found, **default})
        return
    for kind in kinds:
        if what is None:
            print_text(kind, bold=True)
        if kind == "runs":
            _print_runs(workspace, strategy, tag, limit or (None if what else NEWEST))
        else:
            _print_rows(_rows(workspace, kind, strategy, tag, limit))
        if kind == "datasets":
            _print_default(workspace)
        if what is None:
            print_text()


def _rows(workspace: Workspace, kind: str, strategy: str | None, tag: str | None, limit: int | None) -> list[Row]:
    if kind == "runs":
        from backtest.catalog.runs import run_lines
        from backtest.cli.runs_view import chosen_runs, run_json

        return [run_json(line) for line in chosen_runs(run_lines(workspace.reports), strategy, tag, limit)]
    rows = LISTS[kind](workspace)
    return [row for row in rows if tag in row["tags"]] if kind == "strategies" and tag else rows


def _print_rows(rows: list[Row]) -> None:
    if not rows:
        print_text("none")
        return
    headers = [key for key in rows[0] if key not in ("path", "tags")]
    print_table(headers, [[_cell(row, key) for key in headers] for row in rows], left=range(len(headers)))


def _cell(row: Row, key: str) -> str:
    tags = "".join(f" #{tag}" for tag in row.get("tags", ())) if key == "title" else ""
    return f"{row[key]}{tags}"


def _print_runs(workspace: Workspace, strategy: str | None, tag: str | None, limit: int | None) -> None:
    from backtest.catalog.runs import run_lines
    from backtest.cli.runs_view import chosen_runs, print_runs

    lines = chosen_runs(run_lines(workspace.reports), strategy, tag, None)
    if lines:
        print_runs(lines[:limit], len(lines))
    else:
        print_text("none such" if strategy or tag else "none yet: backtest run streak5")


def _default(workspace: Workspace) -> Json:
    """Return the default dataset, where it is set, and whether it is known."""
    try:
        name, place = workspace.dataset_setting()
    except BacktestError as error:
        return {"name": None, "set_in": None, "refused": str(error)}
    try:
        workspace.default_dataset()
    except BacktestError as error:
        return {"name": name, "set_in": place or None, "refused": str(error)}
    return {"name": name, "set_in": place or None, "refused": None}


def _print_default(workspace: Workspace) -> None:
    found = _default(workspace)
    place = f", set in {found['set_in']}" if found["set_in"] else ""
    write(printable(f"Default: {found['refused'] or found['name'] + place}"))


def _strategies(workspace: Workspace) -> list[Row]:
    from backtest.errors import NotFound, StrategyInvalid
    from backtest.spec.strategy import load_strategy

    rows = []
    for name, path in workspace.strategies().items():
        tags: list[str] = []
        try:
            strategy = load_strategy(workspace.strategy(name))
            title, tags = strategy.title, strategy.tags
        except (StrategyInvalid, NotFound) as error:
            title = f"cannot be used: {error}"
        rows.append({"name": name, "title": title, "path": str(path), "tags": tags})
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


LISTS: dict[str, Callable[[Workspace], list[Row]]] = {
    "strategies": _strategies,
    "datasets": _datasets,
    "detectors": _detectors,
}
