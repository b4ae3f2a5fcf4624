"""Daily shocks of the three simulated indices: fat tails, volatility that clusters, a common factor.

Each index is a loading on the market factor plus a factor of its own. Every factor follows a GJR-GARCH
recursion (Glosten, Jagannathan and Runkle, 1993) with Student t innovations, times a slow scale. The scale is
larger in years in which the pinned index fell or went its own way, in the year after a fall, and around the
pinned streaks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.data.sample.facts import Facts
from backtest.data.sample.sessions import year_of
from backtest.model import Bools, Floats, Sessions

MARKET, SMALL, TECH = 0, 1, 2
"""Columns of the factor arrays: the market factor, then the factors of small caps and tech."""

DAILY_VOLATILITY = (0.0132, 0.0062, 0.0070)
SMALL_LOADING, TECH_LOADING = 1.08, 1.15
DEGREES_OF_FREEDOM = 5
STREAK_REACH = 60
"""Sessions before and after a pinned streak over which its volatility fades in and out."""


@dataclass(frozen=True, eq=False)
class IndexShocks:
    """Log returns of the indices before they are bridged to the year-end levels.

    Attributes
    ----------
    returns : ndarray of shape (n_sessions, 3)
        Small, market, tech.
    volatility : ndarray of shape (n_sessions, 3)
        Standard deviation of each return, given the past.
    free : ndarray of shape (n_sessions,)
        False on the sessions of the pinned streaks, whose small-cap return is the published one.
    """

    returns: Floats
    volatility: Floats
    free: Bools


def index_shocks(sessions: Sessions, facts: Facts, rng: np.random.Generator) -> IndexShocks:
    """Draw the daily log returns of the three indices, the pinned streaks in place."""
    pinned = streak_returns(sessions, facts)
    free = np.isnan(pinned)
    scale = slow_scale(sessions, facts, pinned)
    z = rng.standard_t(DEGREES_OF_FREEDOM, size=(len(sessions), 3)) * np.sqrt(1 - 2 / DEGREES_OF_FREEDOM)
    leverage, symmetric = (0.02, 0.11, 0.915), (0.05, 0.0, 0.93)
    sd = np.column_stack([clustering(z[:, k], *(leverage if k == MARKET else symmetric)) for k in range(3)])
    sd *= scale * np.array(DAILY_VOLATILITY)
    factor = sd * z
    factor[~free, MARKET] = _market_given_small(pinned[~free], sd[~free], z[~free, MARKET])
    market = factor[:, MARKET]
    small = np.where(free, SMALL_LOADING * market + factor[:, SMALL], pinned)
    tech = TECH_LOADING * market + factor[:, TECH]
    returns = np.column_stack([small, market, tech])
    return IndexShocks(returns, _index_volatility(sd), free)


def clustering(z: Floats, alpha: float, gamma: float, beta: float) -> Floats:
    """Return the GJR-GARCH standard deviation per session, of unit variance on average, driven by `z`."""
    omega = 1 - alpha - gamma / 2 - beta
    variance = np.ones(len(z))
    for t in range(1, len(z)):
        news = alpha + (gamma if z[t - 1] < 0 else 0.0)
        variance[t] = omega + (news * z[t - 1] * z[t - 1] + beta) * variance[t - 1]
    return np.sqrt(variance)


def streak_returns(sessions: Sessions, facts: Facts) -> Floats:
    """Return the published log return of the small-cap index on the streaks' sessions, NaN elsewhere."""
    pinned = np.full(len(sessions), np.nan)
    for streak in facts.streaks:
        last = int(np.searchsorted(sessions, np.datetime64(streak.end, "D")))
        first = last - len(streak.returns_pct) + 1
        pinned[first : last + 1] = np.log1p(np.array(streak.returns_pct) / 100)
    return pinned


def slow_scale(sessions: Sessions, facts: Facts, pinned: Floats) -> Floats:
    """Return the slow scale of each factor's volatility, of shape (n_sessions, 3)."""
    years = sorted(facts.year_end)[1:]
    annual = np.array([np.log(np.array(facts.year_end[y]) / np.array(facts.year_end[y - 1])) for y in years])
    small, market, tech = annual[:, 0], annual[:, 1], annual[:, 2]
    before = np.concatenate([[0.0], market[:-1]])
    fall = -1.0 * market - 0.6 * before
    by_year = np.column_stack([fall, 0.6 * np.abs(small - market), 0.6 * np.abs(tech - market)])
    middle = np.array([np.flatnonzero(year_of(sessions) == year).mean() for year in years])
    position = np.arange(len(sessions), dtype=np.float64)
    logs = np.column_stack([np.interp(position, middle, by_year[:, k]) for k in range(3)])
    usual = np.hypot(SMALL_LOADING * DAILY_VOLATILITY[MARKET], DAILY_VOLATILITY[SMALL])
    for streak in facts.streaks:
        last = int(np.searchsorted(sessions, np.datetime64(streak.end, "D")))
        run = pinned[last - len(streak.returns_pct) + 1 : last + 1]
        peak = max(0.0, float(np.log(np.sqrt(np.mean(run**2)) / usual)))
        nearness = np.clip(1 - np.abs(position - last) / STREAK_REACH, 0.0, 1.0)
        logs += peak * nearness[:, None]
    scale: Floats = np.exp(logs)
    return scale


def _market_given_small(small: Floats, sd: Floats, z: Floats) -> Floats:
    """Draw the market factor given the small-cap return: its conditional mean, plus what is left."""
    total = (SMALL_LOADING * sd[:, MARKET]) ** 2 + sd[:, SMALL] ** 2
    mean = SMALL_LOADING * sd[:, MARKET] ** 2 / total * small
    left: Floats = sd[:, MARKET] * sd[:, SMALL] / np.sqrt(total) * z
    return mean + left


def _index_volatility(sd: Floats) -> Floats:
    small = np.sqrt((SMALL_LOADING * sd[:, MARKET]) ** 2 + sd[:, SMALL] ** 2)
    tech = np.sqrt((TECH_LOADING * sd[:, MARKET]) ** 2 + sd[:, TECH] ** 2)
    return np.column_stack([small, sd[:, MARKET], tech])
