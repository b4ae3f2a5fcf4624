"""A second, slow version of the circular shift: events moved one shift at a time, windows counted one by one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """What the test needs to know about M sessions, as plain numbers.

    Attributes
    ----------
    deviation, expected, realised, square : sequence of float
        For each session as day 0: the spread minus its mean, the expected and the realised variance of its window, and
        the squared change on the window's first session.
    horizon : int
        In sessions.
    """

    deviation: Sequence[float]
    expected: Sequence[float]
    realised: Sequence[float]
    square: Sequence[float]
    horizon: int


def slow_statistics(sample: Sample, places: Sequence[int]) -> list[float]:
    """Return S_k for every shift k, session by session."""
    m, found = len(sample.deviation), []
    for k in range(m):
        moved = [(place + k) % m for place in places]
        windows = Counter((place + step) % m for place in moved for step in range(sample.horizon))
        once, twice = sum(windows.values()), sum(count**2 for count in windows.values())
        worth = once**2 / twice
        shared = sum(count * sample.square[t] for t, count in windows.items())
        overlap = sum(count**2 * sample.square[t] for t, count in windows.items()) / shared
        known, came = sum(sample.expected[t] for t in moved), sum(sample.realised[t] for t in moved)
        variance = (3 * (twice / once) * known + worth * overlap * came) / (3 + worth)
        found.append(sum(sample.deviation[t] for t in moved) / math.sqrt(variance))
    return found


def slow_standardised(sample: Sample) -> Sample:
    """Return the sample of effects in units of their expected volatility, minus their weighted mean."""
    root = [math.sqrt(value) for value in sample.expected]
    weighted = sum(y / s for y, s in zip(sample.deviation, root, strict=True)) / sum(1 / s for s in root)
    effects = [(y - weighted) / s for y, s in zip(sample.deviation, root, strict=True)]
    came = [v / s**2 for v, s in zip(sample.realised, root, strict=True)]
    return Sample(effects, [1.0] * len(effects), came, sample.square, sample.horizon)


def slow_p(statistics: Sequence[float]) -> float:
    """Return the share of shifts whose statistic is at least as large as the one observed."""
    observed = abs(statistics[0])
    return sum(abs(s) >= observed - 1e-9 * (1 + observed) for s in statistics) / len(statistics)
