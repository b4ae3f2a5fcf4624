"""The verdict's statistic, written down again: events moved one shift at a time, windows counted one by one."""

from __future__ import annotations

from collections import Counter


def slow_statistics(of, places):
    """Return S_k for every shift k.

    Parameters
    ----------
    of : Circle
        Or anything with its deviation, expected, realised, square and lengths (sequences of length M). The events'
        windows keep their lengths wherever they are moved to.
    places : sequence of int
        The events' places on the circle.
    """
    m, found = len(of.deviation), []
    for k in range(m):
        moved = [(int(place) + k) % m for place in places]
        windows = Counter((at + k + ahead) % m for at in map(int, places) for ahead in range(min(of.lengths[at], m)))
        once, twice = sum(windows.values()), sum(count**2 for count in windows.values())
        n = once**2 / twice
        shared = sum(count * of.square[t] for t, count in windows.items())
        varying = sum(count**2 * of.square[t] for t, count in windows.items()) / shared if shared else twice / once
        known, came = sum(of.expected[i] for i in moved), sum(of.realised[i] for i in moved)
        variance = (3 * twice / once * known + n * varying * came) / (3 + n)
        found.append(sum(of.deviation[i] for i in moved) / variance**0.5)
    return found


def slow_realised(levels, horizon):
    """Return the sum of squared changes of the spread's path over `horizon` steps from the first level on.

    Parameters
    ----------
    levels : sequence of sequence of float
        The asset's levels from entry on and, with a benchmark, the benchmark's.
    """
    path = [
        levels[0][step] / levels[0][0] - sum(other[step] / other[0] for other in levels[1:])
        for step in range(horizon + 1)
    ]
    return sum((path[step + 1] - path[step]) ** 2 for step in range(horizon))
