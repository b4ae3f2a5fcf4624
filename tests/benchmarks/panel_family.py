"""How often a search of a simulated panel without predictability finds something: the p for the whole search.

``python tests/benchmarks/panel_family.py [--histories N] [--sessions N] [--seed S] [--spa]``: 40 assets that share a
factor, 12 sets of streaks at two horizons; with ``--spa``, also what the bootstrap of the whole search says.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from backtest.calibration.panel_task import panel_of
from backtest.calibration.panel_worlds import PanelWorld, simulate_panel
from backtest.model import Dataset
from backtest.model.panel import Panel
from backtest.plan import Plan
from backtest.spec.strategy import strategy_of_text
from backtest.tuning.evidence_of_search import gather
from backtest.tuning.grid import combinations
from backtest.tuning.panel_search import search_panel

TEXT = """
schema = 1
title = "Rises in a row"
[detector]
use = "streak"
series = "close"
[measure]
asset = "close"
benchmark = "{market}"
horizons = [5, 21]
"""
GRID = {"detector.sessions": [2, 3, 4], "detector.threshold": [0.0, 0.005, 0.01, 0.015]}


@dataclass(frozen=True)
class Held:
    """A panel in memory, as a source."""

    panel: Panel

    def read(self, fields: tuple[str, ...] = ("close",)) -> Panel:
        """Return it."""
        return self.panel


def main() -> None:
    """Search each history, and print how often the smallest adjusted p and the p outside are at most 5%."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--sessions", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spa", action="store_true")
    asked = parser.parse_args()
    superior: list[float] = []
    found, outside, excess, pbo = [], [], [], []
    for number in range(asked.histories):
        rng = np.random.default_rng([asked.seed, number])
        panel = panel_of(simulate_panel(PanelWorld("factor", "one factor"), rng, asked.sessions - 1))
        (market,) = panel.common.series
        strategy = strategy_of_text(TEXT.format(market=market), Path(tempfile.gettempdir()) / "rises.toml")
        data = replace(Dataset("simulated", "Simulated", True, "0" * 64, panel.common), panel=Held(panel))
        search = search_panel(Plan(strategy, data), combinations(GRID))
        of = gather(search, "p_adjusted", 0, with_bootstrap=asked.spa)
        superior += [of.superior.p_value] if asked.spa else []
        found.append(search.noise)
        outside.append(of.walked.outside.p_value)
        excess.append(of.walked.outside.excess)
        pbo.append(of.overfitting.pbo)
        if (number + 1) % 10 == 0:
            error = np.std(excess) / np.sqrt(len(excess))
            small = [f"{np.mean(np.array(values) <= 0.05):.1%}" for values in (found, outside)]
            words = f"smallest adjusted p <= 5% in {small[0]}, p outside in {small[1]}"
            gained = f"outside {np.mean(excess) * 100:+.3f} ({error * 100:.3f}) points"
            spa = f"; SPA {np.mean(np.array(superior) <= 0.05):.1%}" if asked.spa else ""
            print(f"{number + 1} histories: {words}; {gained}; PBO {np.mean(pbo):.2f}{spa}", flush=True)


if __name__ == "__main__":
    main()
