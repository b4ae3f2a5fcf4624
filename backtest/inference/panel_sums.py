r"""What the verdict needs of a panel, as sums over assets: blocks of assets are read one after another and added.

For each shift k there is the sum of the spreads that moved events give and how many of them are complete; for each
event date a row, what the assets with an event on it earned together on each session. Their size depends on the
number of sessions, event dates and horizons, and not on the number of assets: with 6,500 sessions, 6,500 event dates
take 340 MB, 2,000 take 100 MB.

Sums of the same blocks in the same order have the same bytes, whoever computes them; other blocks change them by
rounding, about 1e-13 of their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from backtest.model import Bools, Floats, Ints


@dataclass(frozen=True)
class PanelCircle:
    """The sessions that a panel of events is moved around.

    Attributes
    ----------
    first : int
        Session position of the circle's first session.
    sizes : tuple of int
        Sessions on the circle of each horizon (M): each has a window that the history completes.
    lengths : tuple of int
        Sessions of a window at each horizon; of a calendar horizon, the usual number.
    """

    first: int
    sizes: tuple[int, ...]
    lengths: tuple[int, ...]

    @property
    def longest(self) -> int:
        """The size of the largest circle."""
        return max(self.sizes, default=0)

    def at(self, column: int) -> tuple[int, int]:
        """Return the sessions of the circle, and of a window, of a horizon."""
        return self.sizes[column], self.lengths[column]


@dataclass(eq=False)
class PanelSums:
    """Sums over the assets seen so far.

    Attributes
    ----------
    total, count : ndarray of shape (n_horizons, M)
        Weighted sums of the spreads that the events give when they are moved by each k, and of the weights of those
        whose window is complete there; at each horizon, the first `sizes` entries.
    rows : dict of int to ndarray of shape (M + 1,)
        For each event date, as a place on the circle: the weighted sum of its assets' changes on every session, from
        the circle's first to the one after its last.
    weight : dict of int to float
        For each event date, the weights of its events in all.
    every, eligible : ndarray of shape (M + 1,)
        The sum of the changes on each session of all assets on which an event could have been seen the session before,
        and how many they are; events have no part in it.
    """

    circle: PanelCircle
    total: Floats = field(init=False)
    count: Floats = field(init=False)
    rows: dict[int, Floats] = field(default_factory=dict)
    weight: dict[int, float] = field(default_factory=dict)
    every: Floats = field(init=False)
    eligible: Floats = field(init=False)

    def __post_init__(self) -> None:
        shape = len(self.circle.sizes), self.circle.longest
        self.total, self.count = np.zeros(shape), np.zeros(shape)
        self.every, self.eligible = np.zeros(self.circle.longest + 1), np.zeros(self.circle.longest + 1)

    def add(self, other: PanelSums) -> None:
        """Add the sums of other assets on the same circle to these."""
        if other.circle != self.circle:
            raise ValueError("sums of a panel are added that were made on different circles")
        self.total += other.total
        self.count += other.count
        for date, row in other.rows.items():
            self.rows[date] = self.rows[date] + row if date in self.rows else row
            self.weight[date] = self.weight.get(date, 0.0) + other.weight[date]
        self.every += other.every
        self.eligible += other.eligible

    def add_base(self, earned: Floats, many: Floats) -> None:
        """Add what all assets of a block earned, whether they have events or not, as `base_changes` gives it."""
        inside = slice(self.circle.first + 1, self.circle.first + self.circle.longest + 1)
        self.every[1:] += earned[inside]
        self.eligible[1:] += many[inside]

    def times(self, factor: float) -> PanelSums:
        """Return the sums with all weights so many times as large."""
        result = PanelSums(self.circle)
        result.total, result.count = self.total * factor, self.count * factor
        result.rows = {date: row * factor for date, row in self.rows.items()}
        result.weight = {date: weight * factor for date, weight in self.weight.items()}
        result.every, result.eligible = self.every, self.eligible
        return result


def base_changes(changes: Floats, eligible: Bools) -> tuple[Floats, Floats]:
    """Sum what the assets of a block earned on each session, of those on which an event could have been seen before it.

    Parameters
    ----------
    changes : ndarray of shape (n_sessions, n_assets)
        The spread's change on each session; NaN counts as none.
    eligible : ndarray of shape (n_sessions, n_assets)
        Where an event could have been seen; the last sessions may be missing.

    Returns
    -------
    earned, many : ndarray of shape (n_sessions,)
        The sum, and the number of assets.
    """
    counts = np.zeros(changes.shape, dtype=np.bool_)
    inside = slice(1, min(len(eligible), len(changes) - 1) + 1)
    counts[inside] = eligible[: inside.stop - 1] & np.isfinite(changes[inside])
    return np.where(counts, changes, 0.0).sum(axis=1), counts.sum(axis=1).astype(np.float64)


def sums_of_block(
    circle: PanelCircle,
    spreads: Sequence[Floats],
    changes: Floats,
    day0: Ints,
    asset: Ints,
    weight: Floats | None = None,
    rows: bool = True,
) -> PanelSums:
    """Sum what the events of a block of assets give under every shift.

    Parameters
    ----------
    circle : PanelCircle
        The same for all blocks.
    spreads : sequence of ndarray of shape (n_sessions, n_assets)
        One a horizon: what every asset-session gave; NaN where the window is not complete, or no event could have been
        seen. An event moved there adds nothing.
    changes : ndarray of shape (n_sessions, n_assets)
        The spread's change on each session; NaN counts as none.
    day0, asset : ndarray of shape (n_events,)
        Session positions, and columns of the block. Events off the circle are left out.
    weight : ndarray of shape (n_events, n_horizons), optional
        What each event counts, 1 by default: all in the same unit. The rows take those of the first horizon.
    rows : bool
        Whether the rows of the dates are summed, too.
    """
    sums = PanelSums(circle)
    weights = np.ones((len(day0), len(spreads))) if weight is None else weight
    place = day0 - circle.first
    used, column = np.unique(asset, return_inverse=True)
    if rows:
        _add_rows(sums, changes[:, used], place, column, weights[:, 0])
    for row, (spread, size) in enumerate(zip(spreads, circle.sizes, strict=True)):
        on = (place >= 0) & (place < size)
        values = spread[circle.first : circle.first + size, used]
        complete = np.isfinite(values)
        events = place[on], column[on], weights[on, row]
        sums.total[row, :size] = _moved(np.where(complete, values, 0.0), *events)
        sums.count[row, :size] = _moved_flags(complete, *events)
    return sums


def _add_rows(sums: PanelSums, changes: Floats, place: Ints, column: Ints, weight: Floats) -> None:
    first, m = sums.circle.first, sums.circle.longest
    earned = np.ascontiguousarray(np.nan_to_num(changes[first : first + m + 1]).T)
    for date, held, each in zip(place.tolist(), column.tolist(), weight.tolist(), strict=True):
        if 0 <= date < m:
            row = earned[held] if each == 1.0 else each * earned[held]
            if date in sums.rows:
                sums.rows[date] += row
            else:
                sums.rows[date] = row.copy()
            sums.weight[date] = sums.weight.get(date, 0.0) + each


def _moved(values: Floats, place: Ints, column: Ints, weight: Floats) -> Floats:
    """Sum over the events what stands k sessions after each, for every k; `values` of shape (M, n_assets)."""
    m = len(values)
    total = np.zeros(m)
    twice = np.ascontiguousarray(np.concatenate((values, values)).T)
    for date, held, each in zip(place.tolist(), column.tolist(), weight.tolist(), strict=True):
        row = twice[held, date : date + m]
        total += row if each == 1.0 else each * row
    return total


def _moved_flags(flags: Bools, place: Ints, column: Ints, weight: Floats) -> Floats:
    """Do the same with flags: between the ends of their runs nothing changes, so only the ends are counted."""
    m = len(flags)
    turned = np.ascontiguousarray(flags.T)
    ends = np.flatnonzero(turned != np.roll(turned, 1, axis=1))
    of_asset, at = np.divmod(ends, max(m, 1))
    sign = np.where(turned.ravel()[ends], 1, -1)
    begin = np.searchsorted(of_asset, np.arange(flags.shape[1] + 1))
    many = np.diff(begin)[column]
    event = np.repeat(np.arange(len(place)), many)
    which = begin[column[event]] + np.arange(len(event)) - np.repeat(np.cumsum(many) - many, many)
    steps = np.bincount((at[which] - place[event]) % m, sign[which] * weight[event], m) if m else np.zeros(0)
    moved = np.cumsum(steps)
    here = float(weight[flags[place, column]].sum())
    return np.asarray(moved - moved[:1] + here)
