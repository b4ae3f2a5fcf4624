"""Sums over event sets moved by every shift: by transforms, or slice by slice where a set has few events.

A transform costs the same for any number of events; a slice of the circle an event costs less up to some fifty of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from backtest.inference.circle import Circle, overlap
from backtest.model import Floats

FEW = 40
"""Events up to which slices are faster."""

Weights = list[tuple[int, float]]
"""Places on the circle, and what stands at each."""


class MovedSums:
    """Sums over some event sets under every shift.

    Parameters
    ----------
    circle : Circle
        The circle, of M sessions.
    flags : ndarray of shape (n_sets, M)
        How many events stand at each place.
    """

    def __init__(self, circle: Circle, flags: Floats) -> None:
        self.windows = overlap(circle, flags)
        self._circle = circle
        few = bool(np.count_nonzero(flags, axis=1).max(initial=0) <= FEW)
        self._sets = None if few else self._turned(flags)
        self._events = _weights_at(flags) if few else []

    def over_events(self, name: str, *, standardised: bool = False) -> Floats:
        """Sum a series of the circle, or of its standardised one, over the events moved by k; shape (n_sets, M)."""
        circle = self._circle.standardised if standardised else self._circle
        if self._sets is not None:
            return self._back(self._sets, circle.spectrum(name))
        series = circle.twice(name)
        return self._sliced(self._events, lambda place: series[place : place + len(self._circle)])

    def of(self, values: Floats) -> Floats:
        """Sum any series of the circle, of shape (M,), over the events moved by k; shape (n_sets, M)."""
        series = np.concatenate((values, values))
        if self._sets is not None:
            return self._back(self._sets, np.fft.rfft(series[:-1], self._circle.transform_length))
        return self._sliced(self._events, lambda place: series[place : place + len(self._circle)])

    def over_windows(self, power: int) -> Floats:
        """Sum the squared changes of the sessions that windows hold, times a power of how many hold each."""
        weight = self.windows**power
        if self._sets is not None:
            return self._back(self._turned(weight), self._circle.spectrum("square"))
        # By parts: a sum of weights times squares is one of the weights' steps times running sums of the squares.
        running, m = self._circle.running_squares, len(self._circle)
        steps = weight - np.roll(weight, 1, axis=1)
        whole: Floats = weight[:, -1:] * running[m]
        return whole - self._sliced(_weights_at(steps), lambda place: running[place : place + m])

    def _sliced(self, weights: Sequence[Weights], cut: Callable[[int], Floats]) -> Floats:
        result = np.zeros((len(weights), len(self._circle)))
        for row, of_set in zip(result, weights, strict=True):
            for place, weight in of_set:
                if abs(weight) == 1.0:  # most are: no need of a product
                    (np.add if weight > 0 else np.subtract)(row, cut(place), out=row)
                else:
                    row += weight * cut(place)
        return result

    def _turned(self, weight: Floats) -> NDArray[np.complex128]:
        return np.conj(np.fft.rfft(weight, self._circle.transform_length, axis=1))

    def _back(self, turned: NDArray[np.complex128], spectrum: NDArray[np.complex128]) -> Floats:
        back = np.fft.irfft(turned * spectrum, self._circle.transform_length, axis=1)
        return np.asarray(back[:, : len(self._circle)])


def _weights_at(values: Floats) -> list[Weights]:
    """Return the places of each set that are not zero, with their values."""
    found = []
    for row in values:
        places = np.flatnonzero(row)
        found.append(list(zip(places.tolist(), row[places].tolist(), strict=True)))
    return found
