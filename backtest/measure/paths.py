"""Event-window paths: cumulative returns around day 0, rebased there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.measure.forward import by_leg
from backtest.model import Bools, Floats, Ints, judged

QUARTILES = (0.25, 0.75)


@dataclass(frozen=True, eq=False)
class Paths:
    """Cumulative returns over the event window.

    Attributes
    ----------
    offsets : ndarray of shape (n_offsets,)
        Sessions from day 0, first and last included.
    legs : dict of str to ndarray of shape (n_events, n_offsets)
        ``level[day0 + offset] / level[day0] - 1`` by leg, as `backtest.measure.forward.by_leg` names them; fractions,
        0 at day 0, NaN outside the history.
    """

    offsets: Ints
    legs: dict[str, Floats]


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


def event_paths(closes: Sequence[Floats], day0: Ints, window: tuple[int, int]) -> Paths:
    """Return the path of what is held, and the spread's, around each event.

    Parameters
    ----------
    closes : sequence of ndarray of shape (n_sessions,)
        Levels at the close, the asset's first.
    day0 : ndarray of shape (n_events,)
        Session positions.
    window : (int, int)
        First and last offset, both included.
    """
    offsets = np.arange(window[0], window[1] + 1)
    return Paths(offsets, by_leg([_path(level, day0, offsets) for level in closes]))


def average_paths(paths: Paths, closes: Sequence[Floats], eligible: Bools) -> dict[str, Average]:
    """Average the paths of each leg over the events, with quartiles, beside the base rate.

    At each offset all are averaged over the same events, those with a value of what is judged.

    Parameters
    ----------
    paths : Paths
        As `event_paths` gives them.
    closes : sequence of ndarray of shape (n_sessions,)
        Levels at the close, the asset's first.
    eligible : ndarray of shape (n_sessions,)
        The sessions on which an event could have been seen.
    """
    base = _base_path(closes, eligible, paths.offsets)
    known = np.isfinite(judged(paths.legs))
    return {leg: average_of(np.where(known, path, np.nan), base[leg]) for leg, path in paths.legs.items()}


def _path(level: Floats, day0: Ints, offsets: Ints) -> Floats:
    position = day0[:, None] + offsets[None, :]
    inside = (position >= 0) & (position < len(level))
    values = np.where(inside, level[np.clip(position, 0, len(level) - 1)], np.nan)
    return values / level[day0][:, None] - 1.0


def average_of(path: Floats, base: Floats) -> Average:
    """Average paths of shape (n_events, n_offsets), with quartiles; NaN counts for nothing."""
    n = np.isfinite(path).sum(axis=0)
    reached = np.flatnonzero(n)
    mean, low, high = (np.full(path.shape[1], np.nan) for _ in range(3))
    if len(reached):
        mean[reached] = np.nanmean(path[:, reached], axis=0)
    for events in set(n[reached].tolist()):
        # Column by column, as np.nanpercentile goes, takes a fifth of a run; most offsets reach the same events.
        offsets = np.flatnonzero(n == events)
        values = np.sort(path[:, offsets], axis=0)[:events]  # missing ones come last
        low[offsets], high[offsets] = (_quantile(values, share) for share in QUARTILES)
    return Average(mean, low, high, base)


def _quantile(ordered: Floats, share: float) -> Floats:
    """Return a quantile of each column, interpolated as np.percentile does, which imports masked arrays for it."""
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high, along = ordered[below], ordered[min(below + 1, len(ordered) - 1)], place - below
    # Reckoned from the nearer of the two, so that the last digit is numpy's, too.
    quantile: Floats = low + (high - low) * along if along < 0.5 else high - (high - low) * (1 - along)
    return quantile


def _base_path(closes: Sequence[Floats], eligible: Bools, offsets: Ints) -> dict[str, Floats]:
    n = len(eligible)
    means = [np.full(len(offsets), np.nan) for _ in closes]
    for column, offset in enumerate(offsets.tolist()):
        # Slices of every session, as fetching the eligible ones by position takes twice as long.
        first, end = max(0, -offset), min(n, n - offset)
        if first >= end:  # no session has one so far away
            continue
        grown = [level[first + offset : end + offset] / level[first:end] - 1.0 for level in closes]
        known = eligible[first:end] & np.isfinite(judged(by_leg(grown)))
        if known.any():
            for mean, values in zip(means, grown, strict=True):
                mean[column] = values[known].mean()
    return by_leg(means)
