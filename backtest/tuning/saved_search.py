"""A search of Python as the command records it: its looks in the ledger, its page among the others."""

from __future__ import annotations

from pathlib import Path

from backtest.catalog.runs import refresh_index
from backtest.tuning.evidence_of_search import gather
from backtest.tuning.looks_of_search import count_search, counted_json
from backtest.tuning.objective import default_horizon
from backtest.tuning.result import record_search, tune_json
from backtest.tuning.sampling import grid_of
from backtest.tuning.searched import Searched
from backtest.untyped import Json
from backtest.workspace import Workspace

OBJECTIVE = "p_adjusted"


def save_search(workspace: Workspace, found: Searched, sampling: Json) -> Path:
    """Record a search by the adjusted p at its default horizon; return its folder.

    Its looks are entered in the workspace's ledger, and it is listed.

    Parameters
    ----------
    workspace : Workspace
        Whose reports and ledger are written.
    found : Search
        The search.
    sampling : dict
        How the sets were chosen, as the record has it.

    Raises
    ------
    StudyRefused
        The history cannot be cut into blocks.
    BacktestError
        The folder cannot be written.
    """
    horizon = default_horizon(found.horizons)
    of = gather(found, OBJECTIVE, found.horizons.index(horizon))
    grid = grid_of([trial.parameters for trial in found.trials])
    summary = tune_json(found, grid, OBJECTIVE, horizon, sampling, of)
    summary |= counted_json(count_search(workspace, found, summary), summary)
    folder = record_search(workspace, found, summary, of)
    refresh_index(workspace.reports)
    return folder
