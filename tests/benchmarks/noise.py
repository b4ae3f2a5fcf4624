"""How often does a search in pure noise find something? Run: ``python tests/benchmarks/noise.py``.

A grid of 20 parameter sets at seven horizons is searched in histories without predictability. The smallest adjusted p
of the grid should fall below 5% in about 5% of them; the smallest own p shows what it would be without the adjustment.
With ``--alone`` the asset has no benchmark; with ``--one-set`` a single study stands in place of the grid, adjusted for
its horizons only; ``--sessions`` sets the length of the histories.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
from worlds import FIRST, SESSIONS, WORLDS, noise

from backtest.plan import plan_on
from backtest.tuning.grid import combinations, parse_grid
from backtest.tuning.search import search
from backtest.workspace import Workspace

GRID = ["detector.sessions=2,3,4,5", "detector.threshold=0.004:0.012:0.002"]
LARGE = ["detector.sessions=2,3,4,5,6", "detector.threshold=0.002:0.0115:0.0005"]
ONE_SET = ["detector.sessions=3", "detector.threshold=0.002"]
LEVEL = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=WORLDS, action="append")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--one-set", action="store_true")
    parser.add_argument("--large", action="store_true", help="a grid of 100 sets")
    options = parser.parse_args()
    fixed = {"episodes.cooldown": 0, **({"measure.benchmark": ""} if options.alone else {})}
    sets = combinations(parse_grid(ONE_SET if options.one_set else LARGE if options.large else GRID))
    for world in options.world or FIRST:
        began = time.perf_counter()
        adjusted, own, horizons = [], [], []
        for rng in np.random.default_rng(options.seed).spawn(options.histories):
            plan = plan_on(noise(world, rng, options.sessions), Workspace.find(), "streak5", fixed)
            found = search(plan, sets)
            adjusted.append(float(np.nanmin(found.p_adjusted)))
            own.append(float(np.nanmin(found.p_value)))
            horizons.append(found.p_value[:10])
        n = options.histories
        error = math.sqrt(LEVEL * (1 - LEVEL) / n)
        rejected = np.array(horizons) < LEVEL
        tried = np.isfinite(np.array(horizons))
        print(
            f"{world}: {n} histories of {options.sessions:,} sessions of {plan.dataset.title}, "
            f"{len(sets)} sets x {len(found.horizons)} horizons, "
            f"seed {options.seed}\n"
            f"  smallest adjusted p < 5%: {np.mean(np.array(adjusted) < LEVEL):.1%} "
            f"(Monte Carlo error {error:.1%} at 5%)\n"
            f"  smallest own p < 5%:      {np.mean(np.array(own) < LEVEL):.1%}\n"
            f"  own p < 5% by horizon:    "
            + ", ".join(
                f"{h}: {rejected[:, :, i].sum() / tried[:, :, i].sum():.1%}" for i, h in enumerate(found.horizons)
            )
            + f"\n  {time.perf_counter() - began:.0f} s"
        )


if __name__ == "__main__":
    main()
