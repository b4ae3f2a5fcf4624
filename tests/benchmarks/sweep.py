"""How fast a sweep is, with a p for everything tried, against loops that have none.

Run: ``python tests/benchmarks/sweep.py [--sets 10000] [--jobs N] [--dataset sample]``.

A grid of streaks (sessions x cooldown x threshold) at seven horizons is swept with the p for the whole search over all
shifts, and without any p. Some of the sets, evenly spread, are tried without a p in two pandas loops and through
vectorbt's IndicatorFactory and FIXLB:

- *pandas loop*: a function of prices and one parameter set, called for each. It finds the events with ``pct_change``,
  ``rolling`` and ``shift``, makes the spread of seven forward returns with ``pct_change`` and ``shift``, and takes
  count, mean, hit rate and excess at the events.
- *lean loop*: the same, but the forward returns and their means were made before, once for all sets, and are not timed.

What the loops give is compared with the sweep. Times are by wall clock, and by CPU of all processes.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from backtest.cli import COLLECT_AFTER
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


class History(NamedTuple):
    """Closes of the detector's series and of both legs, the horizons, and the sessions that events may fall on."""

    close: pd.Series
    asset: pd.Series
    benchmark: pd.Series
    horizons: tuple[int, ...]
    inside: np.ndarray


def events_of(of: History, one: dict[str, Any]) -> list[int]:
    high = of.close.pct_change() >= one["detector.threshold"]
    streak = high.rolling(one["detector.sessions"]).sum() == one["detector.sessions"]
    trigger = streak & ~streak.shift(fill_value=False) & of.inside
    return outside_cooldown(np.flatnonzero(trigger), one["episodes.cooldown"])


def natural(of: History, one: dict[str, Any]) -> tuple[np.ndarray, ...]:
    """Return count, mean, hit rate and excess by horizon, all made from prices."""
    events, rows = events_of(of, one), []
    for h in of.horizons:
        spread = of.asset.pct_change(h).shift(-h) - of.benchmark.pct_change(h).shift(-h)
        after = spread.iloc[events]
        n, mean = after.count(), after.mean()
        rows.append((n, mean, (after > 0).sum() / max(n, 1), mean - spread[of.inside].mean()))
    return tuple(np.array(column) for column in zip(*rows, strict=True))


def lean(of: History, spread: pd.DataFrame, base: pd.Series, one: dict[str, Any]) -> tuple[np.ndarray, ...]:
    """Return the same, of forward returns that were made before."""
    after = spread.iloc[events_of(of, one)]
    mean = after.mean()
    return after.count().to_numpy(), mean.to_numpy(), (after > 0).mean().to_numpy(), (mean - base).to_numpy()


def vectorbt_sweep(of: History, sets: Sequence[dict[str, Any]]) -> Any:
    """Return the mean return of each set and horizon, through an indicator and the labels of FIXLB.

    FIXLB labels one price, so the spread is that of the labels of two.
    """
    import vectorbt as vbt

    def signals(price: np.ndarray, sessions: int, threshold: float, cooldown: int) -> np.ndarray:
        column = pd.Series(price[:, 0])
        streak = (column.pct_change() >= threshold).rolling(int(sessions)).sum() == sessions
        flags = np.zeros(price.shape, dtype=bool)
        trigger = streak & ~streak.shift(fill_value=False) & of.inside
        flags[outside_cooldown(np.flatnonzero(trigger), int(cooldown))] = True
        return flags

    factory = vbt.IndicatorFactory(
        input_names=["price"], param_names=["sessions", "threshold", "cooldown"], output_names=["signal"]
    ).from_apply_func(signals)
    keys = ("detector.sessions", "detector.threshold", "episodes.cooldown")
    run = factory.run(of.close, *([one[key] for one in sets] for key in keys))
    asset, benchmark = (vbt.FIXLB.run(price, n=list(of.horizons)).labels for price in (of.asset, of.benchmark))
    labels, signal = asset - benchmark, run.signal.to_numpy()
    return [labels.iloc[:, column].vbt.tile(len(sets)).where(signal).mean() for column in range(len(of.horizons))]


