r"""Statistics of many event sets on one circle, each made from those of the set before it.

Neighbours in a grid share most of their events. What is summed over events moved by k is a sum of slices of the circle,
one an event (`backtest.inference.moved`): so the sums of the next set are those of the last one, plus the slices of
events that came, minus the slices of events that went. Where two sets share little, the sums are made afresh.

Windows that overlap, c_k of `backtest.inference.circular_shift`, take two sums of the same kind: with w windows on a
session, :math:`w^2 = w + 2\binom{w}{2}`, and the last term is zero wherever nothing overlaps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from backtest.inference.circle import Circle
from backtest.inference.circular_shift import PRIOR, TIE
from backtest.model import Floats, Ints

AFRESH = 64
"""Sets after which the sums are made afresh, so that rounding errors do not add up."""
TRANSFORM = 36
"""Slices that take as long as a transform and back."""
ROWS = ("deviation", "expected", "realised")


class Look(NamedTuple):
    """What one event set gives at one horizon.

    Attributes
    ----------
    p_value : float
        Its own two-sided p; NaN without an event.
    sizes : ndarray of shape (M,), single precision
        The size of S_k in units of its root mean square over all shifts; entry 0 is observed. Zeros where all shifts
        give the same; empty without an event.
    """

    p_value: float
    sizes: np.ndarray


NO_LOOK = Look(float("nan"), np.zeros(0, dtype=np.float32))


def looks_along(circle: Circle, events: Sequence[Ints]) -> Iterator[Look]:
    """Yield what each event set gives, as `shift_statistics` and `shift_p_values` would, in order.

    Parameters
    ----------
    circle : Circle
        The circle, of M sessions.
    events : sequence of ndarray
        Each set's places on the circle, as `Circle.ranks` gives them. Neighbours that share events cost least.
    """
    chain = _Chain(circle)
    return (chain.look(places) if len(places) else NO_LOOK for places in events)


class _Chain:
    def __init__(self, circle: Circle) -> None:
        self._circle, m = circle, len(circle)
        series = np.array([circle.twice(name) for name in ROWS])
        self._events = _Sums(series, m, lambda weights: _turned(circle, weights, ROWS))
        # By parts: a sum of weights times squares is one of the weights' steps times running sums of the squares.
        running = -circle.running_squares[None, :]
        self._windows, self._pairs = (_Sums(running, m, self._turned_steps) for _ in range(2))

    def look(self, places: Ints) -> Look:
        at, counts = (places, _ones(len(places))) if (np.diff(places) > 0).all() else _counted(places)
        held = Held(self._circle, at, counts)
        deviation, expected, realised = self._events.of(at, counts)
        weight = held.n / (PRIOR + held.n) * self._varying(held)
        squared = np.maximum(realised, 0.0)
        squared *= weight
        squared += PRIOR * held.alike / (PRIOR + held.n) * expected
        return _look(np.divide(deviation * deviation, squared, out=squared))

    def _varying(self, held: Held) -> Floats | float:
        """Return c_k."""
        if held.most <= 1.0:
            return 1.0
        whole = self._circle.running_squares[len(self._circle)]
        once = self._windows.of(*held.steps) + held.last * whole
        twice = self._pairs.of(*held.pair_steps) + held.last * (held.last - 1.0) / 2.0 * whole
        once, twice = np.maximum(once[0], 0.0), twice[0]
        least = TIE * once.max()
        if once.min() > least:
            return np.asarray(1.0 + 2.0 * (twice / once))
        known = once > least  # a span without any change has no overlap of changes
        return np.where(known, 1.0 + 2.0 * (twice / np.where(known, once, 1.0)), held.alike)

    def _turned_steps(self, steps: Floats) -> Floats:
        weights = np.cumsum(steps)  # short of what the last place adds to every shift
        return _turned(self._circle, weights, ("square",))


class Held:
    """How many windows hold each session of the circle, as a step function.

    Parameters
    ----------
    circle : Circle
        The circle, of M sessions.
    at : ndarray of shape (n,)
        Places with events, rising.
    counts : ndarray of shape (n,)
        How many stand there.

    Attributes
    ----------
    steps : (ndarray, ndarray)
        Where the number of windows changes, and by how much.
    pair_steps : (ndarray, ndarray)
        The same of the number of pairs of windows.
    last, most : float
        Windows that hold the last session of the circle, and the most that hold any.
    alike, n : float
        c and N, as `constant_overlap` has them.
    """

    def __init__(self, circle: Circle, at: Ints, counts: Floats) -> None:
        m = len(circle)
        ends = at + np.minimum(circle.lengths[at], m)
        self.last = float(counts @ (ends >= m))
        where = np.concatenate((at, np.where(ends >= m, ends - m, ends)))
        order = np.argsort(where, kind="stable")
        where, steps = where[order], np.concatenate((counts, -counts))[order]
        heights = self.last + np.cumsum(steps)
        widths = np.empty(len(where))
        widths[:-1] = np.diff(where)
        widths[-1] = where[0] + m - where[-1]
        once = heights * widths
        total, squares = float(once.sum()), float(once @ heights)
        self.alike, self.n = squares / total, total * total / squares
        self.most = float(heights.max(where=widths > 0, initial=0.0))
        before = np.concatenate(([self.last], heights[:-1]))
        self.steps = where, steps
        self.pair_steps = where, (heights * (heights - 1.0) - before * (before - 1.0)) / 2.0


class _Sums:
    """Sums of series over weights moved by k; the last ones are kept for the next.

    Parameters
    ----------
    series : ndarray of shape (n_series, 2 m or more)
        Twice around the circle.
    m : int
        Sessions of the circle.
    turned : callable
        Makes the sums of given weights by transforms.
    """

    def __init__(self, series: Floats, m: int, turned: Callable[[Floats], Floats]) -> None:
        self._series, self._m, self._turned = series, m, turned
        self._weights, self._places, self._age = np.zeros(m), np.zeros(0, dtype=np.int64), 0
        self._total = np.zeros((len(series), m))

    def of(self, places: Ints, weights: Floats) -> Floats:
        """Return the sums, of shape (n_series, m), of weights at places, which may repeat; read them before the next.

        They are left as they are when others are asked for, and used again if those are near.
        """
        new = np.zeros(self._m)
        np.add.at(new, places, weights)
        both = np.concatenate((self._places, places))
        changed = both[new[both] != self._weights[both]]
        self._age += 1
        if self._age > AFRESH or len(changed) > TRANSFORM:
            self._weights, self._age = np.zeros(self._m), 0
            self._total[:] = 0.0
            changed = places
            if len(places) > TRANSFORM:
                self._weights, self._places, self._total = new, places, self._turned(new)
                return self._total
        self._add(np.unique(changed), new)
        self._weights, self._places = new, places
        return self._total

    def _add(self, places: Ints, new: Floats) -> None:
        for place, count in zip(places.tolist(), (new - self._weights)[places].tolist(), strict=True):
            cut = self._series[:, place : place + self._m]
            if abs(count) == 1.0:  # most are: no need of a product
                (np.add if count > 0 else np.subtract)(self._total, cut, out=self._total)
            else:
                self._total += count * cut


def _ones(n: int) -> Floats:
    return np.ones(n)


def _counted(places: Ints) -> tuple[Ints, Floats]:
    at, counts = np.unique(places, return_counts=True)
    return at, counts.astype(float)


def _turned(circle: Circle, weights: Floats, names: Sequence[str]) -> Floats:
    sets = np.conj(np.fft.rfft(weights, circle.transform_length))
    found = np.empty((len(names), len(circle)))
    for row, name in zip(found, names, strict=True):
        row[:] = np.fft.irfft(sets * circle.spectrum(name), circle.transform_length)[: len(circle)]
    return found


def _look(squares: Floats) -> Look:
    """Return the own p and the sizes, of the squares of S_k."""
    least = np.sqrt(squares[0]) * (1.0 - TIE) - TIE
    p = np.count_nonzero(squares >= least * least) / len(squares) if least > 0 else 1.0
    mean = float(squares.mean())
    if mean <= TIE * TIE:  # every shift gives the same, as when all sessions are events: dust must not count as a look
        return Look(p, np.zeros(len(squares), dtype=np.float32))
    sizes = np.divide(squares, mean, dtype=np.float32, casting="same_kind")
    return Look(p, np.sqrt(sizes, out=sizes))
