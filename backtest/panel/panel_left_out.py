"""What remains of a finding on a panel without the events of one date, one asset or one year.

Only the events are left out: the base rate, what each event counts, and the sessions that events are moved around stay
the same. So the change shows what these events contribute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backtest.inference.panel_shift import shifts_of_squares
from backtest.inference.panel_squares import base_of, rows_of
from backtest.inference.panel_sums import PanelSums
from backtest.inference.panel_without import squares_without, sums_without
from backtest.model import Bools, Floats, Ints
from backtest.model.panel import Universe
from backtest.panel.event_sums import Key, weights_of
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import PanelInference, p_value_of
from backtest.panel.panel_rates import mean_of_sums
from backtest.study.robustness.influence import Influence, LeftOut, Unit, with_p

ENDS, NEAREST = 1, 1
"""Groups per unit and horizon whose p is computed, as of `backtest.study.robustness.influence`: each moves events."""


@dataclass(frozen=True, eq=False)
class Leaving:
    """The events that are left out in turn, by one unit.

    Attributes
    ----------
    unit : {"date", "asset", "year"}
        What is left out.
    labels : tuple of str
        One a group, in order.
    group : ndarray of shape (n_events,)
        The group of each event.
    out, remain : ndarray of shape (n_groups, n_horizons)
        Events with a complete window that are left out, and those that remain.
    excess : ndarray of shape (n_groups, n_horizons)
        Of the events that remain, as a fraction; NaN if none does.
    """

    unit: Unit
    labels: tuple[str, ...]
    group: Ints
    out: Ints
    remain: Ints
    excess: Floats

    @property
    def moved(self) -> dict[int, list[int]]:
        """The horizons at which a group's p is computed, by group."""
        found: dict[int, list[int]] = {}
        for column in range(self.excess.shape[1]):
            for row in with_p(self.excess[:, column], self.out[:, column] > 0, ENDS, NEAREST).tolist():
                found.setdefault(row, []).append(column)
        return found


def leave_out(universe: Universe, events: PanelEvents, forward: PanelForward) -> tuple[Leaving, ...]:
    """Leave out each event date, each asset and each year in turn."""
    sessions = universe.common.sessions
    dates, by_date = np.unique(events.day0, return_inverse=True)
    assets, by_asset = np.unique(events.asset, return_inverse=True)
    years, by_year = np.unique(sessions[events.day0].astype("datetime64[Y]"), return_inverse=True)
    return (
        _leaving(forward, "date", tuple(map(str, sessions[dates])), by_date),
        _leaving(forward, "asset", tuple(universe.assets[column] for column in assets.tolist()), by_asset),
        _leaving(forward, "year", tuple(map(str, years)), by_year),
    )


def _leaving(forward: PanelForward, unit: Unit, labels: tuple[str, ...], group: Ints) -> Leaving:
    complete = np.isfinite(forward.spread)
    held = np.where(complete, weights_of(forward), 0.0)
    counted, total, size = (
        _by_group(values, group, len(labels)) for values in (complete, held * np.nan_to_num(forward.spread), held)
    )
    out = counted.astype(np.int64)
    remain = forward.n - out
    left = np.where(remain > 0, size.sum(axis=0) - size, 0.0)
    excess = mean_of_sums(total.sum(axis=0) - total, left) - forward.base
    return Leaving(unit, labels, group, out, remain, excess)


def _by_group(values: Floats | Bools, group: Ints, many: int) -> Floats:
    return np.array([np.bincount(group, column, many) for column in values.T]).T


def influence_on_panel(
    events: PanelEvents,
    forward: PanelForward,
    inference: PanelInference,
    left: Sequence[Leaving],
    sums: PanelSums,
    gone: Mapping[Key, PanelSums],
) -> Influence:
    """Say what remains without each group, with the p of those that move the excess most.

    Parameters
    ----------
    events, forward, inference
        The study so far.
    left : sequence of Leaving
        As `leave_out` returns them.
    sums : PanelSums
        Of all events.
    gone : mapping of Key to PanelSums
        Of the events of each group whose p is computed, by unit and group.
    """
    rest = _Rest(forward, inference, sums)
    found = []
    for one in left:
        p = np.full(one.excess.shape, np.nan)
        for row, columns in one.moved.items():
            p[row, columns] = rest.p_values(gone[one.unit, row], columns)
        found.append(LeftOut(one.unit, one.labels, one.out, one.remain, one.excess, p, forward.mean - forward.base))
    whole = forward.mean - forward.base
    return Influence(forward.horizons, len(events), forward.n, whole, inference.p_value, tuple(found))


class _Rest:
    """Moves the events that remain."""

    def __init__(self, forward: PanelForward, inference: PanelInference, sums: PanelSums) -> None:
        self._forward, self._inference, self._sums = forward, inference, sums
        self._rows = [rows_of(sums, column) for column in range(len(forward.horizons))]

    def p_values(self, gone: PanelSums, columns: Sequence[int]) -> list[float]:
        """Return the p at some horizons without some of the events; NaN where nothing varies."""
        rest = sums_without(self._sums, gone)
        return [self._p_value(gone, rest, column) for column in columns]

    def _p_value(self, gone: PanelSums, rest: PanelSums, column: int) -> float:
        whole = self._inference.shifts[column]
        if whole is None:
            return float("nan")
        length = self._sums.circle.lengths[column]
        base = base_of(rest, column, self._forward.weight)
        left = rows_of(rest, column)
        squares = squares_without(whole.squares, self._rows[column], left, list(gone.rows), base, length)
        return p_value_of(shifts_of_squares(rest, column, float(self._forward.base[column]), squares))
