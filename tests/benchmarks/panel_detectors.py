"""Each detector that can read an asset, on blocks of assets and on one asset after the other, from closes to episodes.

python tests/benchmarks/panel_detectors.py                  400 simulated assets x 6,500 sessions
python tests/benchmarks/panel_detectors.py --assets 2000    more of them

CPU seconds of this process, the best of several runs; both ways are timed in turn, and must find the same episodes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from backtest.detect.episodes import find_episodes
from backtest.detect.tree import answers_of, make_recipe
from backtest.model import Prices, SeriesInfo
from backtest.model.panel import Panel
from backtest.panel.on_block import Detectors
from backtest.spec.strategy import parse_strategy

SESSIONS, RUNS = 6_500, 3
CASES = {
    "streak": {},
    "move": {},
    "breadth": {"against": "market"},
    "change": {"threshold": 5.0},
    "divergence": {"against": "market"},
    "drawdown": {},
    "drawdown of 252": {"lookback": 252},
    "level": {"threshold": 200.0},
    "moving_average": {},
    "new_high": {},
    "new_high of 252": {"lookback": 252},
    "relative": {"against": "market"},
    "volatility": {},
    "year_to_date": {},
    "year_to_date, share": {"share": 0.5},
}
"""Default parameters, but for these."""
WITHIN = {
    "detector": {"within": ["high", "down"], "sessions": 21},
    "conditions": {
        "high": {"use": "new_high", "series": "close"},
        "down": {"use": "streak", "series": "close", "sessions": 3, "direction": "down"},
    },
}
"""A high, and then three sessions down."""


def simulated(assets: int) -> Panel:
    """Return a panel of fat-tailed returns, listings and delistings, one asset after another in memory."""
    rng, at = np.random.default_rng(1), np.arange(SESSIONS)
    close = 100 * np.exp((rng.standard_t(4, (assets, SESSIONS)) * 0.012).cumsum(axis=1))
    close[at < rng.integers(0, 2_000, (assets, 1))] = np.nan
    close[at >= SESSIONS - rng.integers(0, 1_000, (assets, 1))] = np.nan
    market = 100 * np.exp(rng.normal(0, 0.01, SESSIONS).cumsum())
    of_market = SeriesInfo("market", "Market", "price_index", "")
    common = Prices(np.datetime64("1999-01-04") + at, {"market": market}, {"market": of_market})
    names = tuple(f"A{asset}" for asset in range(assets))
    return Panel(names, {"close": close.T}, SeriesInfo("close", "Simulated", "price_index", ""), common, simulated=True)


def recipe_of(name, more):
    tables = more if name == "within" else {"detector": {"use": name.split()[0].strip(","), "series": "close", **more}}
    return make_recipe(parse_strategy({"schema": 1, "title": name, **tables}, Path("one.toml")))


def one_after_the_other(recipe, panel):
    for prices in panel.each():
        seen = prices.published()
        whole = answers_of(recipe, lambda one: one.detector.condition(seen, one.values))["detector"]  # noqa: B023
        yield find_episodes(whole.condition, whole.length)


def on_blocks(recipe, panel):
    return (episodes for _, _, episodes in Detectors(recipe, {}).episodes(panel))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assets", type=int, default=400)
    panel = simulated(parser.parse_args().assets)
    closes = np.isfinite(panel.close).sum()
    print(f"{len(panel):,} simulated assets x {SESSIONS:,} sessions, {closes:,} closes; µs of CPU a close")
    for name, more in {**CASES, "within": WITHIN}.items():
        recipe, best, found = recipe_of(name, more), {}, {}
        for _ in range(RUNS):
            for way in (one_after_the_other, on_blocks):
                begun = time.process_time()
                of_some = [(len(one), int(one.trigger.sum())) for one in way(recipe, panel)]
                found[way] = np.sum(of_some, axis=0).tolist()
                best[way] = min(best.get(way, np.inf), time.process_time() - begun)
        same = "same episodes" if len({tuple(one) for one in found.values()}) == 1 else "OTHER EPISODES"
        alone, block = (seconds / closes * 1e6 for seconds in best.values())
        print(f"{name:20} alone {alone:7.4f}  block {block:7.4f}  {alone / block:5.1f} times  {same}", flush=True)


if __name__ == "__main__":
    main()
