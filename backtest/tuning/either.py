"""What is asked of a search, given to the code for single series or to that for panels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from backtest.errors import StudyRefused
from backtest.plan import Plan
from backtest.tuning.in_pieces import InPieces
from backtest.tuning.outside import Outside, Taken, measure_outside
from backtest.tuning.panel_outside import measure_outside_on_panel
from backtest.tuning.panel_pieces import PanelPieces
from backtest.tuning.panel_search import PanelSearch, refuse_on_panel, search_panel
from backtest.tuning.pieces import Pieces
from backtest.tuning.search import Progress, Search, search
from backtest.tuning.searched import Searched
from backtest.tuning.specification_curve import Intervals, intervals, joint_p


def refuse_unlike(plan: Plan, objective: str, *, cluster: str | None) -> None:
    """Refuse what a search of this kind of data cannot answer, before it begins.

    Parameters
    ----------
    plan : Plan
        The study whose parameters are varied.
    objective : str
        One of `backtest.tuning.objective.OBJECTIVES`.
    cluster : str or None
        The address of a Dask scheduler.

    Raises
    ------
    StudyRefused
        A panel is asked for an account; or series for a cluster.
    """
    if plan.of_panel:
        refuse_on_panel(objective)
    elif cluster is not None:
        raise StudyRefused(
            f"--cluster {cluster}: {plan.strategy.name} measures single series, and their search runs on this machine.",
            "Use --jobs.",
        )


def search_either(
    plan: Plan,
    sets: Sequence[Mapping[str, Any]],
    progress: Progress | None = None,
    *,
    allow_lookahead: bool = False,
    jobs: int | None = 1,
    cluster: str | None = None,
    folder: Path | None = None,
) -> Searched:
    """Search on the panel of a plan's dataset if it measures each asset of that, and on its series if not.

    The parameters and errors are those of `backtest.tuning.search.search` and of
    `backtest.tuning.panel_search.search_panel`.
    """
    if plan.of_panel:
        return search_panel(
            plan, sets, progress, allow_lookahead=allow_lookahead, jobs=jobs, cluster=cluster, folder=folder
        )
    return search(plan, sets, progress, allow_lookahead=allow_lookahead, jobs=jobs, folder=folder)


def pieces_of(found: Searched, column: int, objective: str) -> InPieces:
    """Return what every set gave in pieces of the history; the parameters are those of `InPieces`."""
    if isinstance(found, PanelSearch):
        return PanelPieces(found, column, objective)
    return Pieces(_single(found), column, objective)


def outside_of(pieces: InPieces, choices: Sequence[Taken]) -> tuple[Outside, list[tuple[int, float]]]:
    """Return what chosen sets gave in their blocks, as `measure_outside` does."""
    if isinstance(pieces, PanelPieces):
        return measure_outside_on_panel(pieces, choices)
    return measure_outside(_single_pieces(pieces), choices)


def intervals_of(found: Searched, column: int) -> Intervals:
    """Return the intervals of the looks, and the joint p of the median at one horizon."""
    if not isinstance(found, PanelSearch):
        return intervals(_single(found), column)
    moved = [found.moved[at] for at in found.of_events]
    low, high = np.array([one.low for one in moved]), np.array([one.high for one in moved])
    tried = [at for at, one in enumerate(found.moved) if np.isfinite(one.p_value[column])]
    statistics = [found.moved[at].statistics[column] * found.moved[at].unit[column] for at in tried]
    weights = np.bincount(found.of_events, minlength=len(found.moved))[tried].tolist()
    joint = joint_p(statistics, weights) if tried else None
    return Intervals(low, high, list(range(low.shape[1])), joint)


def _single(found: Searched) -> Search:
    assert isinstance(found, Search)
    return found


def _single_pieces(pieces: InPieces) -> Pieces:
    assert isinstance(pieces, Pieces)
    return pieces
