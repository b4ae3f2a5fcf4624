"""How fast all shifts are, at seven horizons of one event set, against a NumPy loop over the shifts.

Run: ``python tests/benchmarks/shifts.py``. The loop is the obvious one: it moves the events, and adds up what they meet
by one indexing a series. Both are timed by wall clock and by CPU, and must give the same; 50 times is asked for.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from backtest.inference.circle import Circle, flags_of, overlap
from backtest.inference.circular_shift import PRIOR, shift_statistics
from backtest.measure.forward import Leg
from backtest.model import Floats, Ints, horizons_of
from backtest.study.base_rate import BaseRate, measure_legs

HORIZONS = (1, 5, 10, 21, 63, 126, 252)
EVENTS = (5, 30, 100)
SESSIONS = 9740
ASKED = 50

Work = Callable[[Sequence[Circle], Sequence[Ints]], list[Floats]]


def loop(circle: Circle, places: Ints) -> Floats:
    """Return S_k, shift by shift."""
    m = len(circle)
    windows = overlap(circle, flags_of(circle, [places]))[0]
    held = np.flatnonzero(windows)
    once = windows[held]
    twice = once**2
    alike, n = twice.sum() / once.sum(), once.sum() ** 2 / twice.sum()
    found = np.empty(m)
    for k in range(m):
        moved, spanned = (places + k) % m, circle.square[(held + k) % m]
        known, came = circle.expected[moved].sum(), circle.realised[moved].sum()
        varying = (twice @ spanned) / (once @ spanned)
        scale = np.sqrt((PRIOR * alike * known + n * varying * came) / (PRIOR + n))
        found[k] = circle.deviation[moved].sum() / scale
    return found


def circles(rng: np.random.Generator) -> list[Circle]:
    """Simulate two legs with nothing to predict, and collect their circles."""
    levels = [100 * np.cumprod(1 + rng.normal(0.0003, 0.01, SESSIONS)) for _ in range(2)]
    every = measure_legs([Leg(level, level) for level in levels], horizons_of(HORIZONS), 0)
    return BaseRate(every, np.ones(SESSIONS, dtype=bool)).circles


def in_a_loop(of: Sequence[Circle], places: Sequence[Ints]) -> list[Floats]:
    return [loop(circle, one) for circle, one in zip(of, places, strict=True)]


def at_once(of: Sequence[Circle], places: Sequence[Ints]) -> list[Floats]:
    return [shift_statistics(circle, [one])[0] for circle, one in zip(of, places, strict=True)]


def taken(work: Work, of: Sequence[Circle], places: Sequence[Ints]) -> tuple[list[Floats], float, float]:
    """Return what work gives, with its seconds by wall clock and by CPU."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work(of, places)
    return result, time.perf_counter() - wall, time.process_time() - cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    rng = np.random.default_rng(1)
    for n in EVENTS:
        of = circles(rng)
        day0 = np.sort(rng.choice(SESSIONS - HORIZONS[-1], n, replace=False))
        places = [circle.ranks(day0) for circle in of]
        slow, wall, cpu = taken(in_a_loop, of, places)
        ours = []
        for _ in range(repeats):
            fresh = [replace(circle) for circle in of]  # what a circle keeps for the next event set does not help
            fast, *seconds = taken(at_once, fresh, places)
            ours.append(seconds)
        apart = max(float(np.abs(a - b).max()) for a, b in zip(slow, fast, strict=True))
        our_wall, our_cpu = (statistics.median(column) for column in zip(*ours, strict=True))
        print(
            f"{n} events, {sum(map(len, of)):,} shifts at {len(HORIZONS)} horizons: {1e3 * our_cpu:.1f} ms CPU "
            f"({1e3 * our_wall:.1f} ms wall), the loop {cpu:.2f} s CPU ({wall:.2f} s wall): {cpu / our_cpu:.0f} times "
            f"by CPU, {wall / our_wall:.0f} by wall clock; {ASKED} asked for; largest difference {apart:.0e}"
        )


if __name__ == "__main__":
    main()
