"""What a panel of events gives under every shift without some of them, from the sums of all and of those left out.

Only the sessions on which a window of theirs is open are computed again; so it takes as long as they are many.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from backtest.inference.panel_squares import Squares, add_moved, crossed_with, squares_of
from backtest.inference.panel_sums import PanelSums
from backtest.model import Floats

NONE = 1e-9
"""A weight so small is rounding: nothing remains of the date."""


def sums_without(sums: PanelSums, out: PanelSums) -> PanelSums:
    """Return the sums of the events that remain; those of `out` are among those of `sums`, on the same circle."""
    rest = PanelSums(sums.circle)
    rest.total, rest.count = sums.total - out.total, sums.count - out.count
    rest.every, rest.eligible = sums.every, sums.eligible
    for date, row in sums.rows.items():
        weight = sums.weight[date] - out.weight.get(date, 0.0)
        if weight > NONE:
            rest.rows[date] = row - out.rows[date] if date in out.rows else row
            rest.weight[date] = weight
    return rest


def squares_without(
    squares: Squares,
    rows: dict[int, Floats],
    left: dict[int, Floats],
    dates: Collection[int],
    base: Floats,
    length: int,
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
    base : ndarray of shape (M,)
        Of the events that remain: that of all events, so many times as small.
    length : int
        Sessions of a window.
    """
    m, changed = len(squares.dates), sorted(date for date in dates if date in rows)
    if length >= m or not squares.base.any():
        return squares_of(left, base, length)
    apart, usual, none = squares.dates.copy(), squares.own_usual.copy(), np.zeros(m)
    for date in changed:
        now = left.get(date, none) ** 2
        add_moved(apart, now - rows[date] ** 2, date)
        if length == 1:
            usual[date] = now.mean()
    apart = np.maximum(apart, 0.0)  # where nothing is left, rounding is
    crossed = _crossed(squares, {date: rows[date] - left.get(date, none) for date in changed}, base, length)
    if length == 1:
        return Squares(apart, apart, usual, *crossed, base)
    realised = squares.own.copy()
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
    return Squares(apart, np.maximum(realised, 0.0), usual, *crossed, base)


def _crossed(squares: Squares, gone: dict[int, Floats], base: Floats, length: int) -> tuple[Floats, Floats]:
    """Return what the rows that remain have in common with their base."""
    share = float((squares.base * base).sum()) / float((squares.base**2).sum())
    moved, usual = crossed_with(gone, squares.base, length)
    return share * (squares.crossed - moved), share * (squares.crossed_usual - usual)


def _open(rows: dict[int, Floats], place: int, m: int, length: int) -> Floats:
    """Return what the windows that are open on a session hold together."""
    held = np.zeros(m)
    for back in range(length):
        row = rows.get((place - back) % m)
        if row is not None:
            held += row
    return held
