r"""The verdict on a panel: all events of all assets moved along the calendar together.

One shift k moves every event by the same number of sessions around the circle, so that the clustering of events in time
and the dependence across assets stay as they are; only the tie to what came next is broken. With y the effect of an
asset-session (its forward spread minus the base rate) and x its daily spread, the events (t_i, a_i) are a portfolio
that holds each asset for the window after its event. Moved by k it earns on session t

.. math:: p_k(t) = \sum_i x_{a_i}(t) \, [\, t_i + k < t \le t_i + k + h \,], \qquad
          S_k = \frac{\sum_i y_{a_i}(t_i + k)}{D_k}, \qquad
          D_k^2 = \frac{P\,c\,E_k + N \sum_t p_k(t)^2}{P + N}.

The sum of squares is the realised variance of the whole: the portfolio's own changes hold whatever its members have in
common, a market, sectors or nothing, and windows that overlap, so no factor model and no correlation is estimated.
E_k is what could be expected: for the assets of each event date, the exponentially weighted variance of their summed
change up to that session, times h, as the regression on what came in all places corrects it; c makes it cover overlap.
N is the number of sessions that the realised variance is worth, P those that the expectation is worth, as for one
asset. With weights, the portfolio holds w_i of each asset: every y and x above is w_i times as large.

Only rows of event dates enter, so the cost is that of n events times M sessions, and of M squared additions for the
overlap of windows; nothing is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.inference.circular_shift import PRIOR
from backtest.model import Floats, Ints

DECAY = 0.94
"""Weight of the past in the exponentially weighted variance, as for one asset."""
FLOOR = 0.1
"""Least expected variance, as a share of the average of its event date."""


@dataclass(frozen=True, eq=False)
class PanelShifts:
    """What a panel of events gives under every shift; arrays of shape (M,), the identity first.

    Attributes
    ----------
    effect : ndarray
        Sum of the events' effects, each with its weight; the weights sum to `n`.
    scale : ndarray
        D_k; NaN where no asset has a change within any window.
    n : int
        Events.
    """

    effect: Floats
    scale: Floats
    n: int

    @property
    def statistic(self) -> Floats:
        """S_k; NaN where it has no scale."""
        return self.effect / self.scale


def panel_shifts(
    effects: Floats, changes: Floats, day0: Ints, asset: Ints, length: int, weights: Floats | None = None
) -> PanelShifts:
    """Move a panel of events by every number of sessions.

    Parameters
    ----------
    effects : ndarray of shape (M, n_assets)
        Forward spread of `length` sessions from each session, minus the base rate; NaN where the window is not
        complete: an event moved there adds nothing.
    changes : ndarray of shape (M + 1, n_assets)
        Daily spread of each session, the one after the circle's last included; NaN counts as none.
    day0, asset : ndarray of shape (n_events,)
        Session positions within the circle, and columns.
    length : int
        Sessions of a window.
    weights : ndarray of shape (n_events,), optional
        Above zero; how much of each asset the portfolio holds, in any unit. By default every event weighs the same.

    Returns
    -------
    PanelShifts
        Of M shifts.
    """
    m = len(effects)
    dates, of_date = np.unique(day0, return_inverse=True)
    parts = np.ones(len(day0)) if weights is None else weights / weights.mean()
    members = [(asset[these], parts[these]) for these in (of_date == row for row in range(len(dates)))]
    came, known = changes[1:], changes[:-1]
    summed = _summed(np.nan_to_num(effects), members)
    later = _summed(np.nan_to_num(came), members)
    expected, realised = _expected(_summed(np.nan_to_num(known), members), later, length)
    whole = _realised_of_all(later, dates, length)
    places = np.arange(m)
    effect, hoped, apart = (_moved(rows, dates, places) for rows in (summed, expected, realised))
    worth = _sessions_worth(dates, m, length)
    overlap = whole.mean() / apart.mean() if apart.any() else 1.0
    squared = (PRIOR * overlap * hoped + worth * whole) / (PRIOR + worth)
    return PanelShifts(effect, np.sqrt(np.where(squared > 0, squared, np.nan)), len(day0))


def _summed(values: Floats, members: list[tuple[Ints, Floats]]) -> Floats:
    """Sum the columns of each event date's assets, each with its weight; shape (n_dates, M)."""
    columns = np.ascontiguousarray(values.T)
    return np.array([parts @ columns[these] for these, parts in members])


def _moved(rows: Floats, dates: Ints, shifts: Ints) -> Floats:
    """Sum over event dates what stands k sessions after each, for every k."""
    total = np.zeros(len(shifts))
    for date, row in zip(dates.tolist(), rows, strict=True):
        total[: len(row) - date] += row[date:]
        total[len(row) - date :] += row[:date]
    return total


def _expected(known: Floats, later: Floats, length: int) -> tuple[Floats, Floats]:
    """Return the expected and the realised variance of each event date's assets over a window from every session."""
    squares = later**2
    running = np.concatenate((np.zeros((len(later), 1)), squares, squares[:, :length]), axis=1).cumsum(axis=1)
    realised = running[:, length : length + later.shape[1]] - running[:, : later.shape[1]]
    volatility = _ewma(known**2)
    average, usual = realised.mean(axis=1, keepdims=True), volatility.mean(axis=1, keepdims=True)
    high = np.divide(volatility, usual, where=usual > 0, out=np.ones_like(volatility)) - 1.0
    came = np.divide(realised, average, where=average > 0, out=np.ones_like(realised)) - 1.0
    slope = max(0.0, float((high * came).sum() / max((high**2).sum(), 1e-300)))
    return average * np.maximum(1.0 + slope * high, FLOOR), realised


def _ewma(squares: Floats) -> Floats:
    result, current = np.empty_like(squares), squares.mean(axis=1)
    for place in range(squares.shape[1]):
        current = DECAY * current + (1.0 - DECAY) * squares[:, place]
        result[:, place] = current
    return result


def _realised_of_all(later: Floats, dates: Ints, length: int) -> Floats:
    """Return the sum of the squared changes of the whole portfolio under every shift."""
    m = later.shape[1]
    row_of = dict(zip(dates.tolist(), later, strict=True))
    total, held, open_windows = np.zeros(m), np.zeros(m), 0
    for place in range(max(m - length, 0), m):  # windows that are open when the circle begins
        if place in row_of:
            held, open_windows = held + row_of[place], open_windows + 1
    for place in range(m):
        ended = (place - length) % m
        if ended in row_of and length < m:
            held, open_windows = held - row_of[ended], open_windows - 1
        if place in row_of:
            held, open_windows = held + row_of[place], open_windows + 1
        if open_windows:
            squares = held * held
            total[: m - place] += squares[place:]
            total[m - place :] += squares[:place]
    return total


def _sessions_worth(dates: Ints, m: int, length: int) -> float:
    """Return N: sessions in windows, those that several dates share counted for what they are worth."""
    held = np.zeros(m)
    np.add.at(held, (dates[:, None] + np.arange(min(length, m))) % m, 1.0)
    return float(held.sum() ** 2 / (held**2).sum())
