"""Squared changes of what a panel of events holds under every shift, less what the base rate takes away.

The portfolio of events moves, the base does not, so the sum over all sessions of (p_k(t) - b(t)) squared is kept in
three parts: what the portfolio's own changes give, its changes times those of the base, and the squares of the base.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from backtest.inference.panel_sums import PanelSums
from backtest.model import Floats
from backtest.model.panel import Weight

ROUNDING = 1e-12
"""A realised variance that is so small a share of its parts is their rounding."""


@dataclass(frozen=True, eq=False)
class Squares:
    """Squared changes of what a panel of events holds, at one horizon; arrays of shape (M,).

    The square of p - b is kept in three parts, as only those that a change concerns are computed again.

    Attributes
    ----------
    dates : ndarray
        By sessions after the event date, the next one first: the squared changes of each date's assets, summed.
    own : ndarray
        By shift: the squared changes of the whole portfolio, summed over its sessions.
    own_usual : ndarray
        Their mean over all shifts, by session of the portfolio's life; with windows of one session, by event date.
    crossed, crossed_usual : ndarray
        The same of its changes times those of the base.
    base : ndarray
        What the base rate takes away on each session after the circle's first.
    """

    dates: Floats
    own: Floats
    own_usual: Floats
    crossed: Floats
    crossed_usual: Floats
    base: Floats

    @cached_property
    def realised(self) -> Floats:
        """By shift: the squared changes of the portfolio less those of the base, summed over all sessions."""
        return _less(self.own, self.crossed, float((self.base**2).sum()))

    @cached_property
    def usual(self) -> Floats:
        """Their mean over all shifts, by session of the portfolio's life."""
        return _less(self.own_usual, self.crossed_usual, float((self.base**2).sum()) / max(len(self.base), 1))


def _less(own: Floats, crossed: Floats, base: float) -> Floats:
    """Return the squares of differences; rounding is none."""
    squares = own - 2.0 * crossed + base
    return np.where(squares > ROUNDING * (own + base), squares, 0.0)


def rows_of(sums: PanelSums, column: int) -> dict[int, Floats]:
    """Return what the assets with an event on each date earned on the sessions after the circle's first, by date."""
    m = sums.circle.sizes[column]
    return {date: sums.rows[date][1 : m + 1] for date in sorted(sums.rows) if date < m}


def base_of(sums: PanelSums, column: int, weight: Weight = "event") -> Floats:
    """Return what the base rate takes away on each session after the circle's first, of shape (M,).

    Parameters
    ----------
    sums : PanelSums
        Of all blocks.
    column : int
        Which horizon.
    weight : {"event", "date"}
        Whether the base rate is the mean of all asset-sessions, or of the sessions' means.
    """
    m, length = sums.circle.at(column)
    earned, many = sums.every[1 : m + 1], sums.eligible[1 : m + 1]
    if weight == "date":
        earned, many = np.divide(earned, many, where=many > 0, out=np.zeros(m)), np.minimum(many, 1.0)
    size = max(float(many.sum()), 1.0)
    held = float(sums.count[column, 0]) if m else 0.0
    return np.asarray(earned * (held * min(length, m) / size))


def squares_of(rows: dict[int, Floats], base: Floats, length: int) -> Squares:
    """Square and sum the rows of all dates, on a circle of as many sessions as `base`, with windows of `length`."""
    m = len(base)
    squares, usual = np.zeros(m), np.zeros(m)
    for date, row in rows.items():
        squared = row * row
        add_moved(squares, squared, date)
        usual[date] = squared.mean()
    # Windows of one session are their dates' own; one as long as the circle, or longer, holds each session once.
    own = (squares, usual) if length == 1 else _realised(rows, m, min(length, m))
    return Squares(squares, *own, *crossed_with(rows, base, length), base)


def crossed_with(rows: dict[int, Floats], base: Floats, length: int) -> tuple[Floats, Floats]:
    """Return the sum of the portfolio's changes times the base's under every shift; also their mean, as `Squares`."""
    m = len(base)
    moved, usual = np.zeros(m), np.zeros(m)
    if base.any():
        for date, row in rows.items():
            product = row * base
            add_moved(moved, product, date)
            usual[date] = product.mean()
    return ahead(moved, min(length, m)), behind(usual, min(length, m))


def add_moved(total: Floats, row: Floats, date: int) -> None:
    """Add to each k what stands k sessions after a date."""
    left = len(row) - date
    total[:left] += row[date:]
    total[left:] += row[:date]


def ahead(values: Floats, length: int) -> Floats:
    """Return the sum of each value and those after it, `length` in all, around the circle."""
    m = len(values)
    turns, rest = divmod(length, max(m, 1))
    running = np.concatenate(([0.0], np.cumsum(np.concatenate((values, values[:rest])))))
    return np.asarray(running[rest : rest + m] - running[:m] + turns * running[m])


def behind(values: Floats, length: int) -> Floats:
    """Return the sum of each value and those before it, `length` in all, around the circle."""
    return ahead(values[::-1], length)[::-1]


def _realised(rows: dict[int, Floats], m: int, length: int) -> tuple[Floats, Floats]:
    """Return the sum of the squared changes of the whole portfolio under every shift.

    Also return their mean over all shifts for each session of the portfolio's life.
    """
    total, usual, held = np.zeros(m), np.zeros(m), np.zeros(m)
    open_windows = 0
    for place in range(m - length, m):  # windows that are open when the circle begins
        if place in rows:
            held += rows[place]
            open_windows += 1
    for place in range(m):
        ended = (place - length) % m
        if ended in rows:
            held -= rows[ended]
            open_windows -= 1
        if place in rows:
            held += rows[place]
            open_windows += 1
        if open_windows:
            squared = held * held
            usual[place] = np.add.reduce(squared)
            add_moved(total, squared, place)
        elif place and usual[place - 1]:
            held[:] = 0.0  # no rounding is carried over
    return total, usual / m
