r"""Whether two event sets were followed by different returns: both moved around one circle together.

The difference of two excesses is one sum over the sessions that both studies use, with weights 1/n at the events of the
first and -1/n at those of the second. Its null is that both were followed by the same, whatever that is. All events of
both are moved by every number of sessions k at once, so that what the two share stays shared: where windows of both
hold a session, as those of a pair do, it cancels in the sum and in its scale. With u the weighted number of windows
that hold a session and x the change of what is judged on it,

.. math:: S_k = \frac{\bar{y}_a(k) - \bar{y}_b(k)}{D_k}, \qquad
          D_k^2 = \frac{P E_k + N R_k}{P + N}, \qquad
          R_k = \lambda_k \sum_t \left(u_a(t) x_a(t+k) - u_b(t) x_b(t+k)\right)^2,

where lambda turns squared changes into realised variances of windows, E_k is the variance expected on day 0, less what
cancels on average, N the sessions that R_k is worth, and P = 3 as in the verdict.

References
----------
As `circular_shift`; Janssen, A. (1997), Studentized permutation tests for non-i.i.d. hypotheses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backtest.inference.circle import Circle, overlap, smooth_length
from backtest.inference.circular_shift import PRIOR, TIE, shift_p_values
from backtest.inference.result import finite
from backtest.model import Floats, Ints
from backtest.model.significance import LEVEL

NO_COMMON_EVENTS = "no event of one of them has a complete window on the sessions that both use"
THE_SAME = "they are the same events, measured in the same way"
NOTHING_LEFT = "their windows hold the same sessions"
NO_SHARED = "no event that they share has a complete window in both"


@dataclass(frozen=True, eq=False)
class Side:
    """One study at one horizon.

    Attributes
    ----------
    circle : Circle
        Its circle, of m sessions.
    dates : ndarray of shape (m,)
        The dates of these sessions as whole numbers, rising.
    change : ndarray of shape (m,)
        The change of what is judged on the first session of the window, as a fraction; 0 where it is missing.
    day0 : ndarray of shape (n_events,)
        Dates of the events, as whole numbers.
    """

    circle: Circle
    dates: Ints
    change: Floats
    day0: Ints


@dataclass(frozen=True, eq=False)
class Contrast:
    """The difference of two excesses.

    Attributes
    ----------
    n : tuple of (int, int)
        Events compared of each.
    difference : float or None
        Excess of the first minus excess of the second over the sessions that both use, as a fraction.
    low, high : float or None
        The 95% interval of the difference.
    p_value : float or None
        Two-sided p.
    sessions : int
        Sessions that both use.
    shifts : ndarray of shape (sessions,)
        S_k, entry 0 as observed; empty where there is no answer.
    reason : str or None
        Why there is no answer; None where there is one.
    """

    n: tuple[int, int]
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    sessions: int
    shifts: Floats
    reason: str | None = None


def contrast(first: Side, second: Side, pairs: Sequence[tuple[int, int]] | None = None) -> Contrast:
    """Test whether two studies were followed by the same.

    Parameters
    ----------
    first, second : Side
        The studies, at the same horizon.
    pairs : sequence of (int, int), optional
        The events to compare, one of each study a pair; by default all events of both. A pair counts if both of its
        windows are complete. What makes a pair must be known on both days 0.

    Returns
    -------
    Contrast
        Without an answer where a study has no event on the sessions that both use, or nothing differs.
    """
    _, of_first, of_second = np.intersect1d(first.dates, second.dates, assume_unique=True, return_indices=True)
    places = _places(first.dates[of_first], first.day0), _places(first.dates[of_first], second.day0)
    if pairs is not None:
        both = [(places[0][i], places[1][j]) for i, j in pairs if places[0][i] >= 0 and places[1][j] >= 0]
        places = np.array([i for i, _ in both], dtype=np.int64), np.array([j for _, j in both], dtype=np.int64)
    kept = places[0][places[0] >= 0], places[1][places[1] >= 0]
    n = len(kept[0]), len(kept[1])
    if 0 in n:
        return no_contrast(n, len(of_first), NO_COMMON_EVENTS if pairs is None else NO_SHARED)
    moved = _Moved(_Weighted(first, of_first, kept[0], 1.0), _Weighted(second, of_second, kept[1], -1.0))
    if not moved.differs:
        return no_contrast(n, len(of_first), THE_SAME)
    if not moved.left > TIE:
        return no_contrast(n, len(of_first), NOTHING_LEFT)
    shifts, scale = moved.statistic, float(moved.scale[0])
    low, high = interval_of(moved.difference, shifts, scale)
    p = finite(float(shift_p_values(shifts[None, :])[0]))
    return Contrast(n, moved.difference, low, high, p, len(of_first), shifts)


def _places(dates: Ints, day0: Ints) -> Ints:
    """Return where the events stand on the circle; -1 where they do not."""
    at = np.minimum(np.searchsorted(dates, day0), max(len(dates) - 1, 0))
    found = dates[at] == day0 if len(dates) else np.zeros(len(day0), dtype=np.bool_)
    return np.where(found, at, -1).astype(np.int64)


def no_contrast(n: tuple[int, int], sessions: int, reason: str) -> Contrast:
    """Return what is known where no difference is tested: how many events, how many sessions, and why."""
    return Contrast(n, 0.0 if reason == THE_SAME else None, None, None, None, sessions, np.zeros(0), reason)


def interval_of(difference: float, shifts: Floats, scale: float) -> tuple[float | None, float | None]:
    """Return the 95% interval of a difference; None where there are too few shifts.

    Parameters
    ----------
    difference : float
        As a fraction.
    shifts : ndarray of shape (M,)
        S_k.
    scale : float
        D_0, in the unit of the difference.
    """
    rejected = int(LEVEL * len(shifts))
    if rejected == 0:
        return None, None
    critical = float(np.partition(np.abs(shifts), -1 - rejected)[-1 - rejected])
    reach = (critical * (1.0 + TIE) + TIE) * scale
    return difference - reach, difference + reach


class _Weighted:
    """One side on the common sessions, its events with equal weights that sum to `sign`."""

    def __init__(self, side: Side, kept: Ints, places: Ints, sign: float) -> None:
        circle, m = side.circle, len(kept)
        deviation = circle.deviation[kept]
        self.deviation = deviation - deviation.mean()
        self.expected, self.realised, self.change = circle.expected[kept], circle.realised[kept], side.change[kept]
        self.weight: Floats = np.bincount(places, minlength=m).astype(np.float64) * (sign / len(places))
        on = Circle(np.arange(m), self.deviation, self.expected, self.realised, self.change**2, circle.lengths[kept])
        self.windows = overlap(on, self.weight[None, :])[0]
        self.square: Floats = self.weight**2
        self.holding = overlap(on, self.square[None, :])[0]
        self.alike = float(self.windows @ self.windows / self.holding.sum())


class _Moved:
    """What the two sides give under every shift."""

    def __init__(self, a: _Weighted, b: _Weighted) -> None:
        self.a, self.b, self.m = a, b, len(a.weight)
        self.length = smooth_length(2 * self.m - 1)
        known = np.array([a.change @ a.change, a.change @ b.change, b.change @ b.change]) / self.m
        apart = known[0] * a.windows**2 + known[2] * b.windows**2
        self.held = apart + 2.0 * known[1] * a.windows * b.windows
        self.left = float(self.held.sum() / apart.sum()) if apart.any() else 0.0

    @property
    def difference(self) -> float:
        """Excess of the first minus excess of the second."""
        return float(self.a.weight @ self.a.deviation + self.b.weight @ self.b.deviation)

    @property
    def differs(self) -> bool:
        """Whether anything is left of the difference once what both share has cancelled, at any shift."""
        size = np.abs(self.a.deviation).max() + np.abs(self.b.deviation).max()
        return bool(np.abs(self.sums).max() > TIE * size)

    @cached_property
    def sums(self) -> Floats:
        """The difference under every shift; entry 0 as observed."""
        return self._moved((self.a.weight, self.a.deviation), (self.b.weight, self.b.deviation))

    @cached_property
    def scale(self) -> Floats:
        """D_k."""
        a, b = self.a, self.b
        expected = self._moved((a.alike * a.square, a.expected), (b.alike * b.square, b.expected))
        expected = np.maximum(expected, 0.0) * self.left
        twice = 2.0 * a.windows * b.windows
        squares = [(a.windows**2, a.change**2), (twice, a.change * b.change), (b.windows**2, b.change**2)]
        changed = np.maximum(self._moved(*squares), 0.0)
        came = np.maximum(self._moved((a.square, a.realised), (b.square, b.realised)), 0.0)
        summed = np.maximum(self._moved((a.holding, a.change**2), (b.holding, b.change**2)), 0.0)
        there = summed > TIE * summed.max()
        realised = changed * np.where(there, came / np.where(there, summed, 1.0), 1.0)
        total = float(self.held.sum())
        worth = total**2 / float(self.held @ self.held) if total > 0 else 0.0
        squared = (PRIOR * expected + worth * realised) / (PRIOR + worth)
        return np.asarray(np.sqrt(squared))

    @cached_property
    def statistic(self) -> Floats:
        """S_k; 0 where nothing varies."""
        scale = self.scale
        there = scale > TIE * scale.max()
        return np.where(there, self.sums / np.where(there, scale, 1.0), 0.0)

    def _moved(self, *products: tuple[Floats, Floats]) -> Floats:
        """Sum weights times values over all products, the weights moved by every k."""
        total: NDArray[np.complex128] | float = 0.0
        for weights, values in products:
            around = np.concatenate((values, values[:-1]))
            total = total + np.conj(np.fft.rfft(weights, self.length)) * np.fft.rfft(around, self.length)
        return np.asarray(np.fft.irfft(total, self.length)[: self.m])
