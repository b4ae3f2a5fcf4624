"""Fed funds futures: a strip of contract months that anticipates the Fed, more for scheduled changes.

A contract's price is 100 minus the average overnight rate expected for the calendar days of its month. The
expectation includes every announced change, believes in the coming ones by degrees, and deviates by a mood that
comes and goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.data.sample.facts import TargetChange
from backtest.model import Contracts, Floats, Ints, Sessions

MONTHS_AHEAD = 12
TICK = 0.005
LEAD = {True: (60, 200), False: (10, 40)}
"""The range of sessions before a scheduled, or an unscheduled, change in which the strip begins to move."""
CONVICTION = {True: (0.75, 1.0), False: (0.1, 0.4)}
"""The range of the share of a change that is priced the day before."""
MOOD_MEMORY, MOOD_NEWS = 0.985, 0.042
"""Persistence of the far-end mood per session, and standard deviation of its daily news in percent."""
MOOD_MONTHS = 6.0
"""Months ahead over which the mood gains most of its weight; it never affects past days."""


@dataclass(frozen=True, eq=False)
class Steps:
    """The steps of the overnight rate; all arrays of shape (n_changes,).

    Attributes
    ----------
    known : ndarray
        Position of the session at whose close the change is known.
    effective : ndarray of datetime64[D]
        The first session to which it applies.
    size : ndarray
        In percent.
    scheduled : tuple of bool
        Whether it was announced on a scheduled day.
    """

    known: Ints
    effective: Sessions
    size: Floats
    scheduled: tuple[bool, ...]


def fed_funds_strip(
    sessions: Sessions, rate: Floats, changes: tuple[TargetChange, ...], rng: np.random.Generator
) -> Contracts:
    """Simulate settlements of the contract months 0 to 12 ahead on every session that has a policy rate.

    Parameters
    ----------
    sessions : ndarray of shape (n_sessions,)
        Trading days.
    rate : ndarray of shape (n_sessions,)
        The policy rate in percent, NaN before it is known.
    changes : tuple of TargetChange
        The changes of its target.
    rng : numpy.random.Generator
        Source of the moods, the leads and the degrees of belief.
    """
    quoted = np.flatnonzero(~np.isnan(rate))
    days = sessions[quoted]
    month = days.astype("datetime64[M]").astype(np.int64)[:, None] + np.arange(MONTHS_AHEAD + 1)
    steps = rate_steps(sessions, rate, changes)
    expected = np.full(month.shape, rate[quoted[0]])
    for j, belief in enumerate(beliefs(quoted, steps, rng)):
        expected += steps.size[j] * belief[:, None] * share_after(month, steps.effective[j])
    weight = 1 - np.exp(-months_to_come(days, month) / MOOD_MONTHS)
    room = np.clip(rate[quoted] / 1.5, 0.1, 1.0)[:, None]
    noise = 0.005 * rng.standard_normal(month.shape)
    expected += weight * room * (mood(len(quoted), rng)[:, None] + noise)
    price = np.round(np.round((100 - np.maximum(expected, 0.0)) / TICK) * TICK, 3)
    return Contracts(np.repeat(quoted, MONTHS_AHEAD + 1), month.ravel(), price.ravel())


def rate_steps(sessions: Sessions, rate: Floats, changes: tuple[TargetChange, ...]) -> Steps:
    """Return when each change was known, when it took effect, and by how much the policy rate moved."""
    dates = np.array([change.date for change in changes], dtype="datetime64[D]")
    effective = np.searchsorted(sessions, dates, side="right")
    size = rate[effective] - rate[effective - 1]
    known = np.searchsorted(sessions, dates, side="left")
    return Steps(known, sessions[effective], size, tuple(change.scheduled for change in changes))


def beliefs(quoted: Ints, steps: Steps, rng: np.random.Generator) -> list[Floats]:
    """Draw, per change, the degree of belief in it on each quoted session, from 0 to 1; 1 once it is known."""
    drawn: list[Floats] = []
    for known, scheduled in zip(steps.known, steps.scheduled, strict=True):
        lead, conviction = rng.uniform(*LEAD[scheduled]), rng.uniform(*CONVICTION[scheduled])
        nearness = np.clip(1 - (known - quoted) / lead, 0.0, 1.0)
        ramp = conviction * nearness**2 * (3 - 2 * nearness)
        drawn.append(np.where(quoted >= known, 1.0, ramp))
    return drawn


def share_after(month: Ints, effective: np.datetime64) -> Floats:
    """Return the part of each month's calendar days that lie on or after a date."""
    first, following = _bounds(month)
    start = np.maximum(first, effective.astype("datetime64[D]").astype(np.int64))
    share: Floats = np.clip(following - start, 0, None) / (following - first)
    return share


def months_to_come(days: Sessions, month: Ints) -> Floats:
    """Return how many months ahead the days of each month are on average; past days count as zero."""
    first, following = _bounds(month)
    today = days.astype(np.int64)[:, None]
    nearest = np.maximum(first - today, 1)
    furthest = np.maximum(following - 1 - today, 0)
    total = (nearest + furthest) * (furthest - nearest + 1) / 2
    months: Floats = total / (following - first) / (365.25 / 12)
    return months


def mood(n: int, rng: np.random.Generator) -> Floats:
    """Draw the far-end mood per session, in percent: fat-tailed news that fades."""
    news = MOOD_NEWS * rng.standard_t(5, size=n) * np.sqrt(3 / 5)
    level = np.zeros(n)
    for t in range(1, n):
        level[t] = MOOD_MEMORY * level[t - 1] + news[t]
    return level


def _bounds(month: Ints) -> tuple[Ints, Ints]:
    """Return the first day of each month and of the month after it, in days since 1970."""
    first = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first, following
