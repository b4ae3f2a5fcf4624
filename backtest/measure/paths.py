"""Event-window paths: cumulative returns around day 0, rebased there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Bools, Floats, Ints

QUARTILES = (25.0, 75.0)


@dataclass(frozen=True, eq=False)
class Paths:
    """Cumulative returns over the event window.

    Attributes
    ----------
    offsets : ndarray of shape (n_offsets,)
        Sessions from day 0, first and last included.
    asset, benchmark, spread : ndarray of shape (n_events, n_offsets)
        ``level[day0 + offset] / level[day0] - 1`` and the difference; fractions, 0 at day 0, NaN outside the history.
    """

    offsets: Ints
    asset: Floats
    benchmark: Floats
    spread: Floats


@dataclass(frozen=True, eq=False)
class Average:
    """The paths of one leg, averaged over events.

    All arrays have shape (n_offsets,), as fractions; NaN at an offset that no event reaches.
    """

    mean: Floats
    low: Floats
    high: Floats
    base: Floats
    """The same mean with every eligible session as day 0."""


def event_paths(asset: Floats, benchmark: Floats, day0: Ints, window: tuple[int, int]) -> Paths:
    """Return both legs' paths, and the spread's, around each event.

    Parameters
    ----------
    asset, benchmark : ndarray of shape (n_sessions,)
        Levels at the close.
    day0 : ndarray of shape (n_events,)
        Session positions.
    window : (int, int)
        First and last offset, both included.
    """
    offsets = np.arange(window[0], window[1] + 1)
    a, b = _path(asset, day0, offsets), _path(benchmark, day0, offsets)
    return Paths(offsets, a, b, a - b)


def average_paths(paths: Paths, asset: Floats, benchmark: Floats, eligible: Bools) -> dict[str, Average]:
    """Average the paths of each leg over the events, with quartiles, beside the base rate.

    At each offset all three are averaged over the same events, those with a value on both legs.

    Parameters
    ----------
    paths : Paths
        As `event_paths` gives them.
    asset, benchmark : ndarray of shape (n_sessions,)
        Levels at the close.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen.
    """
    base = _base_path(asset, benchmark, eligible, paths.offsets)
    both = np.isfinite(paths.spread)
    legs = ("asset", "benchmark", "spread")
    return {leg: _average(np.where(both, getattr(paths, leg), np.nan), base[leg]) for leg in legs}


def _path(level: Floats, day0: Ints, offsets: Ints) -> Floats:
    position = day0[:, None] + offsets[None, :]
    inside = (position >= 0) & (position < len(level))
    values = np.where(inside, level[np.clip(position, 0, len(level) - 1)], np.nan)
    return values / level[day0][:, None] - 1.0


def _average(path: Floats, base: Floats) -> Average:
    n = np.isfinite(path).sum(axis=0)
    reached = np.flatnonzero(n)
    mean, low, high = (np.full(path.shape[1], np.nan) for _ in range(3))
    if len(reached):
        mean[reached] = np.nanmean(path[:, reached], axis=0)
    for events in np.unique(n[reached]).tolist():
        # Column by column, as np.nanpercentile goes, takes a fifth of a run; most offsets reach the same events.
        offsets = np.flatnonzero(n == events)
        values = np.sort(path[:, offsets], axis=0)[:events]  # missing ones come last
        low[offsets], high[offsets] = np.percentile(values, QUARTILES, axis=0)
    return Average(mean, low, high, base)


def _base_path(asset: Floats, benchmark: Floats, eligible: Bools, offsets: Ints) -> dict[str, Floats]:
    day0 = np.flatnonzero(eligible)
    base = {leg: np.full(len(offsets), np.nan) for leg in ("asset", "benchmark", "spread")}
    for column, offset in enumerate(offsets.tolist()):
        at = day0[(day0 + offset >= 0) & (day0 + offset < len(asset))]
        a = asset[at + offset] / asset[at] - 1.0
        b = benchmark[at + offset] / benchmark[at] - 1.0
        both = np.isfinite(a - b)
        if both.any():
            base["asset"][column], base["benchmark"][column] = a[both].mean(), b[both].mean()
            base["spread"][column] = base["asset"][column] - base["benchmark"][column]
    return base
