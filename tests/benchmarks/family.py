"""How often does a search find something, in noise and with an effect? Run: ``python tests/benchmarks/family.py``.

A grid of 100 parameter sets is searched at one horizon, in histories without predictability: how often is the smallest
adjusted p at most 5%, what is left outside the years that chose, and how often is the best of one half of a history
below the median in the other? ``--events moves`` takes large falls, which cluster where volatility is high, in place of
streaks; a long ``--horizon`` makes windows overlap. ``--spa`` asks the bootstrap, too.

``--planted`` raises the asset by so many points over the window of each event of one set of the grid. Then it is
counted how often that set is found: by the p that counts the search, by Bonferroni, and by its own p, as if nothing
else had been tried. Bonferroni is given the normal p of the studentised excess: the p of the shifts is hardly ever
below 0.05/100, because shifts by a few sessions meet most of the effect, too.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from worlds import SESSIONS, WORLDS, noise

from backtest.model import Dataset
from backtest.plan import Plan
from backtest.spec.strategy import Strategy, load_strategy
from backtest.tuning.grid import combinations, parse_grid
from backtest.tuning.overfitting import overfitting
from backtest.tuning.pieces import Pieces
from backtest.tuning.scores import signed_scores
from backtest.tuning.search import Search, search
from backtest.tuning.superior_ability import superior_ability
from backtest.tuning.walk_forward import Rules, walk_forward
from backtest.workspace import Workspace

GRIDS = {
    "streaks": ["detector.sessions=2,3,4,5", "detector.threshold=0:0.012:0.0005"],
    "moves": ["detector.sessions=1,2,3,5", "detector.threshold=0.01:0.034:0.001"],
}
DETECTORS = {"streaks": 'use = "streak"', "moves": 'use = "move"\ndirection = "down"'}
TRUE = {
    "streaks": {"detector.sessions": 3, "detector.threshold": 0.004},
    "moves": {"detector.sessions": 2, "detector.threshold": 0.026},
}
LEVEL = 0.05


def strategy_of(events: str, horizon: int) -> Strategy:
    text = (
        f'schema = 1\ntitle = "Noise"\n[detector]\nseries = "small_index"\n{DETECTORS[events]}\n'
        f'[measure]\nasset = "small"\nbenchmark = "mega"\nhorizons = [{horizon}]\n'
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise.toml"
        path.write_text(text)
        return load_strategy(path)


def raised(data: Dataset, day0: np.ndarray, points: float, horizon: int) -> Dataset:
    """Raise the asset after these events; what the detector reads stays as it is."""
    prices, drift = data.prices, np.zeros(len(data.prices))
    for day in day0:
        drift[day + 1 : day + 1 + horizon] += points / 100 / horizon
    columns = {**prices.columns, "small": prices.close("small") * np.cumprod(1.0 + drift)}
    return replace(data, prices=replace(prices, columns=columns))


def figures(found: Search, true: int, spa: bool) -> list[float]:
    pieces = Pieces(found, 0, "p_adjusted")
    walked = walk_forward(pieces, Rules())
    asked = superior_ability(pieces) if spa else None
    nan = math.nan
    told = (
        float(np.nanmin(found.p_adjusted)),
        float(found.p_adjusted[true, 0]),
        float(found.p_value[true, 0]),
        walked.outside.excess,
        walked.outside.p_value,
        walked.outside.n,
        overfitting(pieces).pbo,
        asked.p_value if asked else None,
        (true in asked.winners) if asked else None,
        float(found.n[true, 0]),
        math.erfc(abs(signed_scores(found, "t", 0)[true]) / math.sqrt(2.0)),
    )
    return [nan if one is None else float(one) for one in told]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=WORLDS, action="append")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--events", choices=GRIDS, default="streaks")
    parser.add_argument("--horizon", type=int, default=21)
    parser.add_argument("--planted", type=float, action="append", metavar="POINTS")
    parser.add_argument("--spa", action="store_true", help="ask the bootstrap, too: slow")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth threshold")
    options = parser.parse_args()
    grid, workspace = parse_grid(GRIDS[options.events]), Workspace.find()
    sets = combinations({**grid, "detector.threshold": grid["detector.threshold"][:: options.every]})
    true, strategy = sets.index(TRUE[options.events]), strategy_of(options.events, options.horizon)
    for world in options.world or ["gjr"]:
        for points in options.planted or [0.0]:
            began, rows = time.process_time(), []
            for rng in np.random.default_rng(options.seed).spawn(options.histories):
                data = noise(world, rng, options.sessions)
                if points:
                    day0 = search(Plan(strategy, data, workspace), [sets[true]], inference=False).trials[0].day0
                    data = raised(data, day0, points, options.horizon)
                rows.append(figures(search(Plan(strategy, data, workspace), sets), true, options.spa))
            least, adjusted, own, outside, p, n, pbo, superior, stepwise, events, normal = np.array(rows).T
            known = np.isfinite(outside) & (n > 0)
            pooled = float((n * outside)[known].sum() / n[known].sum())
            error = float(np.sqrt(((n * (outside - pooled))[known] ** 2).sum()) / n[known].sum())
            print(
                f"{world}, {options.events} at {options.horizon} sessions, {len(sets)} sets, {options.histories} "
                f"histories of {options.sessions:,}, seed {options.seed}, planted {points:g} points:\n"
                f"  smallest adjusted p <= 5%: {np.mean(least <= LEVEL):.1%}; outside {pooled * 100:+.3f} points an "
                f"event ({error * 100:.3f}), p <= 5%: {np.mean(p[known] <= LEVEL):.1%}; PBO {np.nanmean(pbo):.2f} "
                f"({np.nanstd(pbo, ddof=1) / math.sqrt(np.isfinite(pbo).sum()):.3f})\n"
                f"  set {true + 1} (about {np.mean(events):.0f} events): found with all looks counted "
                f"{np.mean(adjusted <= LEVEL):.1%}, by Bonferroni {np.mean(normal * len(sets) <= LEVEL):.1%}, alone "
                f"{np.mean(own <= LEVEL):.1%}"
                + (f"\n  SPA p <= 5%: {np.nanmean(superior <= LEVEL):.1%}; StepM finds the set: "
                   f"{np.nanmean(stepwise):.1%}" if options.spa else "")
                + f"\n  {time.process_time() - began:.0f} s of CPU time",
                flush=True,
            )  # fmt: skip


if __name__ == "__main__":
    main()
