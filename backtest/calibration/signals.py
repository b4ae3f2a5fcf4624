"""Signals for worlds: dates that depend on past returns, or on nothing at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Floats, Ints

KINDS = ("streak", "move", "random", "clustered", "consecutive")
BLIND = ("random", "clustered", "consecutive")
"""Kinds that do not look at prices."""
STREAK = 3
"""Sessions of a streak."""
APART = 3
"""Minimum number of sessions between two events of a streak or a move."""
CLUSTER, WITHIN = 5, 21
"""The number of events in a cluster, and the number of sessions that contain it."""


@dataclass(frozen=True, order=True)
class Signal:
    """A kind of signal, and the number of events that it should give."""

    kind: str
    n: int

    def __str__(self) -> str:
        return f"{self.kind} n = {self.n}"


TRIED = ("streak", "move", "random", "clustered")
"""Kinds that are tried if only sizes are given; no real signal consists of every session of a span."""
SIZES = (3, 13, 30, 100)


def _signals(**sizes: tuple[int, ...]) -> tuple[Signal, ...]:
    return tuple(Signal(kind, n) for kind, each in sizes.items() for n in each)


SIGNALS = _signals(streak=SIZES, move=(30, 100), random=(13, 100), clustered=(13, 100))
"""The default signals."""
BLIND_SIGNALS = _signals(random=SIZES, clustered=(13, 100))
"""The default in a world where events change the returns: a signal that looks at prices would see its own effect."""


def find_events(signal: Signal, returns: Floats, span: tuple[int, int], rng: np.random.Generator) -> Ints:
    """Return day 0 of a signal's events.

    Parameters
    ----------
    signal : Signal
        The signal to find.
    returns : ndarray of shape (n_sessions,)
        Daily returns of the asset; the first is missing.
    span : (int, int)
        First and last session position at which day 0 may lie.
    rng : numpy.random.Generator
        For the kinds that look at nothing.

    Returns
    -------
    ndarray of shape (n_events,)
        In increasing order, without duplicates; fewer than requested if there is no room for more.
    """
    first, last = max(span[0], STREAK), span[1]
    if signal.kind == "random":
        room = last - first + 1
        return np.sort(first + rng.choice(room, min(signal.n, room), replace=False))
    if signal.kind == "consecutive":
        n = min(signal.n, last - first + 1)
        return first + int(rng.integers(last - first + 2 - n)) + np.arange(n)
    if signal.kind == "clustered":
        return first + _clustered(signal.n, last - first + 1, rng)
    strength = _streak(returns) if signal.kind == "streak" else np.abs(returns)
    return first + _strongest(strength[first : last + 1], signal.n)


def _streak(returns: Floats) -> Floats:
    """Return the smallest of the last three returns."""
    result = np.full(len(returns), np.nan)
    result[STREAK:] = np.lib.stride_tricks.sliding_window_view(returns[1:], STREAK).min(axis=1)
    return result


def _strongest(strength: Floats, n: int) -> Ints:
    """Return about `n` places with the largest values, each more than `APART` sessions after the previous one.

    A threshold is found that leaves about `n` places. Choosing the largest among neighbours instead would look ahead: a
    place would count only because no later one is larger.
    """
    rising = np.sort(strength[np.isfinite(strength)])
    low, high = 0, len(rising)
    while high - low > 1:  # more candidates leave more places, apart from a few that fall too close to others
        middle = (low + high) // 2
        if len(_apart(np.flatnonzero(strength >= rising[-middle]))) >= n:
            high = middle
        else:
            low = middle
    return _apart(np.flatnonzero(strength >= rising[-high])) if len(rising) else np.zeros(0, dtype=np.int64)


def _apart(places: Ints) -> Ints:
    """Take places from the first on, without those within `APART` sessions after one already taken."""
    chosen: list[int] = []
    for place in places.tolist():
        if not chosen or place > chosen[-1] + APART:
            chosen.append(place)
    return np.array(chosen, dtype=np.int64)


def _clustered(n: int, room: int, rng: np.random.Generator) -> Ints:
    """Draw clusters of dates within a month; where two clusters overlap, duplicate dates are drawn again."""
    wanted, dates = min(n, room), set[int]()
    while len(dates) < wanted:
        begin = int(rng.integers(room))
        end = min(begin + WITHIN, room)
        size = min(CLUSTER, end - begin, wanted - len(dates))
        dates.update((begin + rng.choice(end - begin, size, replace=False)).tolist())
    return np.array(sorted(dates), dtype=np.int64)
