"""What a choice is worth outside its years, in noise and with an effect. Run: ``python tests/benchmarks/outside.py``.

A grid of 100 parameter sets is searched at one horizon. In noise the sets that the past chooses should gain nothing in
the blocks that follow, the probability of backtest overfitting should be near one half, and the smallest adjusted p
below 5% in about 5% of the histories. A mean over histories leans upwards a little: after a good block a choice with
few events stays, after a bad one it gives way to one with many, which dilute it. A mean over all events does not.
``--planted`` raises the asset by so many points over the 21 sessions after the events of one set of the grid.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import replace

import numpy as np
from worlds import SESSIONS, WORLDS, noise

from backtest.model import Dataset
from backtest.plan import plan_on
from backtest.tuning.grid import combinations, parse_grid
from backtest.tuning.overfitting import overfitting
from backtest.tuning.pieces import Pieces
from backtest.tuning.search import search
from backtest.tuning.walk_forward import Rules, walk_forward
from backtest.workspace import Workspace

GRID = ["detector.sessions=2,3,4,5", "detector.threshold=0:0.012:0.0005"]
TRUE = {"detector.sessions": 3, "detector.threshold": 0.004}
HORIZON = 21
FIXED = {"measure.horizons": [HORIZON]}


def planted(data: Dataset, points: float) -> Dataset:
    """Raise the asset after the events of the true set; what the detector reads stays as it is."""
    found = search(plan_on(data, Workspace.find(), "streak5", FIXED), [TRUE])
    prices, drift = data.prices, np.zeros(len(data.prices))
    for day in found.trials[0].day0:
        drift[day + 1 : day + 1 + HORIZON] += points / 100 / HORIZON
    columns = {**prices.columns, "small": prices.close("small") * np.cumprod(1.0 + drift)}
    return replace(data, prices=replace(prices, columns=columns))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=WORLDS, default="gjr")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--planted", type=float, default=0.0, metavar="POINTS")
    parser.add_argument("--objective", action="append", choices=["excess", "t", "p_adjusted", "hit_rate"])
    options = parser.parse_args()
    sets = combinations(parse_grid(GRID))
    objectives = options.objective or ["excess", "p_adjusted"]
    family: list[float] = []
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in objectives}
    for rng in np.random.default_rng(options.seed).spawn(options.histories):
        data = noise(options.world, rng, options.sessions)
        data = planted(data, options.planted) if options.planted else data
        found = search(plan_on(data, Workspace.find(), "streak5", FIXED), sets)
        family.append(float(np.nanmin(found.p_adjusted)))
        for name in objectives:
            pieces = Pieces(found, 0, name)
            walked, of = walk_forward(pieces, Rules()), overfitting(pieces)
            told = (walked.inside, walked.outside.excess, walked.outside.p_value, of.pbo, walked.outside.n)
            rows[name].append(tuple(math.nan if one is None else float(one) for one in told))
    print(
        f"{options.histories} histories ({options.world}, {options.sessions:,} sessions, seed {options.seed}), "
        f"{len(sets)} sets at {HORIZON} sessions, planted {options.planted:g} points\n"
        f"  smallest adjusted p < 5%: {np.mean(np.array(family) < 0.05):.1%}"
    )
    for name, values in rows.items():
        inside, outside, p, pbo, n = np.array(values).T
        known = np.isfinite(outside)
        error = float(np.std(outside[known], ddof=1) / math.sqrt(known.sum()))
        an_event = float((n * outside)[known].sum() / n[known].sum())
        of_event = float(np.sqrt(((n * (outside - an_event))[known] ** 2).sum()) / n[known].sum())
        a_history = f"{np.mean(outside[known]) * 100:+.3f} a history ({error * 100:.3f})"
        print(
            f"  by {name}: inside {np.nanmean(inside) * 100:+.2f} points, outside {an_event * 100:+.3f} an event "
            f"(standard error {of_event * 100:.3f}), {a_history}, "
            f"p outside < 5%: {np.mean(p[known] < 0.05):.1%}; "
            f"PBO: mean {np.nanmean(pbo):.2f}, median {np.nanmedian(pbo):.2f} "
            f"(standard error of the mean {np.nanstd(pbo, ddof=1) / math.sqrt(np.isfinite(pbo).sum()):.3f})"
        )


if __name__ == "__main__":
    main()
