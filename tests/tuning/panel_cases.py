"""A small simulated panel, held in memory, and a search on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from backtest.model import Dataset
from backtest.model.panel import Panel
from backtest.panel.from_frame import panel_of_frame
from backtest.plan import Plan
from backtest.spec.strategy import strategy_of_text
from backtest.tuning.grid import combinations
from backtest.tuning.panel_search import search_panel

TEXT = """
schema = 1
title = "Three up"
[detector]
use = "streak"
series = "close"
sessions = 3
threshold = 0.005
[measure]
asset = "close"
benchmark = "market"
horizons = [1, 5]
"""
GRID = {"detector.sessions": [2, 3, 9], "detector.threshold": [0.0, 0.01], "episodes.cooldown": [0, 8]}
SESSIONS = 400


@dataclass(frozen=True)
class Held:
    """A panel in memory, as a source."""

    panel: Panel

    @property
    def assets(self):
        return self.panel.assets

    def read(self, fields=("close",)):
        return self.panel


def panel_of(seed=2, effect=0.0, keep=SESSIONS, redrawn=99) -> Panel:
    """Six assets; the second begins late, the third has holes, the fourth ends early.

    With an effect, an asset that rose twice rises by so much more on the session after. From session `keep` on, the
    moves are drawn anew.
    """
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2001-01-01", periods=SESSIONS)
    market, moves = rng.normal(0, 0.01, SESSIONS), rng.normal(0, 0.02, (SESSIONS, 6))
    other = np.random.default_rng(redrawn)
    market[keep:], moves[keep:] = other.normal(0, 0.03, SESSIONS - keep), other.normal(0, 0.05, (SESSIONS - keep, 6))
    for t in range(2, SESSIONS) if effect else ():
        moves[t] += effect * ((moves[t - 2] > 0) & (moves[t - 1] > 0))
    wide = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), days, list("ABCDEF"))
    wide.iloc[:150, 1], wide.iloc[60:63, 2], wide.iloc[250:, 3] = np.nan, np.nan, np.nan
    long = wide.rename_axis("session").reset_index().melt("session", var_name="symbol", value_name="close").dropna()
    common = Dataset.from_frame(pd.DataFrame({"market": 100 * np.exp(market.cumsum())}, index=days))
    return panel_of_frame(long, common)


def plan_for(panel: Panel, more: str = "") -> Plan:
    data = Dataset("small-panel", "Small panel", True, "0" * 64, panel.common)
    return Plan(strategy_of_text(TEXT + more, Path("three_panel.toml")), replace(data, panel=Held(panel)))


def searched(panel: Panel, grid=None, more: str = "", **how):
    return search_panel(plan_for(panel, more), combinations(grid or GRID), **how)
