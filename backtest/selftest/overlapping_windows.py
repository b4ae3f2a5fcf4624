"""Overlapping windows: Newey and West by definition, and the error rate of a test that ignores overlap."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from backtest.inference.opinions.disagreement import overlap_of
from backtest.inference.opinions.distributions import normal_p
from backtest.inference.opinions.naive_t import naive_t
from backtest.inference.opinions.regression import hansen_hodrick, newey_west, regress
from backtest.model import Bools, Floats
from backtest.model.significance import stands_out
from backtest.selftest.witnessed import Check, compare

LAGS = 5
PUBLISHED = {5: 0.38, 20: 0.66, 60: 0.80}
"""How often a t-test on overlapping windows of this many sessions rejects at 5% without any effect."""
HISTORIES, SESSIONS = 1000, 3000
CRITICAL = 1.96


def regression_checks() -> Iterator[Check]:
    """Compare both z with a double loop over pairs of sessions."""
    rng = np.random.default_rng(6)
    returned = np.convolve(rng.normal(0, 0.01, 204), np.ones(LAGS), "valid")
    events = np.zeros(len(returned), dtype=np.bool_)
    events[rng.choice(len(returned), 30, replace=False)] = True
    found = regress(returned, np.ones(len(returned), dtype=np.bool_), events, LAGS)
    near = [1 - lag / (LAGS + 1) for lag in range(LAGS + 1)]
    for opinion, weights in ((newey_west(found), near), (hansen_hodrick(found), [1.0] * LAGS)):
        z = _slow_z(returned, events, weights)
        witness = "its definition, pair by pair"
        yield compare(f"z, {opinion.method.name}", witness, z, opinion.statistic or math.nan, 1e-12)
        yield compare(f"p, {opinion.method.name}", witness, normal_p(z), opinion.p_value or math.nan, 1e-12)


def _slow_z(returned: Floats, events: Bools, weights: list[float]) -> float:
    values, flags = returned.tolist(), events.tolist()
    after = [value for value, flag in zip(values, flags, strict=True) if flag]
    usual = [value for value, flag in zip(values, flags, strict=True) if not flag]
    means = sum(after) / len(after), sum(usual) / len(usual)
    parts = [
        (value - means[0]) / len(after) if flag else (means[1] - value) / len(usual)
        for value, flag in zip(values, flags, strict=True)
    ]
    variance = 0.0
    for s, one in enumerate(parts):
        for t in range(max(s - len(weights) + 1, 0), min(s + len(weights), len(parts))):
            variance += weights[abs(s - t)] * one * parts[t]
    return float((means[0] - means[1]) / math.sqrt(variance))


def size_checks() -> Iterator[Check]:
    """Compare the error rate of the naive t with its closed form, in general and in seeded noise.

    If every session is an event, each session is in h windows, and the mean varies h times as much as the t-test
    assumes: it rejects in 2 Phi(-1.96 / sqrt(h)) of cases.
    """
    every = np.arange(SESSIONS)
    for horizon, known in PUBLISHED.items():
        closed = normal_p(CRITICAL / math.sqrt(horizon))
        yield compare(f"size of t, {horizon} sessions: closed form", f"published: {known:.0%}", known, closed, 0.005)
        begins = (0, SESSIONS - 1, horizon)
        counted = [sum(d <= t < d + horizon for d in range(*begins)) for t in range(SESSIONS + horizon)]
        alone = sum(count**2 for count in counted) / sum(counted)
        found = overlap_of(every[slice(*begins)], horizon)
        yield compare(f"overlap of separate windows, {horizon} sessions", "by counting", alone, found, 1e-12)
        exact = _overlap(horizon)
        yield compare(f"overlap, {horizon} sessions", "closed form", exact, overlap_of(every, horizon), 1e-9)
        expected, size = normal_p(CRITICAL / math.sqrt(exact)), _simulated(horizon)
        error = math.sqrt(expected * (1 - expected) / HISTORIES)
        what = f"size of t, {horizon} sessions: {HISTORIES:,} histories (Monte Carlo error {100 * error:.1f} points)"
        yield compare(what, "closed form", expected, size, 3 * error)


def _overlap(horizon: int) -> float:
    """Return the overlap of windows that begin on every session: h in the middle, 1 to h - 1 at both ends."""
    ends = 2 * sum(count**2 for count in range(1, horizon))
    return (ends + (SESSIONS - horizon + 1) * horizon**2) / (SESSIONS * horizon)


def _simulated(horizon: int) -> float:
    rng = np.random.default_rng(horizon)
    rejected = 0
    for _ in range(HISTORIES):
        path = np.cumsum(rng.normal(0, 0.01, SESSIONS + horizon))
        path = np.concatenate(([0.0], path))
        rejected += stands_out(naive_t(path[horizon:-1] - path[: -horizon - 1], 0.0).p_value)
    return rejected / HISTORIES
