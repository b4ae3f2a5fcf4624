"""What a search adds to its figures: outside the years that chose, on a plateau, over all specifications."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from backtest.model import Floats
from backtest.tuning.either import intervals_of, pieces_of
from backtest.tuning.overfitting import Overfitting, overfitting
from backtest.tuning.plateau import Neighbours, importance
from backtest.tuning.recommended import Recommended, recommend
from backtest.tuning.scores import goodness
from backtest.tuning.searched import Searched
from backtest.tuning.specification_curve import Curve, Intervals, curve
from backtest.tuning.superior_ability import Superior, superior_ability
from backtest.tuning.walk_forward import Rules, WalkForward, walk_forward


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything at one horizon and by one objective.

    Attributes
    ----------
    objective : str
        What the sets were chosen by.
    column : int
        The horizon, by position.
    own : int or None
        The strategy's own set, by position; None if it is not among the sets.
    scores : ndarray of shape (n_sets,)
        The objective, the higher the better.
    neighbours : Neighbours
        The neighbours of each set.
    recommended : Recommended or None
        The set to take if one must be taken; None if none has enough events.
    walked : WalkForward
        The walk-forward.
    overfitting : Overfitting
        The probability of backtest overfitting.
    intervals : Intervals
        The intervals of the looks.
    curve : Curve
        The specification curve.
    importance : dict of str to float or None
        Share of the variance of the scores that each parameter explains.
    superior : Superior or None
        The second opinion of the bootstrap; None if it was not asked for.
    holdout : date or None
        The first day that was set aside; None if nothing was.
    """

    objective: str
    column: int
    own: int | None
    scores: Floats
    neighbours: Neighbours
    recommended: Recommended | None
    walked: WalkForward
    overfitting: Overfitting
    intervals: Intervals
    curve: Curve
    importance: dict[str, float | None]
    superior: Superior | None = None
    holdout: dt.date | None = None


def gather(
    found: Searched,
    objective: str,
    column: int,
    rules: Rules | None = None,
    *,
    with_bootstrap: bool = False,
    holdout: dt.date | None = None,
) -> Evidence:
    """Compute all of it.

    Raises
    ------
    StudyRefused
        The history cannot be cut into these blocks, the objective needs a trade that the strategy has not, or `arch` is
        asked for and not installed.
    """
    pieces, own = pieces_of(found, column, objective), own_set(found)
    scores = goodness(found, objective, column)
    sets = [trial.parameters for trial in found.trials]
    spans = intervals_of(found, column)
    taken = recommend(found, column, objective, pieces.near)
    return Evidence(
        objective,
        column,
        own,
        scores,
        pieces.near,
        taken,
        walk_forward(pieces, rules or Rules(), own, None if taken is None else taken.chosen),
        overfitting(pieces),
        spans,
        curve(found, column, spans.joint),
        importance(sets, scores),
        superior_ability(pieces) if with_bootstrap else None,
        holdout,
    )


def own_set(found: Searched) -> int | None:
    """Return the position of the set that the strategy itself has; None if it is not among the sets."""
    own = found.plan.parameters
    for at, trial in enumerate(found.trials):
        if all(own.get(key) == value for key, value in trial.parameters.items()):
            return at
    return None
