"""The average path around day 0 on a panel, with quartiles, beside the base rate over asset-sessions."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backtest.measure.forward import by_leg
from backtest.measure.paths import Average, Paths, average_of
from backtest.model import Floats, Ints, judged
from backtest.model.panel import Panel
from backtest.panel.on_every_asset import PanelEvents


def panel_paths(
    panel: Panel, events: PanelEvents, benchmark: Floats | None, window: tuple[int, int]
) -> tuple[Ints, Ints, dict[str, Average]]:
    """Average the paths of the events on all assets.

    Parameters
    ----------
    panel : Panel
        The assets.
    events : PanelEvents
        The events, and the asset-sessions of the base rate.
    benchmark : ndarray of shape (n_sessions,), optional
        Level of what every asset is compared with.
    window : (int, int)
        First and last offset from day 0, both included.

    Returns
    -------
    offsets : ndarray of shape (n_offsets,)
        Sessions from day 0.
    n : ndarray of shape (n_offsets,)
        Events with a value of what is judged.
    legs : dict of str to Average
        By leg; cumulative simple returns since the close of day 0.
    """
    offsets = np.arange(window[0], window[1] + 1)
    grown = [_grown(panel.close, events, offsets)]
    if benchmark is not None:
        grown.append(_grown(benchmark[:, None], events, offsets))
    paths = Paths(offsets, by_leg(grown))
    known = np.isfinite(judged(paths.legs))
    base = _base(panel, events, benchmark, offsets)
    legs = {leg: average_of(np.where(known, path, np.nan), base[leg]) for leg, path in paths.legs.items()}
    return offsets, known.sum(axis=0), legs


def _grown(level: Floats, events: PanelEvents, offsets: Ints) -> Floats:
    """Return the growth since day 0 of each event's own column, or of the only one; (n_events, n_offsets)."""
    column = events.asset if level.shape[1] > 1 else np.zeros(len(events), dtype=np.int64)
    position = events.day0[:, None] + offsets
    inside = (position >= 0) & (position < len(level))
    reached = level[np.clip(position, 0, len(level) - 1), column[:, None]]
    return np.where(inside, reached, np.nan) / level[events.day0, column][:, None] - 1.0


def _base(panel: Panel, events: PanelEvents, benchmark: Floats | None, offsets: Ints) -> dict[str, Floats]:
    """Return the mean path with every eligible asset-session as day 0, asset by asset to bound memory."""
    held = 1 if benchmark is None else 2
    total, count = np.zeros((held, len(offsets))), np.zeros(len(offsets), dtype=np.int64)
    other = None if benchmark is None else _windows(benchmark, offsets)
    for asset in range(len(panel)):
        rows = np.flatnonzero(events.eligible[:, asset] & np.isfinite(panel.close[:, asset]))
        if not len(rows):
            continue
        grown = [_since(_windows(panel.close[:, asset], offsets), rows, offsets)]
        if other is not None:
            grown.append(_since(other, rows, offsets))
        known = np.isfinite(judged(by_leg(grown)))
        count += known.sum(axis=0)
        for leg, values in enumerate(grown):
            total[leg] += np.where(known, values, 0.0).sum(axis=0)
    means = np.divide(total, count, where=count > 0, out=np.full(total.shape, np.nan))
    return by_leg(list(means))


def _windows(level: Floats, offsets: Ints) -> Floats:
    """Return a view whose row t holds the level at t + offset, by offset; NaN outside the history."""
    before, after = max(0, -int(offsets[0])), max(0, int(offsets[-1]))
    whole = np.concatenate((np.full(before, np.nan), level, np.full(after, np.nan)))
    rows: Floats = sliding_window_view(whole, len(offsets))[: len(level)]
    return rows


def _since(windows: Floats, rows: Ints, offsets: Ints) -> Floats:
    taken = windows[rows]
    at = int(np.flatnonzero(offsets == 0)[0])
    return taken / taken[:, at : at + 1] - 1.0
