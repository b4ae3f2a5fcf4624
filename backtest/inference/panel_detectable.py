r"""The smallest effect that a panel study would have found, as for one asset.

An effect of d is planted in the windows of the events, spread evenly over their sessions. It raises the sum of the
effects by n kappa d, with kappa the share of an effect that the excess over the base rate keeps. A portfolio that
holds w(t) windows on session t earns w(t) d / h more on it, of which the base takes away all but kappa; the rest raises
the realised variance. The noise is as wide as in the data: D_0 times the statistic under each shift. Shifts by a few
sessions meet parts of the planted windows. The minimum detectable effect is the d at which 80% of the noise leaves the
statistic beyond the size that 5% of shifts reach.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from backtest.inference.detectable import smallest_found
from backtest.inference.panel_shift import PanelShifts
from backtest.model import Floats, Ints

PAIRS = 2**21
"""Pairs of an event and a run of its asset's windows that are in memory at a time, about."""


def detectable_on_panel(shifts: PanelShifts, met: Floats, kept: float, length: int, rejected: int) -> float | None:
    """Return the minimum detectable effect at one horizon.

    Parameters
    ----------
    shifts : PanelShifts
        Of the events.
    met : ndarray of shape (M,)
        As `windows_met` gives it.
    kept : float
        Share of an effect that the excess keeps, above 0.
    length : int
        Sessions of a window.
    rejected : int
        Shifts that may be as large as the statistic observed for a p at the level.

    Returns
    -------
    float or None
        As a fraction; None where no size is found in 80% of cases, or nothing varies.
    """
    scale = shifts.scale
    if rejected == 0 or not shifts.n or not np.isfinite(scale[0]):
        return None
    n, effect = shifts.n, shifts.effect
    noise = np.nan_to_num(shifts.statistic) * scale[0]
    raised = met - shifts.count * (1.0 - kept)
    alone, crossed = variance_added(shifts, kept, length)
    added = (met / n) ** 2 * alone
    own_realised = shifts.realised[:1]

    def power(size: float) -> float:
        found = 0.0
        under_all = shifts.scale_of(shifts.realised + added * size**2)
        for signed in (size, -size):
            sizes = np.nan_to_num(np.abs(effect + signed * raised) / under_all)
            critical = np.partition(sizes, -1 - rejected)[-1 - rejected]
            came = np.maximum(own_realised + crossed * signed * noise + added[0] * size**2, 0.0)
            own = shifts.scale_of(came, slice(1))
            found += np.count_nonzero(np.abs(noise + signed * kept * n) > critical * own) / len(noise) / 2
        return found

    return smallest_found(power, scale[0] / (n * kept))


def variance_added(shifts: PanelShifts, kept: float, length: int) -> tuple[float, float]:
    """Return what an effect of 1 adds to the realised variance: by itself, and for each unit of noise that it meets.

    The parameters are those of `detectable_on_panel`.
    """
    once, twice = float(shifts.open_windows.sum()), float((shifts.open_windows**2).sum())
    return kept**2 * twice / length**2, 2.0 * kept * twice / once / length


def windows_met(day0: Ints, asset: Ints, weight: Floats, length: int, m: int) -> Floats:
    """Return how many windows of the same assets' events the events meet when they are moved by each k.

    A window that lies by a third within windows of its asset's events counts a third. Only whole lags between
    events count, so that nothing is summed over sessions: the share of a moved window that lies in a run of planted
    sessions rises and falls along straight lines.

    Parameters
    ----------
    day0, asset : ndarray of shape (n_events,)
        Places on the circle, and columns.
    weight : ndarray of shape (n_events,)
        What each event counts.
    length : int
        Sessions of a window.
    m : int
        Sessions of the circle.

    Returns
    -------
    ndarray of shape (M,)
        At the identity, the sum of the weights.
    """
    order = np.lexsort((day0, asset))
    day, held, each = day0[order], asset[order], weight[order]
    apart = np.diff(held, prepend=-1) != 0
    begins = apart | (np.diff(day, prepend=0) > length)  # a run of windows that follow each other without a gap
    start = np.flatnonzero(begins)
    begin, end = day[start], day[np.append(start[1:], len(day)) - 1] + length
    of_asset = np.searchsorted(held[start], held), np.searchsorted(held[start], held, side="right")
    many = of_asset[1] - of_asset[0]
    bends = np.zeros(2 * (m + length) + 2)
    corners = ((begin - length, 1.0), (begin, -1.0), (end - length, -1.0), (end, 1.0))
    for some in _in_parts(many):
        event = np.repeat(np.arange(len(day))[some], many[some])
        run = of_asset[0][event] + np.arange(len(event)) - np.repeat(np.cumsum(many[some]) - many[some], many[some])
        for corner, sign in corners:
            at = corner[run] - day[event] + m + length
            bends += sign * np.bincount(at, each[event], len(bends))
    share = np.concatenate(([0.0], np.cumsum(np.cumsum(bends))))[: len(bends)] / length
    lag = np.arange(len(share)) - m - length
    return np.asarray(np.bincount(lag % m, share, m), dtype=float)


def _in_parts(many: Ints) -> Iterator[slice]:
    """Cut events into parts of about `PAIRS` pairs, of which each event has so many."""
    before = np.cumsum(many) - many
    cuts = np.unique(before // PAIRS, return_index=True)[1].tolist()
    return itertools.starmap(slice, itertools.pairwise([*cuts, len(many)]))
