"""How often do two studies that nothing tells apart seem to differ? Run: ``python tests/benchmarks/differences.py``.

In histories without predictability two event sets are compared at several horizons, as `compare` does. The share of
histories with p at or below 5% should be about 5%, also where the same effect is planted after both, because the null
is that both are followed by the same. ``--effect`` is in standard deviations of the spread over the horizon, and is
planted after the sets named ``alike`` (both) and ``one`` (only the first, which shows the power).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator

import numpy as np

from backtest.calibration.named_worlds import SIMULATED
from backtest.calibration.planting import planted
from backtest.calibration.signals import Signal, find_events
from backtest.calibration.world_task import history
from backtest.comparison.sides import side_of
from backtest.inference.contrast import Side, contrast
from backtest.model import horizons_of
from backtest.study.base_rate import BaseRate, measure_legs

LEVEL, LAG = 0.05, 0
WORLDS = {world.name: world for world in SIMULATED if not world.induced}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--sessions", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=WORLDS, action="append")
    parser.add_argument("--horizons", default="1,5,21,126")
    parser.add_argument("--effect", type=float, default=1.0)
    options = parser.parse_args()
    horizons = tuple(int(one) for one in options.horizons.split(","))
    error = math.sqrt(LEVEL * (1 - LEVEL) / options.histories)
    print(f"{options.histories} histories, seed {options.seed}; Monte Carlo error {error:.1%} at 5%")
    print("world".ljust(10), "compared".ljust(28), *(f"h = {h}".rjust(9) for h in horizons))
    for world in options.world or WORLDS:
        rejected: dict[str, list[list[float]]] = {}
        for rng in np.random.default_rng(options.seed).spawn(options.histories):
            for column, horizon in enumerate(horizons):
                for name, p in judged(WORLDS[world], rng, horizon, options.sessions, options.effect):
                    rejected.setdefault(name, [[] for _ in horizons])[column].append(p)
        for name, columns in rejected.items():
            shares = (f"{np.mean(np.array(one) <= LEVEL):.1%}".rjust(9) for one in columns)
            print(world.ljust(10), name.ljust(28), *shares, flush=True)


def judged(world, rng, horizon, sessions, effect) -> Iterator[tuple[str, float]]:
    n = world.length(sessions)
    returns = world.simulate(rng, n - 1)
    asset = np.concatenate(([np.nan], returns[0]))
    first, last = (round(share * n) for share in world.span)
    few, some, moves, dates = (
        find_events(Signal(kind, size), asset, (first, last - 2), rng)
        for kind, size in (("streak", 5), ("streak", 30), ("move", 30), ("random", 30))
    )
    made = history(returns, [])
    whole = of(made.legs, made.eligible, horizon)
    yield "streak 5, streak 30 (nested)", p_of(whole(few), whole(some))
    yield "streak 30, move 30", p_of(whole(some), whole(moves))
    yield "streak 30, random 30", p_of(whole(some), whole(dates))
    yield "streak 5, random 30", p_of(whole(few), whole(dates))
    pairs = [(i, i) for i in range(len(some))]
    yield "30 pairs, a session later", p_of(whole(some), whole(some + 1), pairs)
    yield "5 pairs, a session later", p_of(whole(few), whole(few + 1), pairs[: len(few)])
    alone = [of([leg], made.eligible, horizon) for leg in made.legs]
    yield "two assets, 30 moves", p_of(alone[0](moves), alone[1](moves))
    yield "two assets, streak, random", p_of(alone[0](some), alone[1](dates))
    up = float(np.nanstd(asset)) / 3
    three, four = runs(asset, 3, up), runs(asset, 4, up)
    yield "runs of 3, of 4", p_of(whole(three), whole(four))
    later = {int(day): at for at, day in enumerate(four)}
    selected = [(at, later[int(day) + 1]) for at, day in enumerate(three) if int(day) + 1 in later]
    yield "the same, where 3 became 4", p_of(whole(three), whole(four), selected)
    size = effect * float(np.std(whole(some).circle.deviation))
    both = of(planted(made.legs, np.union1d(some, dates), LAG, horizons_of([horizon])[0], size), made.eligible, horizon)
    yield "alike: streak 30, random 30", p_of(both(some), both(dates))
    one = of(planted(made.legs, some, LAG, horizons_of([horizon])[0], size), made.eligible, horizon)
    yield "one: streak 30, random 30", p_of(one(some), one(dates))


def runs(asset, length, least):
    """Day 0 of every run of so many returns of at least so much."""
    met = np.lib.stride_tricks.sliding_window_view(np.nan_to_num(asset) >= least, length).all(axis=1)
    flags = np.concatenate((np.zeros(length - 1, dtype=bool), met))
    return np.flatnonzero(flags & ~np.concatenate(([False], flags[:-1])))


def of(legs, eligible, horizon):
    base_rate = BaseRate(measure_legs(list(legs), horizons_of([horizon]), LAG), eligible)
    dates = np.arange(len(eligible))
    return lambda day0: side_of(base_rate, 0, dates, day0)


def p_of(first: Side, second: Side, pairs=None) -> float:
    p = contrast(first, second, pairs).p_value
    return math.nan if p is None else p


if __name__ == "__main__":
    main()
