"""How often does a table of several assets find something in pure noise? Run: ``python tests/benchmarks/assets.py``.

Five assets with a common factor, no benchmark, seven horizons: the smallest adjusted p of the table should fall below
5% in about 5% of histories without predictability. With ``--late N`` the last asset has the last N sessions alone.
``--effect X`` adds X to the first asset's return over the 21 sessions after each event: how often it is then found.
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
from worlds import FIRST, SESSIONS

from backtest.calibration.volatility_worlds import LEVERAGED, garch_volatility
from backtest.model import Dataset, Prices, SeriesInfo
from backtest.plan import Plan
from backtest.spec.strategy import Strategy
from backtest.study.asset_result import measure_assets
from backtest.study.detect_events import detect_events

LEVEL = 0.05
ASSETS = ("A", "B", "C", "D", "E")
STUDY = Strategy.of(
    {"use": "streak", "series": "A", "sessions": 3, "threshold": 0.005},
    measure={"asset": list(ASSETS), "benchmark": ""},
)


def world(name: str, rng: np.random.Generator, sessions: int, late: int, effect: float) -> Plan:
    """Simulate the assets, and plant the effect after the events that they have without it."""
    shape = (sessions, len(ASSETS) + 1)
    shocks = rng.standard_normal(shape) if name == "iid" else rng.standard_t(5, shape) / np.sqrt(5 / 3)
    scale = np.full(sessions, 0.01) if name == "iid" else garch_volatility(shocks[:, 0], 0.01, LEVERAGED)
    returns = 0.7 * scale[:, None] * (shocks[:, :1] + shocks[:, 1:])
    if effect:
        day0 = detect_events(plan_of(returns, late)).events.day0
        for t in day0[day0 + 22 < sessions].tolist():
            returns[t + 1 : t + 22, 0] += effect / 21
        # The events stay those found without the effect: a list of dates, which the effect does not move.
        days = plan_of(returns, late).dataset.prices.sessions[day0].astype(str).tolist()
        listed = Strategy.of(days, measure={"asset": list(ASSETS), "benchmark": ""})
        return Plan(listed, plan_of(returns, late).dataset)
    return plan_of(returns, late)


def plan_of(returns: np.ndarray, late: int) -> Plan:
    """Make a plan on these returns."""
    levels = 100 * np.cumprod(1 + returns, axis=0)
    if late:
        levels[: len(levels) - late, -1] = np.nan
    days = np.busday_offset("1990-01-01", np.arange(len(levels)), roll="forward").astype("datetime64[D]")
    info = {name: SeriesInfo(name, name, "total_return_index", "points") for name in ASSETS}
    prices = Prices(days, dict(zip(ASSETS, levels.T, strict=True)), info)
    return Plan(STUDY, Dataset("noise", "Simulated noise", True, "", prices))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=FIRST, action="append")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--late", type=int, default=0)
    parser.add_argument("--effect", type=float, default=0.0)
    options = parser.parse_args()
    for name in options.world or FIRST:
        began, least, own, first = time.perf_counter(), [], [], []
        for rng in np.random.default_rng(options.seed).spawn(options.histories):
            plan = world(name, rng, options.sessions, options.late, options.effect)
            assets = measure_assets(plan, detect_events(plan))
            tests = [test for asset in assets for test in asset.null_tests if test.p_adjusted is not None]
            least.append(min(test.p_adjusted or 0.0 for test in tests))
            own.append(min(test.p_value or 0.0 for test in tests))
            first.append(min(test.p_adjusted or 0.0 for test in assets[0].null_tests if test.p_adjusted is not None))
        error = math.sqrt(LEVEL * (1 - LEVEL) / options.histories)
        print(
            f"{name}: {options.histories} histories of {options.sessions:,} sessions, {len(ASSETS)} assets x 7 "
            f"horizons, late {options.late}, effect {options.effect}, seed {options.seed}\n"
            f"  smallest adjusted p < 5%: {np.mean(np.array(least) < LEVEL):.1%} "
            f"(Monte Carlo error {error:.1%} at 5%)\n"
            f"  smallest own p < 5%:      {np.mean(np.array(own) < LEVEL):.1%}\n"
            f"  of the first asset, adjusted p < 5%: {np.mean(np.array(first) < LEVEL):.1%}\n"
            f"  {time.perf_counter() - began:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
