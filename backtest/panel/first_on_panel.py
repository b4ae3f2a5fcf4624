"""The first command to try on a newly imported panel: one known to find events and to measure what came next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from backtest.errors import BacktestError
from backtest.model import Dataset
from backtest.model.panel import Panel
from backtest.panel.panel_study import run_on_panel
from backtest.plan import plan_on
from backtest.workspace import Workspace

ON_PANEL = "streak5_panel"
"""The strategy of the documentation that reads each asset's own close."""
BENCHMARK = "market"
"""The role that it compares assets with."""
SHORTER = (None, 3, 2, 1)
"""Lengths of the pattern to try, the strategy's own first: short data may contain only shorter ones."""

Settings = dict[str, str | int]


def first_on_panel(dataset: Dataset, workspace: Workspace) -> str | None:
    """Return a command for a POSIX shell that finds events on a panel and measures what came next.

    It has been tried on the first block of assets: at least one event has a complete window.

    Parameters
    ----------
    dataset : Dataset
        What to run on; it has a panel.
    workspace : Workspace
        Where the strategy is looked up.

    Returns
    -------
    str or None
        None if nothing that was tried works.
    """
    if dataset.panel is None or ON_PANEL not in workspace.strategies():
        return None
    some = dataset.panel.read_block(dataset.panel.blocks[0])
    for settings in _candidates(some):
        if _works(dataset, some, workspace, settings):
            sets = [part for key, value in settings.items() for part in ("--set", f"{key}={value or 'none'}")]
            return shlex.join(["backtest", "run", ON_PANEL, "--dataset", dataset.name, *sets])
    return None


def _candidates(panel: Panel) -> Iterator[Settings]:
    compared: Settings = {} if panel.common.knows(BENCHMARK) else {"measure.benchmark": ""}
    for sessions in SHORTER:
        yield {**compared, **({} if sessions is None else {"detector.sessions": sessions})}


def _works(dataset: Dataset, panel: Panel, workspace: Workspace, settings: Settings) -> bool:
    try:
        study = run_on_panel(plan_on(dataset, workspace, ON_PANEL, settings), panel)
    except BacktestError:  # whatever the reason, the command must not be shown
        return False
    return bool(study.forward.n.any())
