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
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backtest.model import Bools, Floats, Ints

TIE = 1e-9
"""Statistics this close, relatively or absolutely, are the same: the transform rounds, and leaves dust for zero.

An absolute measure is at hand because S is studentised: without an effect it is of the order of 1.
"""
BATCH = 32
"""Event sets transformed at a time, to bound memory."""
PRIOR = 3.0
"""Sessions of realised variance that the expected variance is worth (P)."""


@dataclass(frozen=True, eq=False)
class Circle:
    """The sessions that events are shifted around at one horizon: eligible, and with a complete window.

    Attributes
    ----------
    position : ndarray of shape (m,)
        Session positions, rising.
    deviation : ndarray of shape (m,)
        What is judged, minus its mean over these sessions, as a fraction.
    expected, realised : ndarray of shape (m,)
        The variance of its window as known on day 0, positive, and as it came to be, not below zero.
    square : ndarray of shape (m,)
        The squared change of what is judged on the first session of the window.
    horizon : int
        Length of a window in sessions.
    """

    position: Ints
    deviation: Floats
    expected: Floats
    realised: Floats
    square: Floats
    horizon: int

    def __len__(self) -> int:
        return len(self.position)

    @cached_property
    def spectra(self) -> tuple[int, list[NDArray[np.complex128]]]:
        """The length of the transforms, and those of the four series, each once around the circle and on."""
        length = smooth_length(2 * len(self) - 1)
        series = (self.deviation, self.expected, self.realised, self.square)
        return length, [np.fft.rfft(np.concatenate((values, values[:-1])), length) for values in series]

    def ranks(self, day0: Ints) -> Ints:
        """Return the events' places on the circle; an event without a complete window has none and is left out."""
        where = np.searchsorted(self.position, day0)
        inside = where < len(self.position)
        found = where[inside]
        return np.asarray(found[self.position[found] == day0[inside]], dtype=np.int64)

    def standardised(self) -> Circle:
        """Return the circle of effects in units of the volatility that was expected of them.

        An excess in quiet times then weighs as much as a larger one in wild times. The mean that is taken off is the
        one with these weights.
        """
        weight = 1.0 / np.sqrt(self.expected)
        scaled = self.deviation * weight
        centred = scaled - weight * (scaled.sum() / weight.sum() if len(self) else 0.0)
        ones = np.ones(len(self))
        return Circle(self.position, centred, ones, self.realised / self.expected, self.square, self.horizon)


def make_circle(
    returned: Floats, expected: Floats, realised: Floats, daily: Floats, eligible: Bools, horizon: int, lag: int
) -> Circle:
    """Collect the sessions that an event could have fallen on.

    Parameters
    ----------
    returned : ndarray of shape (n_sessions,)
        What is judged at one horizon, the spread or the return of the asset alone; NaN where the window is not
        complete.
    expected, realised : ndarray of shape (n_sessions,)
        The variance of its window, as expected and as it came to be. Where a level within a window is missing there is
        no realised variance, and the expected one stands for it.
    daily : ndarray of shape (n_sessions,)
        What is judged, from session to session; a missing change counts as none.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen: what cannot be judged is no place to move an event to.
    horizon, lag : int
        Forward length and entry lag, in sessions.
    """
    position = np.flatnonzero(eligible & np.isfinite(returned) & (np.nan_to_num(expected) > 0))
    values, known = returned[position], expected[position]
    deviation = values - values.mean() if len(values) else values
    came = np.where(np.isfinite(realised[position]), realised[position], known)
    return Circle(position, deviation, known, came, np.nan_to_num(daily[position + lag + 1]) ** 2, horizon)


def overlap(circle: Circle, flags: Floats) -> Floats:
    """Return how many windows hold each session of the circle, the session that follows a place standing on it.

    Parameters
    ----------
    circle : Circle
        The circle, of M sessions.
    flags : ndarray of shape (n_sets, M)
        Events at each place.

    Returns
    -------
    ndarray of shape (n_sets, M)
    """
    length = min(circle.horizon, len(circle))
    around = np.concatenate((flags[:, len(circle) - length + 1 :], flags), axis=1)
    total = np.cumsum(np.concatenate((np.zeros((len(flags), 1)), around), axis=1), axis=1)
    return np.asarray(total[:, length:] - total[:, :-length])


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
    m = len(circle)
    result = np.full((len(events), m), np.nan)
    if m == 0:
        return result
    for first in range(0, len(events), BATCH):
        batch = events[first : first + BATCH]
        flags = np.zeros((len(batch), m))
        for row, places in enumerate(batch):
            np.add.at(flags[row], places, 1.0)
        filled = np.flatnonzero(flags.any(axis=1))
        total, scale = _shifted(circle, flags[filled])
        result[first + filled] = total / scale
    return result


def _shifted(circle: Circle, flags: Floats) -> tuple[Floats, Floats]:
    """Return the sums of deviations and their scales D_k for every shift; none of the sets is empty."""
    m = len(circle)
    length, (deviation, expected, realised, square) = circle.spectra
    windows = overlap(circle, flags)
    sets, once, twice = (np.conj(np.fft.rfft(one, length, axis=1)) for one in (flags, windows, windows**2))

    def sums(turned: NDArray[np.complex128], spectrum: NDArray[np.complex128]) -> Floats:
        return np.fft.irfft(turned * spectrum, length, axis=1)[:, :m]

    alike, n = _constant_overlap(windows)
    shared = sums(once, square)
    with np.errstate(divide="ignore", invalid="ignore"):
        varying = sums(twice, square) / shared
    dust = TIE * shared.max(axis=1, keepdims=True)  # a span without any change has no overlap of changes to speak of
    varying = np.where(shared > dust, varying, alike)
    variance = PRIOR * alike * sums(sets, expected) + n * varying * np.maximum(sums(sets, realised), 0.0)
    return sums(sets, deviation), np.sqrt(variance / (PRIOR + n))


def _constant_overlap(windows: Floats) -> tuple[Floats, Floats]:
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
    flags = np.bincount(places, minlength=len(circle)).astype(float)[None, :]
    windows = overlap(circle, flags)
    (alike,), (n,) = (one[0] for one in _constant_overlap(windows))
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


def smooth_length(least: int) -> int:
    """Return the smallest number from `least` on with no prime factor above 5: a fast length to transform."""
    best = 1 << max(least - 1, 0).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            quotient = -(-least // three)
            best = min(best, three << max(quotient - 1, 0).bit_length())
            three *= 3
        five *= 5
    return best
