"""The sessions that events are shifted around, with what the verdict must know of each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backtest.model import Bools, Floats, Ints
from backtest.model.rounding import rounded


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
    lengths : ndarray of shape (m,)
        Sessions in its window: all alike, unless the horizon is by the calendar.
    """

    position: Ints
    deviation: Floats
    expected: Floats
    realised: Floats
    square: Floats
    lengths: Ints

    def __len__(self) -> int:
        return len(self.position)

    @cached_property
    def transform_length(self) -> int:
        """The length of its transforms."""
        return smooth_length(2 * len(self) - 1)

    @cached_property
    def same_length(self) -> int:
        """The length of all windows; 0 where they differ, or there are none."""
        longest = int(self.lengths.max(initial=0))
        return longest if longest == self.lengths.min(initial=longest) else 0

    @cached_property
    def standardised(self) -> Circle:
        """The circle of effects in units of the volatility that was expected of them.

        An excess in quiet times then weighs as much as a larger one in wild times. The mean that is taken off is the
        one with these weights.
        """
        weight = 1.0 / np.sqrt(self.expected)
        scaled = self.deviation * weight
        centred = scaled - weight * (scaled.sum() / weight.sum() if len(self) else 0.0)
        ones = np.ones(len(self))
        return Circle(self.position, centred, ones, self.realised / self.expected, self.square, self.lengths)

    @cached_property
    def running_squares(self) -> Floats:
        """Sums of the squares up to each place, twice around the circle; shape (2 m + 1,)."""
        return np.concatenate(([0.0], np.cumsum(self.twice("square"))))

    @cached_property
    def _twice(self) -> dict[str, Floats]:
        return {}

    @cached_property
    def _spectra(self) -> dict[str, NDArray[np.complex128]]:
        return {}

    def twice(self, name: str) -> Floats:
        """Return a series twice in a row, so that m values from any place on are one slice."""
        if name not in self._twice:
            self._twice[name] = np.concatenate((getattr(self, name),) * 2)
        return self._twice[name]

    def spectrum(self, name: str) -> NDArray[np.complex128]:
        """Return the transform of a series, once around the circle and on."""
        if name not in self._spectra:
            self._spectra[name] = np.fft.rfft(self.twice(name)[:-1], self.transform_length)
        return self._spectra[name]

    def ranks(self, day0: Ints) -> Ints:
        """Return the events' places on the circle; an event without a complete window has none and is left out."""
        where = np.searchsorted(self.position, day0)
        inside = where < len(self.position)
        found = where[inside]
        return np.asarray(found[self.position[found] == day0[inside]], dtype=np.int64)


def make_circle(
    returned: Floats, expected: Floats, realised: Floats, daily: Floats, eligible: Bools, lengths: Ints, lag: int
) -> Circle:
    """Collect the sessions that an event could have fallen on; none where what is judged is the same on all of them.

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
    lengths : ndarray of shape (n_sessions,)
        Sessions in each window.
    lag : int
        Sessions between day 0 and entry.
    """
    position = np.flatnonzero(eligible & np.isfinite(returned) & (np.nan_to_num(expected) > 0))
    if len(position) > 1 and np.ptp(rounded(returned[position])) == 0.0:  # legs that move alike leave rounding errors
        position = position[:0]
    values, known = returned[position], expected[position]
    deviation = values - values.mean() if len(values) else values
    came = np.where(np.isfinite(realised[position]), realised[position], known)
    square = np.nan_to_num(daily[position + lag + 1]) ** 2
    return Circle(position, deviation, known, came, square, lengths[position])


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
    m = len(circle)
    if not m:
        return np.zeros(flags.shape)
    if circle.same_length:  # sessions are counted: a window's sum is a difference of two running sums
        length = min(circle.same_length, m)
        around = np.concatenate((flags[:, m - length + 1 :], flags), axis=1)
        total = np.cumsum(np.concatenate((np.zeros((len(flags), 1)), around), axis=1), axis=1)
        return np.asarray(total[:, length:] - total[:, :-length])
    ends = np.arange(m) + np.minimum(circle.lengths, m)
    steps = np.array([-np.bincount(ends, row, minlength=2 * m) for row in flags])[:, : 2 * m]
    steps[:, :m] += flags
    held = np.cumsum(steps, axis=1)
    return np.asarray(held[:, :m] + held[:, m:])


def flags_of(circle: Circle, events: Sequence[Ints]) -> Floats:
    """Return how many events of each set stand at each place; shape (n_sets, M)."""
    return np.array([np.bincount(places, minlength=len(circle)) for places in events], dtype=float)


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
