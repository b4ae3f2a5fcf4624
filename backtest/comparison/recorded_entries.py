"""The recorded runs of a comparison: what their records say, and what is made again from their data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backtest.catalog.provenance import change_since
from backtest.comparison.again import OTHER_NUMBERS, made_again, panel_made_again, why_not
from backtest.comparison.entries import Entry
from backtest.comparison.panel_entries import Events
from backtest.comparison.sources import Sources
from backtest.comparison.what_was_found import Found
from backtest.errors import BacktestError, NotFound, RunUnreadable, closest
from backtest.model.by_asset import asset_runs
from backtest.model.record import is_panel
from backtest.record.find import find_run, named_runs, run_folders
from backtest.record.read import read_run, read_summary
from backtest.record.sidecar import read_labels
from backtest.untyped import Json
from backtest.workspace import Workspace


@dataclass(frozen=True, eq=False)
class _Again:
    """What a run found, one an asset; empty where it could not be made again: `lacking` says why."""

    found: Sequence[Found]
    lacking: str
    change: str | None


def recorded_entries(workspace: Workspace, name: str, sources: Sources) -> list[Entry]:
    """Return an entry for each asset of a recorded run; one for a run on a panel.

    Parameters
    ----------
    workspace : Workspace
        Where it is looked up.
    name : str
        Its id, hash, name or folder.
    sources : Sources
        Its data, if they are still here.
    """
    folder = _folder(workspace, name)
    run, named = read_summary(folder), _name_of(folder)
    if is_panel(run):
        run["events"] = _events(folder)
    again = _again(workspace, run, sources)
    runs = [run] if is_panel(run) else asset_runs(run)
    names = [one["parameters"]["measure.asset"] if len(runs) > 1 else None for one in runs]
    kept = again.found or (None,) * len(runs)
    return [
        Entry(one, None, again.change, asset, found, again.lacking, named=named)
        for one, asset, found in zip(runs, names, kept, strict=True)
    ]


def _again(workspace: Workspace, run: Json, sources: Sources) -> _Again:
    change = change_since(workspace, run)
    if change is not None:
        gone = "its data have changed, or are no longer here"
        return _Again((), f"run {run['run_id']} cannot be made again: {gone}", change)
    try:
        data = sources.dataset(str(run["dataset"]["name"]))
        again: Sequence[Found]
        if is_panel(run):
            again = panel_made_again(workspace, run, data, sources.panel(data))
        else:
            again = made_again(workspace, run, data)
        return _Again(again, f"run {run['run_id']} was made again, and {OTHER_NUMBERS}", None)
    except BacktestError as error:
        return _Again((), f"run {run['run_id']} cannot be made again: {why_not(error)}", None)


def _events(folder: Path) -> Events:
    """Return the events of a run on a panel, which stand in a table alone."""
    table = read_run(folder).tables["events"]
    assets, days = table["asset"].to_pylist(), table["day0"].to_pylist()
    return [{"asset": asset, "day0": str(day)} for asset, day in zip(assets, days, strict=True)]


def _name_of(folder: Path) -> str:
    """Return the name that was given to a run; damaged labels give none."""
    try:
        return read_labels(folder).name or ""
    except RunUnreadable:
        return ""


def _folder(workspace: Workspace, name: str) -> Path:
    try:
        return find_run(workspace.reports, name)
    except NotFound as error:
        runs = (folder.name for folder in run_folders(workspace.reports))
        near = closest(name, [*workspace.strategies(), *named_runs(workspace.reports), *runs])
        hint = near or "'backtest list' shows strategies and runs."
        raise NotFound(f"'{name}' is neither a strategy nor a recorded run.", hint) from error
