"""A placebo on real markets: signals without information, on every long series of a dataset.

Nothing is simulated and no sign is redrawn: the returns are real. Only the dates are made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backtest.calibration.calendar_rules import calendar_dates
from backtest.calibration.judges import judge
from backtest.calibration.one_history import rejections
from backtest.calibration.signals import Signal, find_events
from backtest.calibration.tally import Tally, counted
from backtest.errors import StudyRefused
from backtest.measure.forward import Leg
from backtest.model import Asked, Dataset, Floats, Ints, Prices, Sessions, horizons_of
from backtest.study.base_rate import BaseRate, measure_legs

SIZES = (5, 10, 30, 100, 300)
KINDS = ("random", "clustered", "shifted", "calendar")
"""Random dates; random dates in clusters; the series' own streaks, moved by a random number of sessions; dates by
calendar rules. Moved dates are rejected in 5% of cases by construction; all other kinds are a real test."""
BATCH = len(SIZES) * len(KINDS)
"""Signals that are judged together: one of each kind and size."""
CHUNK = 2
YEARS = 20
PUBLISHED, PUBLISHED_FROM = 0.051, 30
"""The best published figure for such a trial: at most 5.1% with 30 events or more."""


@dataclass(frozen=True, eq=False)
class Market:
    """One series as it was, with every session as day 0."""

    sessions: Sessions
    returns: Floats
    base_rate: BaseRate


@dataclass(frozen=True, eq=False)
class PlaceboTask:
    """What is counted on real markets; each number stands for a batch of signals on one series.

    Attributes
    ----------
    dataset : Dataset
        The history.
    series : tuple of str
        Its long series, which take turns.
    batches : int
        Number of batches for each of them.
    horizons : tuple of int or str
        In order of their length.
    seed : int
        Together with the number of a batch, it determines all signals.
    """

    dataset: Dataset
    series: tuple[str, ...]
    batches: int
    horizons: tuple[Asked, ...]
    seed: int

    @property
    def chunk(self) -> int:
        """Batches that are counted and stored together."""
        return CHUNK

    def tally(self, number: int) -> Tally:
        """Judge one batch; one row per kind and size."""
        rng = np.random.default_rng([self.seed, number])
        market = self._market(self.series[number // self.batches])
        events = [knowing_nothing(kind, n, market, rng) for kind in KINDS for n in SIZES]
        return counted(rejections(judge(market.base_rate, events)))

    @cached_property
    def _last(self) -> dict[str, Market]:
        return {}

    def _market(self, name: str) -> Market:
        """Measure a series, once for consecutive batches."""
        if name not in self._last:
            self._last.clear()
            self._last[name] = market_of(self.dataset.prices, name, self.horizons)
        return self._last[name]

    @property
    def rows(self) -> tuple[str, ...]:
        """The names of the rows."""
        return tuple(f"{kind} n = {n}" for kind in KINDS for n in SIZES)


def market_of(prices: Prices, name: str, horizons: Sequence[Asked]) -> Market:
    """Measure one series alone from its first to its last level."""
    has = np.flatnonzero(np.isfinite(prices.columns[name]))
    part = slice(int(has[0]), int(has[-1]) + 1)
    level = prices.columns[name][part]
    returns = np.full(len(level), np.nan)
    returns[1:] = level[1:] / level[:-1] - 1.0
    asked = horizons_of(horizons, prices.sessions_a_year)
    every = measure_legs([Leg(level, level)], asked, 0, prices.sessions[part])
    return Market(prices.sessions[part], returns, BaseRate(every, np.isfinite(level)))


def knowing_nothing(kind: str, n: int, market: Market, rng: np.random.Generator) -> Ints:
    """Return dates without information on the returns that follow them.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    n : int
        Number of dates.
    market : Market
        The series.
    rng : numpy.random.Generator
        Seeded by the caller.
    """
    sessions = len(market.sessions)
    if kind == "calendar":
        return calendar_dates(market.sessions, n, rng)
    if kind == "shifted":
        real = find_events(Signal("streak", n), np.nan_to_num(market.returns, nan=-1.0), (0, sessions - 1), rng)
        return np.sort((real + rng.integers(sessions)) % sessions)
    return find_events(Signal(kind, n), market.returns, (0, sessions - 1), rng)


def placebo_task(dataset: Dataset, signals: int, horizons: Sequence[Asked], seed: int) -> PlaceboTask:
    """Spread at least the given number of signals over the long series of a history.

    Raises
    ------
    StudyRefused
        It has no series of levels that is long enough.
    """
    prices = dataset.prices
    series = tuple(name for name in prices.series if _is_long(prices, name))
    if not series:
        raise StudyRefused(
            f"dataset '{dataset.name}': no series of levels is {YEARS} years long.",
            "Choose another dataset; 'backtest show DATASET' lists spans.",
        )
    rising = tuple(one.label for one in horizons_of(set(horizons), prices.sessions_a_year))
    return PlaceboTask(dataset, series, -(-signals // (BATCH * len(series))), rising, seed)


def _is_long(prices: Prices, name: str) -> bool:
    if prices.series[name].basis is None or name not in prices.columns:
        return False
    has = np.flatnonzero(np.isfinite(prices.columns[name]))
    return len(has) > 0 and bool(prices.sessions[has[-1]] - prices.sessions[has[0]] >= np.timedelta64(YEARS * 365, "D"))
