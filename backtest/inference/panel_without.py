"""What a panel of events gives under every shift without some of them, from the sums of all and of those left out.

Only the sessions on which a window of theirs is open are computed again; so it takes as long as they are many.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from backtest.inference.panel_shift import Squares, add_moved, squares_of
from backtest.inference.panel_sums import PanelSums
from backtest.model import Floats

NONE = 1e-9
"""A weight so small is rounding: nothing remains of the date."""


def sums_without(sums: PanelSums, out: PanelSums) -> PanelSums:
    """Return the sums of the events that remain; those of `out` are among those of `sums`, on the same circle."""
    rest = PanelSums(sums.circle)
    rest.total, rest.count = sums.total - out.total, sums.count - out.count
    for date, row in sums.rows.items():
        weight = sums.weight[date] - out.weight.get(date, 0.0)
        if weight > NONE:
            rest.rows[date] = row - out.rows[date] if date in out.rows else row
            rest.weight[date] = weight
    return rest


def squares_without(
    squares: Squares, rows: dict[int, Floats], left: dict[int, Floats], dates: Collection[int], length: int
) -> Squares:
    """Return the squares of the events that remain.

    Parameters
    ----------
    squares : Squares
        Of all events.
    rows, left : dict of int to ndarray of shape (M,)
        Rows of all events and of those that remain, as `rows_of` gives them.
    dates : collection of int
        Where they differ.
    length : int
        Sessions of a window.
    """
    m, changed = len(squares.dates), sorted(date for date in dates if date in rows)
    if length >= m:
        return squares_of(left, m, length)
    apart, usual, none = squares.dates.copy(), squares.usual.copy(), np.zeros(m)
    for date in changed:
        now = left.get(date, none) ** 2
        add_moved(apart, now - rows[date] ** 2, date)
        if length == 1:
            usual[date] = now.mean()
    apart = np.maximum(apart, 0.0)  # where nothing is left, rounding is
    if length == 1:
        return Squares(apart, apart, usual)
    realised = squares.realised.copy()
    whole, held, before = none, none, -2
    for place in sorted({(date + step) % m for date in changed for step in range(length)}):
        if place == before + 1:
            ended = (place - length) % m
            whole = whole + rows.get(place, none) - rows.get(ended, none)
            held = held + left.get(place, none) - left.get(ended, none)
        else:
            whole, held = _open(rows, place, m, length), _open(left, place, m, length)
        before = place
        now = held * held
        add_moved(realised, now - whole * whole, place)
        usual[place] = now.mean()
    return Squares(apart, np.maximum(realised, 0.0), usual)


def _open(rows: dict[int, Floats], place: int, m: int, length: int) -> Floats:
    """Return what the windows that are open on a session hold together."""
    held = np.zeros(m)
    for back in range(length):
        row = rows.get((place - back) % m)
        if row is not None:
            held += row
    return held