def history_of(plan: Plan, found: Search) -> History:
    """Return what the loops start from."""
    series = (str(plan.parameters[key]) for key in ("detector.series", "measure.asset", "measure.benchmark"))
    closes = [pd.Series(plan.dataset.prices.close(name)) for name in series]
    eligible = np.flatnonzero(found.trials[0].base_rate.eligible)
    inside = np.zeros(len(closes[0]), dtype=bool)
    inside[eligible[0] : eligible[-1] + 1] = True
    return History(*closes, tuple(map(int, found.horizons)), inside)


def checked(found: Search, some: Sequence[int], looped: Sequence[tuple[np.ndarray, ...]]) -> float:
    """Return how far the means of a loop are from those of the sweep; the events must be the same."""
    assert all(np.array_equal(one[0], found.n[i]) for i, one in zip(some, looped, strict=True)), "other events"
    return max(
        float(np.nanmax(np.abs(one[1] - found.mean[i]), initial=0.0)) for i, one in zip(some, looped, strict=True)
    )


def compared(plan: Plan, found: Search, sets: list[dict[str, Any]]) -> tuple[Cost, Cost, Cost, float]:
    """Time the loops and vectorbt on some sets, and return how far the loops are from the sweep, too."""
    of = history_of(plan, found)
    spread = pd.DataFrame(found.trials[0].base_rate.forward.judged)
    base = spread[of.inside].mean()
    some = list(range(0, len(sets), max(len(sets) // LOOPED, 1)))
    looped, loop = timed(lambda: [natural(of, sets[i]) for i in some], len(some))
    shorter, least = timed(lambda: [lean(of, spread, base, sets[i]) for i in some], len(some))
    apart = max(checked(found, some, one) for one in (looped, shorter))
    held = [sets[i] for i in range(0, len(sets), max(len(sets) // HELD, 1))]
    vectorbt_sweep(of, held[:2])  # compiles
    _, vectorbt = timed(lambda: vectorbt_sweep(of, held), len(held))
    return loop, least, vectorbt, apart


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--dataset", default=None)
    options = parser.parse_args()
    gc.set_threshold(COLLECT_AFTER)  # as the command does
    plan = make_plan(Workspace.find(), "streak5", options.dataset)
    sets = grid(options.sets)
    search(plan, sets[:3])  # loads what a search needs
    plain, without = timed(lambda: search(plan, sets, inference=False), len(sets))
    found, swept = timed(lambda: search(plan, sets, jobs=options.jobs), len(sets))
    peak = 1e3 * sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    assert np.array_equal(plain.mean, found.mean, equal_nan=True)
    loop, least, vectorbt, apart = compared(plan, found, sets)
    shifts = max(len(circle) for circle in found.trials[0].base_rate.circles)
    print(
        f"{len(sets):,} sets ({found.event_sets:,} different sets of events) x {len(found.horizons)} horizons x "
        f"{shifts:,} shifts of {plan.dataset.name}, {options.jobs} processes; load {os.getloadavg()[0]:.1f}; "
        f"largest difference of the loops' means {apart:.0e}"
    )
    costs = {"with p": swept, "without p": without, "pandas loop": loop, "lean loop": least, "vectorbt": vectorbt}
    for name, cost in costs.items():
        print(f"  {name:12} {1e3 * cost.wall:8.3f} ms a set by wall clock, {1e3 * cost.cpu:8.3f} by CPU")
    for name, other, ours, asked in (
        ("with p against the loop", loop, swept, ASKED_WITH_P),
        ("without p against the loop", loop, without, ASKED_WITHOUT),
        ("with p against the lean loop", least, swept, None),
        ("without p against the lean loop", least, without, None),
        ("without p against vectorbt", vectorbt, without, ASKED_VECTORBT),
    ):
        goal = "" if asked is None else f"; {asked} are asked"
        print(f"  {name}: {other.wall / ours.wall:.1f} times by wall clock, {other.cpu / ours.cpu:.1f} by CPU{goal}")
    print(
        f"  peak memory, with that of the largest child: {peak / 1e6:.0f} MB; at most {MOST_MEMORY / 1e6:.0f} MB; "
        f"{1e3 * swept.wall * len(sets) / max(found.event_sets, 1):.2f} ms a different set with p"
    )


if __name__ == "__main__":
    main()
