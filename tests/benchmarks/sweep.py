"""How fast a sweep is, with a p for everything tried, against loops that have none.

Run: ``python tests/benchmarks/sweep.py [--sets 10000] [--jobs N] [--dataset sample]``.

A grid of streaks (sessions x cooldown x threshold) at seven horizons is swept with the p for the whole search over all
shifts, and without any p. The same sets are tried in the obvious pandas loop, and through vectorbt's IndicatorFactory
and FIXLB, both on some of the sets, evenly spread, and without a p; forward returns are made once for all of them, and
are not timed. What the loops give is compared with the sweep. Times are by wall clock, and by CPU of all processes.
"""

from __future__ import annotations

import argparse
import os
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from backtest.plan import Plan, make_plan
from backtest.tuning.search import Search, search
from backtest.workspace import Workspace

SESSIONS, COOLDOWNS = (2, 3, 4, 5, 6), (0, 2, 5, 10, 21)
ASKED_WITH_P, ASKED_WITHOUT, ASKED_VECTORBT, MOST_MEMORY = 5, 100, 20, 1e9
LOOPED, HELD = 200, 500
"""Sets that the pandas loop tries, and that vectorbt holds: every set takes half a megabyte in it."""

Means = dict[int, np.ndarray]


class Cost(NamedTuple):
    """Seconds a set."""

    wall: float
    cpu: float


