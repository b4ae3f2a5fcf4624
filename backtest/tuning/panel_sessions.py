"""What a set of events on a panel gave, session by session: all that pieces of the history are summed from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from backtest.model import Floats, Ints
from backtest.model.rounding import are_hits
from backtest.panel.panel_robustness import half_spans
from backtest.tuning.panel_base import PanelBase
from backtest.tuning.panel_trials import PanelTrial

ROOM = 4_000_000
"""Changes that are gathered at a time."""


class BySession(NamedTuple):
    """Arrays of shape (n_sessions,) by day 0; weighted by date, what counts once is a date with its mean.

    Attributes
    ----------
    n, total, hits : ndarray
        What counts, what it gave in all, and how many are above zero.
    """

    n: Floats
    total: Floats
    hits: Floats


def by_session(trial: PanelTrial, column: int) -> BySession:
    """Return what a set gave at a horizon."""
    sessions, spread = len(trial.base.eligible), trial.forward.spread[:, column]
    complete = np.isfinite(spread)
    days, values = trial.day0[complete], spread[complete]
    n = np.bincount(days, minlength=sessions).astype(np.float64)
    total = np.bincount(days, values, sessions).astype(np.float64)
    if trial.forward.weight == "event":
        return BySession(n, total, np.bincount(days, are_hits(values), sessions).astype(np.float64))
    mean = np.divide(total, n, where=n > 0, out=np.zeros(sessions))
    held = (n > 0).astype(np.float64)
    return BySession(held, mean, held * are_hits(mean).astype(np.float64))


def squared_changes(trial: PanelTrial, column: int) -> Floats:
    """Return the squared change on each session of a portfolio that holds each asset for the window after its event.

    It is the realised variance of the sum of the events, as in `backtest.inference.panel_shift`; shape (n_sessions,).
    """
    complete = np.isfinite(trial.forward.spread[:, column])
    return earned(trial.base, column, trial.day0[complete], trial.asset[complete], trial.forward.weights(column)) ** 2


def earned(base: PanelBase, column: int, day0: Ints, asset: Ints, weight: Floats) -> Floats:
    """Return the change on each session of a portfolio that holds some weight of each asset after its event."""
    sessions, length = len(base.eligible), base.circle.lengths[column]
    change, after = np.zeros(sessions), np.arange(1, length + 1)
    step = max(1, ROOM // max(length, 1))
    for first in range(0, len(day0), step):
        some = slice(first, first + step)
        at = day0[some, None] + after
        of, place = np.nonzero(at < sessions)
        at = at[of, place]
        change += np.bincount(at, weight[some][of] * base.changes[at, asset[some][of]], sessions)
    return change


def halves_of_trial(trial: PanelTrial, column: int) -> tuple[Floats, tuple[float, float]]:
    """Return the excess in each half of the asset-sessions, and its standard error; NaN in a half without events."""
    excess, error = np.full(2, np.nan), np.full(2, np.nan)
    n, total, _ = by_session(trial, column)
    base_n, base_total = trial.base.by_session(column)
    squares = squared_changes(trial, column)
    for row, (first, last) in enumerate(half_spans(trial.base.each)):
        half = slice(first, last + 1)
        if n[half].sum() and base_n[half].sum():
            excess[row] = total[half].sum() / n[half].sum() - base_total[half].sum() / base_n[half].sum()
            error[row] = np.sqrt(squares[half].sum()) / n[half].sum()
    return excess, (float(error[0]), float(error[1]))
