"""The average path around day 0 on a panel, with quartiles, beside the base rate over asset-sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backtest.measure.forward import by_leg
from backtest.measure.paths import Average, average_of
from backtest.model import Bools, Floats, Ints, judged
from backtest.model.panel import Panel
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import Benchmark, Compared

AT_ONCE = 2**22
"""Values of paths that are averaged at a time: the paths themselves are most of the memory of many events."""


@dataclass(frozen=True, eq=False)
class PanelPaths:
    """The average path around the events of a panel.

    Attributes
    ----------
    offsets : ndarray of shape (n_offsets,)
        Sessions from day 0.
    n : ndarray of shape (n_offsets,)
        Events with a value of what is judged.
    legs : dict of str to Average
        By leg; cumulative simple returns since the close of day 0.
    """

    offsets: Ints
    n: Ints
    legs: dict[str, Average]


@dataclass(frozen=True, eq=False)
class PathParts:
    """What the average path is made of, over some assets.

    Attributes
    ----------
    grown : ndarray of shape (n_held, n_events, n_offsets)
        The path of each event, of the asset and, if there is one, of its benchmark.
    total : ndarray of shape (n_held, n_offsets)
        Sums of the paths of all asset-sessions of the base rate that have a value of what is judged.
    count : ndarray of shape (n_offsets,)
        How many those are.
    """

    grown: Floats
    total: Floats
    count: Ints


def panel_paths(panel: Panel, events: PanelEvents, benchmark: Benchmark | None, window: tuple[int, int]) -> PanelPaths:
    """Average the paths of the events on all assets; every event counts once. Arguments are as of `path_parts`."""
    return average_path_of([path_parts(panel, events, benchmark, window)], window)


def average_path_of(parts: Sequence[PathParts], window: tuple[int, int]) -> PanelPaths:
    """Average over all assets, from the parts of some, in the order of the assets."""
    total, count = sum(part.total for part in parts), sum(part.count for part in parts)
    base = by_leg(list(np.divide(total, count, where=count > 0, out=np.full(np.shape(total), np.nan))))
    offsets = np.arange(window[0], window[1] + 1)
    width = max(1, AT_ONCE // max(1, sum(part.grown.shape[1] for part in parts)))
    some = [slice(first, first + width) for first in range(0, len(offsets), width)]
    found = [_averages(parts, columns, base) for columns in some]
    legs = {leg: _side_by_side([averages[leg] for _, averages in found]) for leg in base}
    return PanelPaths(offsets, np.concatenate([n for n, _ in found]), legs)


def _averages(
    parts: Sequence[PathParts], columns: slice, base: Mapping[str, Floats]
) -> tuple[Ints, dict[str, Average]]:
    """Average over all assets at some offsets."""
    paths = by_leg(list(np.concatenate([part.grown[:, :, columns] for part in parts], axis=1)))
    complete = np.isfinite(judged(paths))
    legs = {leg: average_of(np.where(complete, path, np.nan), base[leg][columns]) for leg, path in paths.items()}
    return complete.sum(axis=0), legs


def _side_by_side(averages: Sequence[Average]) -> Average:
    """Join averages at some offsets to one at all."""
    values = zip(*((one.mean, one.low, one.high, one.base) for one in averages), strict=True)
    return Average(*map(np.concatenate, values))


def path_parts(panel: Panel, events: PanelEvents, benchmark: Benchmark | None, window: tuple[int, int]) -> PathParts:
    """Return the paths of the events on some assets, and sums over all of their asset-sessions.

    Parameters
    ----------
    panel : Panel
        The assets.
    events : PanelEvents
        The events, and the asset-sessions of the base rate.
    benchmark : Benchmark, optional
        What every asset is compared with.
    window : (int, int)
        First and last offset from day 0, both included.
    """
    offsets = np.arange(window[0], window[1] + 1)
    held = 1 if benchmark is None else 2
    grown = np.full((held, len(events), len(offsets)), np.nan)
    total, count = np.zeros((held, len(offsets))), np.zeros(len(offsets), dtype=np.int64)
    for asset in range(len(panel)):
        legs = [Compared(panel.close[:, asset : asset + 1])]
        legs += [] if benchmark is None else [benchmark.of(slice(asset, asset + 1))]
        mine = np.flatnonzero(events.asset == asset)
        grown[:, mine] = [_since(leg, events.day0[mine], offsets) for leg in legs]
        sums, known = _sums(legs, np.asarray(events.eligible[:, asset], dtype=np.bool_), offsets)
        total += sums
        count += known
    return PathParts(grown, total, count)


def _sums(legs: Sequence[Compared], eligible: Bools, offsets: Ints) -> tuple[Floats, Ints]:
    """Sum the paths of each leg from all eligible sessions with a value of what is judged, and count these."""
    if all(leg.gaps is None for leg in legs):
        return _correlated([leg.level[:, 0] for leg in legs], eligible, offsets)
    at = np.flatnonzero(eligible & np.isfinite(legs[0].level[:, 0]))
    grown = [_since(leg, at, offsets) for leg in legs]
    known = np.isfinite(judged(by_leg(grown)))
    return np.array([np.where(known, values, 0.0).sum(axis=0) for values in grown]), known.sum(axis=0)


def _correlated(levels: Sequence[Floats], eligible: Bools, offsets: Ints) -> tuple[Floats, Ints]:
    """Sum the same over levels without gaps: a sum of level[t + k] / level[t] over t is a correlation at lag k."""
    known = np.all(np.isfinite(levels), axis=0)
    start = known & eligible
    if not start.any():
        return np.zeros((len(levels), len(offsets))), np.zeros(len(offsets), dtype=np.int64)
    first, last = np.flatnonzero(start)[[0, -1]].tolist()
    before, after = max(0, -int(offsets[0])), max(0, int(offsets[-1]))
    rows = slice(first, last + 1)

    def at_lags(values: Floats, weights: Floats) -> Floats:
        whole = np.concatenate((np.zeros(before), values, np.zeros(after)))[first : last + 1 + before + after]
        return np.correlate(whole, weights[rows])

    n = at_lags(known.astype(np.float64), start.astype(np.float64))
    safe = [np.where(known, level, 1.0) for level in levels]
    total = [at_lags(np.where(known, level, 0.0), start / level) - n for level in safe]
    return np.array(total), np.rint(n).astype(np.int64)


def _since(leg: Compared, at: Ints, offsets: Ints) -> Floats:
    """Return the growth from some sessions to each offset from them, of shape (n, n_offsets).

    NaN outside the history, where a close is missing, and across sessions without a change.
    """
    level = _windows(leg.level[:, 0], offsets)[at]
    grown = level / leg.level[at, :1] - 1.0
    if leg.gaps is not None:
        gaps = leg.gaps[:, 0]
        grown[_windows(gaps.astype(np.float64), offsets)[at] != gaps[at, None]] = np.nan
    return grown


def _windows(values: Floats, offsets: Ints) -> Floats:
    """Return a view whose row t holds the value at t + offset, by offset; NaN outside the history."""
    before, after = max(0, -int(offsets[0])), max(0, int(offsets[-1]))
    whole = np.concatenate((np.full(before, np.nan), values, np.full(after, np.nan)))
    rows: Floats = sliding_window_view(whole, len(offsets))
    return rows