def grid(sets: int) -> list[dict[str, Any]]:
    """Return about so many sets; thresholds from 0.2% to 2.2%."""
    values = np.linspace(0.002, 0.022, max(sets // (len(SESSIONS) * len(COOLDOWNS)), 1), endpoint=False)
    return [
        {"detector.sessions": sessions, "episodes.cooldown": cooldown, "detector.threshold": round(float(value), 7)}
        for sessions in SESSIONS
        for cooldown in COOLDOWNS
        for value in values
    ]


def cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


def timed(work: Callable[[], Any], sets: int) -> tuple[Any, Cost]:
    wall, before = time.perf_counter(), cpu()
    result = work()
    return result, Cost((time.perf_counter() - wall) / sets, (cpu() - before) / sets)


def outside_cooldown(at: np.ndarray, cooldown: int) -> list[int]:
    kept: list[int] = []
    for position in at.tolist():
        if not kept or position - kept[-1] > cooldown:
            kept.append(position)
    return kept


def pandas_loop(close: pd.Series, spread: pd.DataFrame, window: slice, sets: Sequence[dict[str, Any]]) -> list[Any]:
    """Return count, mean, hit rate and excess of each set, set by set."""
    found = []
    inside = np.zeros(len(close), dtype=bool)
    inside[window] = True
    for one in sets:
        high = close.pct_change() >= one["detector.threshold"]
        streak = high.rolling(one["detector.sessions"]).sum() == one["detector.sessions"]
        trigger = streak & ~streak.shift(fill_value=False) & inside
        events = outside_cooldown(np.flatnonzero(trigger), one["episodes.cooldown"])
        after = spread.iloc[events]
        mean = after.mean()
        found.append((after.count().to_numpy(), mean.to_numpy(), (after > 0).mean(), mean - spread[inside].mean()))
    return found


def vectorbt_sweep(close: pd.Series, inside: np.ndarray, sets: Sequence[dict[str, Any]], at: Sequence[int]) -> Any:
    """Return the mean return of each set and horizon, through an indicator and the labels of FIXLB.

    FIXLB labels one price, so the spread is that of the labels of two.
    """
    import vectorbt as vbt

    def signals(price: np.ndarray, sessions: int, threshold: float, cooldown: int) -> np.ndarray:
        column = pd.Series(price[:, 0])
        streak = (column.pct_change() >= threshold).rolling(int(sessions)).sum() == sessions
        flags = np.zeros(price.shape, dtype=bool)
        trigger = streak & ~streak.shift(fill_value=False) & inside
        flags[outside_cooldown(np.flatnonzero(trigger), int(cooldown))] = True
        return flags

    factory = vbt.IndicatorFactory(
        input_names=["price"], param_names=["sessions", "threshold", "cooldown"], output_names=["signal"]
    ).from_apply_func(signals)
    keys = ("detector.sessions", "detector.threshold", "episodes.cooldown")
    run = factory.run(close, *([one[key] for one in sets] for key in keys))
    asset, benchmark = (vbt.FIXLB.run(price, n=list(at)).labels for price in (VECTORBT["asset"], VECTORBT["benchmark"]))
    labels = asset - benchmark
    return [labels.iloc[:, column].vbt.tile(len(sets)).where(run.signal.to_numpy()).mean() for column in range(len(at))]


VECTORBT: dict[str, pd.Series] = {}


def compared(plan: Plan, found: Search, sets: list[dict[str, Any]]) -> tuple[Cost, Cost, float]:
    """Time the loops on some sets, and return how far their means are from those of the sweep, too."""
    prices, base_rate = plan.dataset.prices, found.trials[0].base_rate
    close = pd.Series(prices.close(str(plan.parameters["detector.series"])))
    spread = pd.DataFrame(base_rate.forward.judged)
    eligible = np.flatnonzero(base_rate.eligible)
    window = slice(int(eligible[0]), int(eligible[-1]) + 1)
    some = list(range(0, len(sets), max(len(sets) // LOOPED, 1)))
    looped, loop = timed(lambda: pandas_loop(close, spread, window, [sets[i] for i in some]), len(some))
    apart = max(
        float(np.nanmax(np.abs(one[1] - found.mean[i]), initial=0.0)) for i, one in zip(some, looped, strict=True)
    )
    assert all(np.array_equal(one[0], found.n[i]) for i, one in zip(some, looped, strict=True)), "other events"
    for leg in ("asset", "benchmark"):
        VECTORBT[leg] = pd.Series(prices.close(str(plan.parameters[f"measure.{leg}"])))
    inside = np.zeros(len(close), dtype=bool)
    inside[window] = True
    held = [sets[i] for i in range(0, len(sets), max(len(sets) // HELD, 1))]
    vectorbt_sweep(close, inside, held[:2], found.horizons)  # compiles
    _, vectorbt = timed(lambda: vectorbt_sweep(close, inside, held, found.horizons), len(held))
    return loop, vectorbt, apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--dataset", default=None)
    options = parser.parse_args()
    plan = make_plan(Workspace.find(), "streak5", options.dataset)
    sets = grid(options.sets)
    search(plan, sets[:3])  # loads what a search needs
    plain, without = timed(lambda: search(plan, sets, inference=False), len(sets))
    found, swept = timed(lambda: search(plan, sets, jobs=options.jobs), len(sets))
    peak = 1e3 * sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    assert np.array_equal(plain.mean, found.mean, equal_nan=True)
    loop, vectorbt, apart = compared(plan, found, sets)
    shifts = max(len(circle) for circle in found.trials[0].base_rate.circles)
    print(
        f"{len(sets):,} sets ({found.event_sets:,} different sets of events) x {len(found.horizons)} horizons x "
        f"{shifts:,} shifts of {plan.dataset.name}, {options.jobs} processes; load {os.getloadavg()[0]:.1f}; "
        f"largest difference from the loop's means {apart:.0e}"
    )
    for name, cost in (("with p", swept), ("without p", without), ("pandas loop", loop), ("vectorbt", vectorbt)):
        print(f"  {name:12} {1e3 * cost.wall:8.3f} ms a set by wall clock, {1e3 * cost.cpu:8.3f} by CPU")
    for name, other, ours, asked in (
        ("with p against the loop", loop, swept, ASKED_WITH_P),
        ("without p against the loop", loop, without, ASKED_WITHOUT),
        ("without p against vectorbt", vectorbt, without, ASKED_VECTORBT),
    ):
        print(f"  {name}: {other.wall / ours.wall:.1f} times by wall clock, {other.cpu / ours.cpu:.1f} by CPU; {asked}")
    print(
        f"  peak memory, with that of the largest child: {peak / 1e6:.0f} MB; at most {MOST_MEMORY / 1e6:.0f} MB; "
        f"{1e3 * swept.wall * len(sets) / max(found.event_sets, 1):.2f} ms a different set with p"
    )


if __name__ == "__main__":
    main()
