r"""The default verdict: the volatility-scaled circular shift.

The whole event vector is moved by every number of sessions k around the circle of the M sessions whose horizon is
complete. That keeps the events' clustering and the overlap of their windows, and breaks only their tie to what came
next. With y the spread (or the return of an asset alone) minus its mean and s its expected variance,

.. math:: S_k = \frac{\sum_i y(t_i + k)}{\sqrt{\sum_i s^2(t_i + k)}}, \qquad
          p = \frac{\#\{k : |S_k| \ge |S_0|\}}{M},

the identity included. All shifts at once are two circular cross-correlations, so nothing is sampled and nothing seeded.

References
----------
Politis, D. N. and Romano, J. P. (1992), A circular block-resampling procedure for stationary data.
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


@dataclass(frozen=True, eq=False)
class Circle:
    """The sessions that events are shifted around at one horizon: eligible, and with a complete window.

    Attributes
    ----------
    position : ndarray of shape (m,)
        Session positions, rising.
    deviation : ndarray of shape (m,)
        What is judged, minus its mean over these sessions, as a fraction.
    variance : ndarray of shape (m,)
        Its expected variance, positive.
    """

    position: Ints
    deviation: Floats
    variance: Floats

    def __len__(self) -> int:
        return len(self.position)

    @cached_property
    def spectra(self) -> tuple[int, list[NDArray[np.complex128]]]:
        """The length of the transforms, and those of deviation and variance, each once around the circle and on."""
        length = smooth_length(2 * len(self) - 1)
        around = [np.concatenate((values, values[:-1])) for values in (self.deviation, self.variance)]
        return length, [np.fft.rfft(values, length) for values in around]

    def ranks(self, day0: Ints) -> Ints:
        """Return the events' places on the circle; an event without a complete window has none and is left out."""
        where = np.searchsorted(self.position, day0)
        inside = where < len(self.position)
        found = where[inside]
        return np.asarray(found[self.position[found] == day0[inside]], dtype=np.int64)


def make_circle(returned: Floats, variance: Floats, eligible: Bools) -> Circle:
    """Collect the sessions that an event could have fallen on.

    Parameters
    ----------
    returned : ndarray of shape (n_sessions,)
        What is judged at one horizon, the spread or the return of the asset alone; NaN where the window is not
        complete.
    variance : ndarray of shape (n_sessions,)
        Its expected variance.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen: what cannot be judged is no place to move an event to.
    """
    position = np.flatnonzero(eligible & np.isfinite(returned) & (np.nan_to_num(variance) > 0))
    values = returned[position]
    deviation = values - values.mean() if len(values) else values
    return Circle(position, deviation, variance[position])


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
    length, spectra = circle.spectra
    for first in range(0, len(events), BATCH):
        batch = events[first : first + BATCH]
        flags = np.zeros((len(batch), m))
        for row, places in enumerate(batch):
            np.add.at(flags[row], places, 1.0)
        turned = np.conj(np.fft.rfft(flags, length, axis=1))
        total, variance = (np.fft.irfft(turned * spectrum, length, axis=1)[:, :m] for spectrum in spectra)
        filled = np.flatnonzero(flags.any(axis=1))
        result[first + filled] = total[filled] / np.sqrt(variance[filled])
    return result


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
