r"""The default verdict: the circular shift, studentised by what volatility was expected and by what it came to be.

The whole event vector is moved by every number of sessions k around the circle of the M sessions whose horizon is
complete. That keeps the events' clustering and the overlap of their windows, and breaks only their tie to what came
next. With y the spread (or the return of an asset alone) minus its mean, s^2 its expected variance and v the realised
variance of its window,

.. math:: S_k = \frac{\sum_i y(t_i + k)}{D_k}, \qquad
          D_k^2 = \frac{P\,c \sum_i s^2(t_i + k) + N\,c_k \sum_i v(t_i + k)}{P + N}, \qquad
          p = \frac{\#\{k : |S_k| \ge |S_0|\}}{M},

the identity included. Windows that overlap share sessions, and their sum varies more than the sum of their variances
says: with w(t) the number of windows that hold session t and x its change,

.. math:: c_k = \frac{\sum_t w(t)^2 x^2(t + k)}{\sum_t w(t)\, x^2(t + k)}, \qquad
          c = \frac{\sum_t w(t)^2}{\sum_t w(t)}, \qquad N = \frac{(\sum_t w(t))^2}{\sum_t w(t)^2}.

N is the number of sessions that the realised variance is worth, and P = 3 those that the expectation is worth. All
shifts at once are circular cross-correlations, so nothing is sampled and nothing seeded.

References
----------
Politis, D. N. and Romano, J. P. (1992), A circular block-resampling procedure for stationary data.
Harris, K. D. (2020), A shift test for independence in generic time series. arXiv:2012.06862.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from backtest.inference.circle import Circle, flags_of, overlap
from backtest.inference.moved import MovedSums
from backtest.model import Floats, Ints

TIE = 1e-9
"""Statistics this close, relatively or absolutely, are the same: the transform rounds, and leaves dust for zero.

An absolute measure is at hand because S is studentised: without an effect it is of the order of 1.
"""
BATCH = 32
"""Event sets transformed at a time, to bound memory."""
PRIOR = 3.0
"""Sessions of realised variance that the expected variance is worth (P)."""


class Shifts:
    """What event sets give under every shift, none of them empty.

    Parameters
    ----------
    circle : Circle
        The circle, of M sessions.
    flags : ndarray of shape (n_sets, M)
        Events at each place.
    """

    def __init__(self, circle: Circle, flags: Floats) -> None:
        self.sums = MovedSums(circle, flags)
        self.count = flags.sum(axis=1, keepdims=True)
        self._alike, self._n = constant_overlap(self.sums.windows)

    @cached_property
    def deviation(self) -> Floats:
        """Sums of the deviations; shape (n_sets, M), as all that follows, column 0 as observed."""
        return self.sums.over_events("deviation")

    @cached_property
    def expected(self) -> Floats:
        """Sums of the expected variances."""
        return self.sums.over_events("expected")

    @cached_property
    def realised(self) -> Floats:
        """Sums of the realised variances."""
        return np.maximum(self.sums.over_events("realised"), 0.0)

    @cached_property
    def statistic(self) -> Floats:
        """S_k."""
        return self.deviation / self.scale(self.expected, self.realised)

    @cached_property
    def standardised(self) -> Floats:
        """S_k of the standardised effects."""
        deviation, came = (self.sums.over_events(name, standardised=True) for name in ("deviation", "realised"))
        return deviation / self.scale(self.count, np.maximum(came, 0.0))

    @property
    def variance_ratio(self) -> Floats:
        """Realised over expected variance of the events' windows."""
        return self.realised / self.expected

    @cached_property
    def varying(self) -> Floats:
        """What overlap makes of the variance, c_k; shape (n_sets, M)."""
        if (self.sums.windows <= 1.0).all():
            return np.ones(self.sums.windows.shape)
        shared = np.maximum(self.sums.over_windows(1), 0.0)
        held = shared > TIE * shared.max(axis=1, keepdims=True)  # a span without any change has no overlap of changes
        return np.where(held, self.sums.over_windows(2) / np.where(held, shared, 1.0), self._alike)

    @cached_property
    def _weight(self) -> Floats:
        """Return the weight of the realised variance."""
        return self._n * self.varying

    def scale(self, expected: Floats, realised: Floats, place: int | None = None) -> Floats:
        """Return D_k of given sums of variances, or D at one place."""
        weight = self._weight if place is None else self._weight[:, place : place + 1]
        squared = weight * realised
        squared += PRIOR * self._alike * expected
        squared /= PRIOR + self._n
        return np.asarray(np.sqrt(squared, out=squared))


def shift_statistics(circle: Circle, events: Sequence[Ints]) -> Floats:
    """Return S_k of each event set for every shift k.

    Parameters
    ----------
    circle : Circle
        The circle, of M sessions.
    events : sequence of ndarray
        Each set's places on the circle, as `Circle.ranks` gives them.

    Returns
    -------
    ndarray of shape (n_sets, M)
        Column 0 is the statistic observed. NaN rows for sets without an event.
    """
    result = np.full((len(events), len(circle)), np.nan)
    filled = [row for row, places in enumerate(events) if len(places)]
    for first in range(0, len(filled), BATCH):
        rows = filled[first : first + BATCH]
        result[rows] = Shifts(circle, flags_of(circle, [events[row] for row in rows])).statistic
    return result


def constant_overlap(windows: Floats) -> tuple[Floats, Floats]:
    """Return c, and N, of each set; shape (n_sets, 1)."""
    once, twice = windows.sum(axis=1, keepdims=True), (windows**2).sum(axis=1, keepdims=True)
    return twice / once, once**2 / twice


def observed_scale(circle: Circle, places: Ints) -> float:
    """Return D_0, the standard error of the sum of the events' deviations, without a transform; NaN of none.

    Parameters
    ----------
    circle : Circle
        The circle.
    places : ndarray of shape (n_events,)
        As `Circle.ranks` gives them.
    """
    if not len(places):
        return float("nan")
    windows = overlap(circle, flags_of(circle, [places]))
    (alike,), (n,) = (one[0] for one in constant_overlap(windows))
    shared = float(windows[0] @ circle.square)
    varying = float(windows[0] ** 2 @ circle.square) / shared if shared > 0 else alike
    known, came = circle.expected[places].sum(), circle.realised[places].sum()
    return float(np.sqrt((PRIOR * alike * known + n * varying * came) / (PRIOR + n)))


def shift_p_values(statistics: Floats) -> Floats:
    """Return the share of shifts whose statistic is at least as large as the one observed.

    Parameters
    ----------
    statistics : ndarray of shape (n_sets, M)
        As `shift_statistics` gives them.

    Returns
    -------
    ndarray of shape (n_sets,)
        Two-sided p, at least 1/M; NaN for sets without an event.
    """
    size = np.abs(statistics)
    if size.shape[1] == 0:
        return np.full(len(size), np.nan)
    observed = size[:, :1]
    p = np.count_nonzero(size >= observed * (1.0 - TIE) - TIE, axis=1) / size.shape[1]
    return np.where(np.isfinite(observed[:, 0]), p, np.nan)
