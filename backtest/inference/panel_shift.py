r"""The verdict on a panel: all events of all assets moved along the calendar together.

One shift k moves every event by the same number of sessions around the circle, so that the clustering of events in time
and the dependence across assets stay as they are; only the tie to what came next is broken. With y the effect of an
asset-session (its forward spread minus the base rate) and x its daily spread, the events (t_i, a_i) are a portfolio
that holds each asset for the window after its event. Moved by k it earns on session t

.. math:: p_k(t) = \sum_i x_{a_i}(t) \, [\, t_i + k < t \le t_i + k + h \,], \qquad
          S_k = \frac{\sum_i y_{a_i}(t_i + k)}{D_k}, \qquad
          D_k^2 = \frac{P\,c\,E_k + N \sum_t (p_k(t) - b(t))^2}{P + N}.

b is what the base rate takes away: on each session, the mean change of all asset-sessions, times the sessions that the
events' windows hold of each on average. It does not move. Where windows are open on every session, as with many events
and long horizons, most of what all assets have in common is in both.

The sum of squares is the realised variance of the whole: the portfolio's own changes hold whatever its members have in
common, a market, sectors or nothing, and windows that overlap, so no factor model and no correlation is estimated.

E_k is what could be expected. Let q(j) be the sum over event dates of the squared change, j sessions after the date,
of all assets with an event on it. The exponentially weighted mean of q up to k, regressed on what q came to in the
window that follows, gives the variance of the dates' windows as known on the moved dates. c makes it cover overlap: it
is the ratio of the medians over all shifts, as averages would be those of the wildest sessions where tails are heavy. N
is the number of sessions that the realised variance is worth: with r the average over all shifts of the squared change
(less b) that the portfolio makes at a given time after the first event, the squared sum of r over the sum of its
squares. P is the number that the expectation is worth, as for one asset. With weights, the portfolio holds w_i of each
asset: every y and x above is w_i times as large.

Nothing is sampled. The cost is that of one addition of M sessions per event and horizon, and of a handful of operations
on M sessions for each session of the circle and horizon.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.inference.circular_shift import PRIOR
from backtest.inference.panel_squares import Squares, ahead, base_of, behind, rows_of, squares_of
from backtest.inference.panel_sums import PanelCircle, PanelSums, base_changes, sums_of_block
from backtest.model import Bools, Floats, Ints

DECAY = 0.94
"""Weight of the past in the exponentially weighted variance, as for one asset."""
WARM_UP = 200
"""Sessions before the first shift that the average starts from: what came before them weighs less than 1e-5."""


@dataclass(frozen=True, eq=False)
class PanelShifts:
    """What a panel of events gives under every shift at one horizon; arrays of shape (M,), the identity first.

    Attributes
    ----------
    effect : ndarray
        Sum of the events' effects.
    expected : ndarray
        The variance of the sum that was expected (c E_k).
    squares : Squares
        Of what the events hold; `realised` is the variance that came.
    sessions : float
        Sessions that the realised variance is worth (N).
    count : ndarray
        Weights of the events whose window is complete where they are moved to, in all.
    open_windows : ndarray
        Weights of the windows that hold each session of the circle, the first after the circle's first session.
    """

    effect: Floats
    expected: Floats
    squares: Squares
    sessions: float
    count: Floats
    open_windows: Floats

    @property
    def realised(self) -> Floats:
        """The variance of the sum that came."""
        return self.squares.realised

    @property
    def n(self) -> float:
        """Weights of the events with a complete window."""
        return float(self.count[0]) if len(self.count) else 0.0

    def scale_of(self, realised: Floats, place: slice = slice(None)) -> Floats:
        """Return D_k with another realised variance, of all shifts or of some; NaN where nothing varies."""
        squared = (PRIOR * self.expected[place] + self.sessions * realised) / (PRIOR + self.sessions)
        return np.asarray(np.sqrt(np.where(squared > 0, squared, np.nan)))

    @property
    def scale(self) -> Floats:
        """D_k; NaN where no asset has a change within any window."""
        return self.scale_of(self.realised)

    @property
    def statistic(self) -> Floats:
        """S_k; NaN where it has no scale."""
        return self.effect / self.scale


def panel_shifts(
    effects: Floats,
    changes: Floats,
    day0: Ints,
    asset: Ints,
    length: int,
    weights: Floats | None = None,
    eligible: Bools | None = None,
) -> PanelShifts:
    """Move a panel of events by every number of sessions, at one horizon.

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
    eligible : ndarray of shape (M, n_assets), optional
        Where an event could have been seen, which the base rate is the mean of; by default, where there is an effect.

    Returns
    -------
    PanelShifts
        Of M shifts.
    """
    circle = PanelCircle(0, (len(effects),), (length,))
    parts = None if weights is None else (weights / weights.mean())[:, None]
    sums = sums_of_block(circle, [effects], changes, day0, asset, parts)
    sums.add_base(*base_changes(changes, np.isfinite(effects) if eligible is None else eligible))
    return shifts_of_sums(sums, 0, 0.0, base_of(sums, 0))


def shifts_of_sums(sums: PanelSums, column: int, rate: float, base: Floats) -> PanelShifts:
    """Return what the events of all assets give under every shift, from the sums over the assets.

    Parameters
    ----------
    sums : PanelSums
        Of all blocks.
    column : int
        Which horizon.
    rate : float
        The base rate, as a fraction: the mean spread of all asset-sessions.
    base : ndarray of shape (M,)
        What it takes away on each session, as `base_of` gives it.
    """
    return shifts_of_squares(sums, column, rate, squares_of(rows_of(sums, column), base, sums.circle.at(column)[1]))


def shifts_of_squares(sums: PanelSums, column: int, rate: float, squares: Squares) -> PanelShifts:
    """Do what `shifts_of_sums` does, with squares that are known."""
    m, length = sums.circle.at(column)
    count = sums.count[column, :m]
    effect = sums.total[column, :m] - rate * count
    apart = ahead(squares.dates, length)
    usual = squares.usual
    sessions = float(usual.sum() ** 2 / (usual**2).sum()) if usual.any() else 0.0
    windows = _open_windows({date: each for date, each in sums.weight.items() if date < m}, m, length)
    expected = _as_large(_expected(squares.dates, apart, length), squares.realised)
    return PanelShifts(effect, expected, squares, sessions, count, windows)


def _expected(squares: Floats, apart: Floats, length: int) -> Floats:
    """Return the variance that the squares up to each shift let expect of the windows after it."""
    average = float(squares.mean()) if len(squares) else 0.0
    before = np.roll(squares, 1)  # the change on the moved date itself is known, the next one is not
    current, path = average, []
    for added in ((1.0 - DECAY) * np.concatenate((before[-WARM_UP:], before))).tolist():
        current = DECAY * current + added
        path.append(current)
    known = np.array(path[len(path) - len(squares) :]) - average
    # Sums, not `@`: its last digits depend on the number of threads.
    slope = float((known * (apart - average * length)).sum()) / max(float((known**2).sum()) * length, 1e-300)
    return length * (average + min(max(slope, 0.0), 1.0) * known)


def _as_large(expected: Floats, realised: Floats) -> Floats:
    """Return what was expected, as large as what came on the median of the shifts on which anything was, and came."""
    both = (expected > 0) & (realised > 0)
    if not both.any():
        return np.zeros(len(expected))
    return np.asarray(expected * (np.median(realised[both]) / np.median(expected[both])))


def _open_windows(weight: dict[int, float], m: int, length: int) -> Floats:
    starts = np.zeros(m)
    starts[list(weight)] = list(weight.values())
    return behind(starts, length)
