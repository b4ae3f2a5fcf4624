"""The score of every set by the objective of a search, over the whole history."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from backtest.model import Floats, Ints
from backtest.tuning.either import pieces_of
from backtest.tuning.in_pieces import Cut
from backtest.tuning.objective import score
from backtest.tuning.searched import Searched

_known: WeakKeyDictionary[Searched, dict[tuple[str, int], Floats]] = WeakKeyDictionary()


def goodness(found: Searched, objective: str, column: int) -> Floats:
    """Return the objective of every set at one horizon, the higher the better.

    Parameters
    ----------
    found : Search
        The search.
    objective : str
        One of `backtest.tuning.objective.OBJECTIVES`.
    column : int
        The horizon, by position.

    Returns
    -------
    ndarray of shape (n_sets,)
        The figure itself, or minus the adjusted p; NaN for a set without one.

    Raises
    ------
    StudyRefused
        The objective is a figure of the trade, and the strategy has none.
    """
    of = _known.setdefault(found, {})
    if (objective, column) not in of:
        of[objective, column] = _computed(found, objective, column)
    return of[objective, column]


def signed_scores(found: Searched, objective: str, column: int) -> Floats:
    """Return the scores by which a set is chosen: those of `goodness`, but for an adjusted p the studentised excess.

    The parameters, the shape and the errors are those of `goodness`; a strong loss has a low score. An adjusted p is
    not known in a part of the history, and has no sign.
    """
    return goodness(found, "t" if objective == "p_adjusted" else objective, column)


def _computed(found: Searched, objective: str, column: int) -> Floats:
    if objective == "p_adjusted":
        return -found.p_adjusted[:, column]
    if objective in ("excess", "hit_rate"):
        return np.asarray(getattr(found, objective)[:, column])
    pieces = pieces_of(found, column, objective)
    everything: Ints = np.zeros(len(found.plan.dataset.prices), dtype=np.int64)
    return score(objective, pieces.sums(Cut(everything, everything, 1))[:, 0])
