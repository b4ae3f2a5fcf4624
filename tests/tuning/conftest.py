"""Histories of marks, which the sets of a search differ by."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.tuning.grid import combinations
from backtest.tuning.search import search

GRID = {"detector.least": [1.0, 2.0, 3.0], "episodes.cooldown": [0, 4]}
SESSIONS = 400


def made(seed=7, effect=0.0, keep=SESSIONS, redrawn=99):
    """Levels of A and B and marks from 0 to 3; from session `keep` on they are drawn anew."""
    rng = np.random.default_rng(seed)
    marks = rng.choice([0.0, 1.0, 2.0, 3.0], SESSIONS, p=[0.7, 0.1, 0.1, 0.1])
    daily = rng.normal(0, 0.01, (2, SESSIONS))
    daily[0, 1:] += np.where(marks[:-1] == 3, effect, 0.0)
    other = np.random.default_rng(redrawn)
    marks[keep:] = other.choice([0.0, 3.0], SESSIONS - keep)
    daily[:, keep:] = other.normal(0, 0.03, (2, SESSIONS - keep))
    a, b = 100 * np.cumprod(1 + daily, axis=1)
    return {"A": a, "B": b, "M": marks}


@pytest.fixture
def search_of(history_of, plan_of):
    """Search a grid, or sets, on a history of `made`; `more` is added to the strategy's file."""

    def build(grid=GRID, more="", **how):
        plan = plan_of(history_of(made(**how), kinds={"M": "rate"}), None, more)
        return search(plan, combinations(grid) if isinstance(grid, dict) else list(grid))

    return build
