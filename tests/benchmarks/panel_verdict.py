"""How long the verdict over all shifts of a panel takes, with its interval and the smallest effect found.

Run: ``python tests/benchmarks/panel_verdict.py [--assets 2000] [--sessions 6500] [--events 20000]``. Detection and
reading are not part of it. The machine may be busy, so CPU time is what counts; at most 15 seconds are asked for.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np

from backtest.model import Prices, SeriesInfo, horizons_of
from backtest.model.panel import OWN, Panel
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import CommonBenchmark
from backtest.panel.panel_forward import measure_panel
from backtest.panel.panel_inference import infer_on_panel

HORIZONS = (1, 5, 10, 21, 63, 126)
ASKED = 15.0


def drawn(assets: int, sessions: int, events: int) -> tuple[Panel, PanelEvents]:
    """Draw a panel with a factor, and events at random places."""
    rng = np.random.default_rng(1)
    factor = 0.01 * rng.standard_normal((sessions, 1))
    close = np.empty((sessions, assets))
    for column in range(assets):
        close[:, column] = np.exp(np.cumsum(0.02 * rng.standard_normal(sessions) + factor[:, 0]))
    days = np.busday_offset(np.datetime64("1995-01-02"), np.arange(sessions))
    info = SeriesInfo("market", "", "total_return_index", "simulated")
    common = Prices(days, {"market": np.exp(np.cumsum(factor[:, 0]))}, {"market": info})
    panel = Panel(tuple(map(str, range(assets))), {OWN: close}, info, common, simulated=True)
    place = np.sort(rng.choice(assets * sessions, events, replace=False))
    asset, day0 = np.divmod(place, sessions)
    return panel, PanelEvents(asset, day0, day0, np.isfinite(close))


def main() -> None:
    """Time it."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in (("assets", 2000), ("sessions", 6500), ("events", 20_000)):
        parser.add_argument(f"--{name}", type=int, default=value)
    asked = parser.parse_args()
    panel, events = drawn(asked.assets, asked.sessions, asked.events)
    benchmark = CommonBenchmark(panel.common.close("market"))
    forward = measure_panel(panel, events, horizons_of(list(HORIZONS)), benchmark)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    found = infer_on_panel(panel, events, forward, benchmark)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    dates = len(np.unique(events.day0))
    print(f"{asked.assets:,} assets, {asked.sessions:,} sessions, {asked.events:,} events on {dates:,} dates")
    print(
        f"six horizons, all shifts: {wall:.1f} s, {cpu:.1f} s of CPU time (asked for: {ASKED:.0f}), {more:.0f} MB more"
    )
    print("p:", *(f"{p:.3f}" for p in found.p_value))


if __name__ == "__main__":
    main()
