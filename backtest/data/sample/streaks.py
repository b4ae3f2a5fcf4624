"""Remove streaks other than the pinned ones: a session of a chance streak trades places with a weak one."""

from __future__ import annotations

import itertools

import numpy as np

from backtest.model import Bools, Floats, Ints
from backtest.model.run_lengths import runs

LENGTH = 5
THRESHOLD = 0.009
"""Slightly below the 1% of the pinned streaks: a threshold lowered to 0.995% still finds only these."""


def without_other_streaks(gains: Floats, free: Bools, year: Ints) -> Ints:
    """Reorder sessions within their year until every run of `LENGTH` gains consists of pinned sessions alone.

    Exchanging two sessions of a year does not change the year's return.

    Parameters
    ----------
    gains : ndarray of shape (n_sessions,)
        Simple returns of the small-cap index.
    free : ndarray of shape (n_sessions,)
        Sessions that may move; the pinned ones may not.
    year : ndarray of shape (n_sessions,)
        Calendar year of each session.

    Returns
    -------
    ndarray of shape (n_sessions,)
        The session whose return each session receives: ``gains[order]`` has no other streak.
    """
    order = np.arange(len(gains))
    while True:
        strong = gains[order] >= THRESHOLD
        found = [np.arange(first, last + 1) for first, last in zip(*runs(strong), strict=True)]
        unwanted = [run for run in found if len(run) >= LENGTH and bool(free[run].any())]
        if not unwanted:
            return order
        run = unwanted[0]
        inside = run[free[run]]
        here = int(inside[np.argmin(np.abs(inside - run.mean()))])
        there = _nearest_place(here, strong, free, year)
        order[[here, there]] = order[[there, here]]


def _nearest_place(here: int, strong: Bools, free: Bools, year: Ints) -> int:
    """Find the nearest weak session of the year that can take a strong one without making a streak."""
    candidates = np.flatnonzero(free & ~strong & (year == year[here]))
    for place in candidates[np.argsort(np.abs(candidates - here), kind="stable")]:
        before = sum(1 for _ in itertools.takewhile(bool, strong[:place][::-1]))
        after = sum(1 for _ in itertools.takewhile(bool, strong[place + 1 :]))
        if before + after + 1 < LENGTH - 1:
            return int(place)
    raise ValueError(f"no session of {year[here]} can take a gain without making a streak")
