"""Event-study backtests: what came next after a market episode, and whether it means anything.

>>> from backtest import run_strategy
>>> study = run_strategy("streak5")
>>> study.events["trigger"].dt.date.astype(str).tolist()[0]
'1998-10-20'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from backtest.study.study import Study

__all__ = ["run_strategy"]


def run_strategy(
    name: str,
    dataset: str = "sample",
    *,
    settings: Mapping[str, Any] | None = None,
    trade: bool = True,
    save: bool = False,
    allow_lookahead: bool = False,
    workspace: Path | None = None,
) -> Study:
    """Run a strategy on a dataset.

    Parameters
    ----------
    name : str
        A strategy of the workspace or a built-in, or a path to a ``.toml`` file.
    dataset : str
        A dataset of the workspace or a built-in.
    settings : mapping, optional
        Dotted keys to values that replace the file's, e.g. ``{"detector.sessions": 4}``.
    trade : bool
        Simulate the tradable version, where the strategy has one; importing vectorbt takes seconds.
    save : bool
        Record the run, with its report, under ``reports/``.
    allow_lookahead : bool
        Run a detector beside the strategy that was caught looking ahead; the study's ``lookahead`` says what was found.
    workspace : Path, optional
        Where names are looked up; by default the nearest workspace above the current folder.

    Returns
    -------
    Study
        With ``events``, ``horizons`` and ``forward_returns`` as DataFrames; returns are fractions.

    Raises
    ------
    BacktestError
        Something was refused; the message is one line that says what to do.
    """
    from backtest.plan import make_plan
    from backtest.study.run import run_plan
    from backtest.workspace import Workspace

    place = Workspace.find(workspace)
    plan = make_plan(place, name, dataset, settings)
    study = run_plan(plan, allow_lookahead=allow_lookahead)
    if trade:
        study = study.with_trade()
    if save:
        study.save(place)
    return study
