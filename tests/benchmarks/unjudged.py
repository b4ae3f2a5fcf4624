"""How often does the test reject in noise where many sessions cannot be judged?

Run: ``python tests/benchmarks/unjudged.py``. The detector's series misses a block in the middle of the history and
short gaps elsewhere, so that a third of the sessions cannot be judged and no event can be there. Nothing can be
predicted. In the world ``drift`` small caps lead while sessions can be judged and lag where they cannot: an event at
random is no better than the sessions beside it, but better than the history. Own p-values below 5% are counted twice:
with the sessions that can be judged as base rate and circle, as a study takes them, and with every session of the
sample window.
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import replace

import numpy as np
from worlds import noise

from backtest.inference.horizons import infer
from backtest.measure.summaries import summarise_events
from backtest.model import Dataset, Prices
from backtest.plan import plan_on
from backtest.study.base_rate import BaseRate, eligible_sessions, measure_every_session
from backtest.study.detect_events import detect_events
from backtest.workspace import Workspace

WORLDS = ("iid", "gjr", "drift")
LEVEL = 0.05
SESSIONS = 4000
BLOCK = (1500, 2600)
GAPS = 20
"""Short gaps of 1 to 21 sessions, at random."""
DRIFT = 0.0005
"""Daily spread of the world ``drift``: so much above zero outside the block, so much below it inside."""
HORIZONS = [1, 5, 21, 63, 252]
SETTINGS = {"detector.sessions": 2, "detector.threshold": 0.01, "episodes.cooldown": 0, "measure.horizons": HORIZONS}


def world(name: str, rng: np.random.Generator) -> Dataset:
    """Simulate a world in which the detector's series is missing on many sessions."""
    made = noise("iid" if name == "drift" else name, rng, SESSIONS)
    columns = dict(made.prices.columns)
    missing = np.zeros(SESSIONS, dtype=bool)
    missing[slice(*BLOCK)] = True
    for begin in rng.integers(1, SESSIONS - 22, GAPS):
        missing[begin : begin + rng.integers(1, 22)] = True
    if name == "drift":
        columns["small"] = columns["small"] * np.cumprod(1 + np.where(missing, -DRIFT, DRIFT))
    columns["small_index"] = np.where(missing, np.nan, columns["small_index"])
    prices = made.prices
    return replace(made, prices=Prices(prices.sessions, columns, prices.series))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=WORLDS, action="append")
    options = parser.parse_args()
    for name in options.world or WORLDS:
        began, judged, p = time.perf_counter(), [], {"sessions that can be judged": [], "every session": []}
        for rng in np.random.default_rng(options.seed).spawn(options.histories):
            plan = plan_on(world(name, rng), Workspace.find(), "streak5", SETTINGS)
            detection = detect_events(plan)
            every = measure_every_session(plan.dataset.prices, plan.strategy.measure)
            eligible = eligible_sessions(detection, "trigger", every)
            window = np.zeros(SESSIONS, dtype=bool)
            window[detection.window[0] : detection.window[1] + 1] = True
            day0 = detection.events.day0
            for how, sessions in zip(p, (eligible, window), strict=True):
                circles, n = BaseRate(every, sessions).circles, summarise_events(every.forward, day0).n
                (found,) = infer([circles], day0, [n])
                tests = [one.test for one in found]
                p[how].append([np.nan if test.p_value is None else test.p_value for test in tests])
            judged.append(eligible.mean())
        error = math.sqrt(LEVEL * (1 - LEVEL) / options.histories)
        print(
            f"{name}: {options.histories} histories of {SESSIONS} sessions, {np.mean(judged):.0%} of them judged, "
            f"seed {options.seed}\n"
            f"  own p < 5% at {', '.join(map(str, HORIZONS))} sessions (Monte Carlo error {error:.1%} at 5%)"
        )
        for how, found in p.items():
            tried = np.isfinite(found)
            shares = (np.array(found) < LEVEL).sum(axis=0) / tried.sum(axis=0)
            print(f"  {how + ':':<28} {', '.join(f'{share:.1%}' for share in shares)}")
        print(f"  {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
