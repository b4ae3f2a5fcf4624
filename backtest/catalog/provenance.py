"""Whether the data of a recorded run are still the same."""

from __future__ import annotations

from backtest.data.store.lock import read_lock
from backtest.errors import BacktestError
from backtest.model import Note
from backtest.untyped import Json
from backtest.workspace import Workspace

SHORT = 12
"""Digits of a hash that are enough to distinguish two datasets by eye."""


def change_since(workspace: Workspace, run: Json) -> str | None:
    """Say how the dataset of a run has changed since; None if it is the same.

    Parameters
    ----------
    workspace : Workspace
        Where the dataset is looked up.
    run : dict
        The content of ``run.json``.
    """
    name, then = str(run["dataset"]["name"]), str(run["dataset"]["sha256"])
    try:
        lock = read_lock(workspace.dataset(name))
    except BacktestError:
        return f"The dataset '{name}' of this run is no longer here."
    if lock.sha256 == then:
        return None
    return (
        f"The dataset '{name}' has changed since this run (sha256 {then[:SHORT]} then, {lock.sha256[:SHORT]} now): "
        f"run it again to see the effect."
    )


def with_data_change(workspace: Workspace, run: Json) -> Json:
    """Return a run's summary; if its data have changed since, a note at the head of its notes says so."""
    change = change_since(workspace, run)
    if change is None:
        return run
    return {**run, "notes": [Note("data_changed", "dataset", change).to_json(), *run["notes"]]}
