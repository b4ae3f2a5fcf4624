"""Streaks: a history whose streaks can be counted by hand, one with a gap, and published Russell 2000 returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from backtest.detect.builtin.streak import detect
from backtest.detect.episodes import find_episodes, take_events
from backtest.model import Condition, Floats, Prices, SeriesInfo
from backtest.selftest.witnessed import Check, compare

MADE = [np.nan, 0.02, 0.02, 0.02, 0.02, 0.0, 0.02, 0.02, 0.005, 0.02, 0.02, 0.02]
"""Returns: four large ones, two, and three at the end, still running."""
PUBLISHED = [0.0, 1.098, 3.572, 1.093, 1.804, 3.505]
"""The Russell 2000 on the five sessions to 2024-07-16, in percent, after a session without a change."""


def streak_checks() -> Iterator[Check]:
    """Count streaks of three at 1%."""
    condition = _detect(_levels(MADE), 3)
    met = [0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1]
    yield compare("sessions that end 3 at 1%", "by hand", met, condition.met)
    gap = _levels(MADE)
    gap[8] = np.nan  # two returns are missing: streaks that would include either of them are unknown
    known = [0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    yield compare("what is known around a missing level", "by hand", known, _detect(gap, 3).known)
    episodes = find_episodes(condition, 3)
    yield compare("first sessions of the streaks", "by hand", [1, 9], episodes.start)
    yield compare("last sessions of the streaks", "by hand", [4, 11], episodes.end)
    yield compare("day 0, with a cooldown of 7", "by hand", [3, 11], take_events(episodes, "trigger", 7, (0, 11)).day0)
    yield compare("day 0, with a cooldown of 8", "by hand", [3], take_events(episodes, "trigger", 8, (0, 11)).day0)
    real = _detect(_levels([np.nan, *(value / 100 for value in PUBLISHED)]), 5).met
    yield compare("5 at 1% on 2024-07-16", "published closes of the Russell 2000", [0, 0, 0, 0, 0, 0, 1], real)


def _levels(returns: Sequence[float]) -> Floats:
    return np.asarray(100 * np.cumprod([1.0, *(1 + value for value in returns[1:])]), dtype=np.float64)


def _detect(level: Floats, sessions: int) -> Condition:
    days = np.busday_offset("2020-01-01", np.arange(len(level)), roll="forward").astype("datetime64[D]")
    info = SeriesInfo("level", "made by hand", "price_index", "points")
    prices = Prices(days, {"level": level}, {"level": info}, {"small_index": "level"})
    return detect(prices, sessions=sessions)
