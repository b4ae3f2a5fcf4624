"""A name stands for one run of a workspace, and for nothing else in it."""

from __future__ import annotations

import re
from pathlib import Path

from backtest.errors import BacktestError
from backtest.record.find import named_runs
from backtest.workspace import Workspace

LIKE_AN_ID = re.compile(r"\d{8}T.*|[0-9a-f]{8}")
"""Names that read as the id of a run."""


def refuse_taken_name(workspace: Workspace, name: str, own: Path | None = None) -> None:
    """Refuse a name for a run if it already means something.

    Parameters
    ----------
    workspace : Workspace
        Where names are looked up.
    name : str
        The name.
    own : Path, optional
        The folder of the run that is to be called so: its own name is not taken.

    Raises
    ------
    BacktestError
        Another run has the name; or a strategy or dataset is called so; or it reads as a run id.
    """
    if LIKE_AN_ID.fullmatch(name):
        raise BacktestError(f"--name {name}: reads as the id of a run.", "Choose another name.")
    for kind, known in (("strategy", workspace.strategies()), ("dataset", workspace.datasets())):
        if name in known:
            raise BacktestError(f"--name {name}: a {kind} is called so.", "Choose another name.")
    holder = named_runs(workspace.reports).get(name)
    if holder is None or (own is not None and holder.resolve() == own.resolve()):
        return
    run = f"{holder.parent.name}/{holder.name}"
    raise BacktestError(
        f"--name {name}: the run {run} has this name.",
        f"Choose another, or take it from that run: backtest tag {run} --no-name",
    )
