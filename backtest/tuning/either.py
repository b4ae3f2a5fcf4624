"""What is asked of a search, given to the code for single series or to that for panels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.errors import StudyRefused
from backtest.tuning.in_pieces import InPieces
from backtest.tuning.outside import Outside, Taken, measure_outside
from backtest.tuning.panel_outside import measure_outside_on_panel
from backtest.tuning.panel_pieces import PanelPieces
from backtest.tuning.panel_search import PanelSearch
from backtest.tuning.pieces import Pieces
from backtest.tuning.search import Search
from backtest.tuning.searched import Searched
from backtest.tuning.specification_curve import Intervals, intervals, joint_p
from backtest.tuning.superior_ability import Superior, superior_ability


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


def superior_of(pieces: InPieces) -> Superior:
    """Ask the bootstrap.

    Raises
    ------
    StudyRefused
        The search is one on a panel.
    """
    if isinstance(pieces, PanelPieces):
        raise StudyRefused(
            "--spa: the bootstrap resamples the sessions of one series, and a panel has many assets on each.",
            "Leave it out.",
        )
    return superior_ability(_single_pieces(pieces))


def _single(found: Searched) -> Search:
    assert isinstance(found, Search)
    return found


def _single_pieces(pieces: InPieces) -> Pieces:
    assert isinstance(pieces, Pieces)
    return pieces
