"""Influence: what remains of a finding without one event, one year or one decade.

Only the events are left out: the base rate and the sessions that events are shifted to stay the same. So the change
shows what the events themselves contribute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from backtest.inference.circle import Circle
from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.result import NullTest
from backtest.model import Bools, Floats, Horizon, Ints, Sessions
from backtest.study.base_rate import BaseRate

Unit = Literal["event", "year", "decade", "date", "asset"]

ENDS, NEAREST = 3, 2
"""The number of groups per unit whose p is computed at a horizon: the three without which the excess is lowest, the
three without which it is highest, and the two without which it is nearest to zero, where p is largest. If there are
eight groups or fewer: all of them."""
DUST = 1e-12
"""An excess this small, as a fraction, counts as zero and has no sign."""


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What remains when the events of one group are left out, for each group.

    Attributes
    ----------
    unit : {"event", "year", "decade", "date", "asset"}
        What is left out; the last two of a panel.
    labels : tuple of str, one a group
        ``"2008-10-13"``, ``"2008"`` or ``"2000s"``, in order, or an asset.
    out, n : ndarray of shape (n_groups, n_horizons)
        Events with a complete window that are left out, and those that remain.
    excess : ndarray of shape (n_groups, n_horizons)
        Excess of the remaining events, as a fraction; NaN if none remains.
    p_value : ndarray of shape (n_groups, n_horizons)
        Their own two-sided p from the circular shift. With more than eight groups, it is computed at each horizon for
        the three without which the excess is lowest, the three without which it is highest, and the two without which
        it is nearest to zero (of a panel, with more than three groups, one each); the others are NaN. Also NaN if no
        event remains, or the study has no test.
    whole : ndarray of shape (n_horizons,)
        The excess of all events.
    """

    unit: Unit
    labels: tuple[str, ...]
    out: Ints
    n: Ints
    excess: Floats
    p_value: Floats
    whole: Floats

    @property
    def counts(self) -> Bools:
        """Where something is left out and something remains, of shape (n_groups, n_horizons)."""
        return (self.out > 0) & (self.n > 0)

    @property
    def changes_sign(self) -> Bools:
        """Where the excess without the group has the opposite sign or none, of shape (n_groups, n_horizons)."""
        has, left = sign(self.whole), sign(self.excess)
        return np.asarray(self.counts & (has != 0) & (left != has))

    @property
    def most(self) -> Ints:
        """The group without which the excess differs most from that of all events, by horizon; -1 if there is none.

        If several differ equally, the first.
        """
        moved = np.where(self.counts, np.abs(self.excess - self.whole), -1.0)
        return np.where(self.counts.any(axis=0), moved.argmax(axis=0), -1)

    @property
    def excess_range(self) -> Floats:
        """Lowest and highest excess, of shape (2, n_horizons); NaN if no group counts."""
        return _span(self.excess, self.counts)

    @property
    def p_range(self) -> Floats:
        """Lowest and highest p of those computed, of shape (2, n_horizons); NaN if there is none."""
        return _span(self.p_value, self.counts & np.isfinite(self.p_value))


@dataclass(frozen=True, eq=False)
class Influence:
    """How a finding depends on single events, years and decades; arrays of shape (n_horizons,).

    Attributes
    ----------
    horizons : tuple of Horizon
        In order of their length.
    n_events : int
        Events of the study, measured or not.
    n : ndarray of int
        Those with a complete window.
    excess, p_value : ndarray
        Of all of them, as in the study.
    left_out : tuple of LeftOut
        By event, by year, by decade; of a panel, by date, by asset, by year.
    """

    horizons: tuple[Horizon, ...]
    n_events: int
    n: Ints
    excess: Floats
    p_value: Floats
    left_out: tuple[LeftOut, ...]


def influence_of(base_rate: BaseRate, day0: Ints, sessions: Sessions, tests: Sequence[NullTest]) -> Influence:
    """Leave out each event, each year and each decade.

    A mean is cheap, so each group gets its own. A p takes two transforms, so it is computed only for the groups that
    `LeftOut` names. If two groups leave the same events, as when an event is alone in its year, they are shifted only
    once.

    Parameters
    ----------
    base_rate : BaseRate
        The base rate, with the circles.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The history's sessions.
    tests : sequence of NullTest
        The study's own tests, one per horizon.
    """
    beyond = base_rate.forward.judged[day0] - base_rate.summary.judged.mean
    measured = np.isfinite(beyond)
    whole = mean_of(beyond, measured)
    known: list[dict[bytes, float]] = [{} for _ in base_rate.circles]
    left_out = []
    for unit, (labels, group) in _groups(sessions[day0]).items():
        out, remain, excess = _without(beyond, group, len(labels))
        p = np.full(excess.shape, np.nan)
        for column, circle in enumerate(base_rate.circles):
            rows = with_p(excess[:, column], (out > 0)[:, column])
            left = [day0[group != row] for row in rows]
            p[rows, column] = _p_values(circle, left, known[column])
        left_out.append(LeftOut(unit, labels, out, remain, excess, p, whole))
    own = np.array([np.nan if test.p_value is None else test.p_value for test in tests])
    return Influence(base_rate.forward.horizons, len(day0), measured.sum(axis=0), whole, own, tuple(left_out))


def own_p_values(circle: Circle, sets: Sequence[Ints]) -> Floats:
    """Return each event set's own p from the circular shift, of shape (n_sets,); NaN for an empty set.

    Parameters
    ----------
    circle : Circle
        The sessions of one horizon.
    sets : sequence of ndarray
        Places on the circle, as `Circle.ranks` gives them.
    """
    return shift_p_values(shift_statistics(circle, sets))


def sign(values: Floats) -> Floats:
    """Return -1, 0 or 1; NaN stays NaN. Values that are zero up to rounding give 0."""
    return np.sign(np.where(np.abs(values) > DUST, values, values * 0.0))


def _groups(days: Sessions) -> dict[Unit, tuple[tuple[str, ...], Ints]]:
    """Return labels and each event's group, by unit."""
    year = days.astype("datetime64[Y]").astype(np.int64) + 1970
    years, by_year = np.unique(year, return_inverse=True)
    decades, by_decade = np.unique(year // 10, return_inverse=True)
    return {
        "event": (tuple(map(str, days)), np.arange(len(days))),
        "year": (tuple(map(str, years.tolist())), by_year),
        "decade": (tuple(f"{ten}0s" for ten in decades.tolist()), by_decade),
    }


def mean_of(values: Floats, taken: Bools) -> Floats:
    """Return the mean of the selected values of each column; NaN if none is selected."""
    return _ratio(np.where(taken, values, 0.0).sum(axis=0), taken.sum(axis=0))


def _without(beyond: Floats, group: Ints, n_groups: int) -> tuple[Ints, Ints, Floats]:
    """Return how many are left out, how many remain, and the mean of the rest, each of shape (n_groups, n_horizons)."""
    measured = np.isfinite(beyond)
    values = np.where(measured, beyond, 0.0)
    out, gone = np.zeros((n_groups, beyond.shape[1]), dtype=np.int64), np.zeros((n_groups, beyond.shape[1]))
    np.add.at(out, group, measured)
    np.add.at(gone, group, values)
    remain = measured.sum(axis=0) - out
    return out, remain, _ratio(values.sum(axis=0) - gone, remain)


def _ratio(total: Floats, n: Ints) -> Floats:
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def with_p(excess: Floats, out: Bools, ends: int = ENDS, nearest: int = NEAREST) -> Ints:
    """Return the groups whose p is computed at a horizon: all of them, or those at both ends and nearest to zero.

    Parameters
    ----------
    excess : ndarray of shape (n_groups,)
        Of the events that remain; NaN if none does.
    out : ndarray of shape (n_groups,)
        Whether an event is left out.
    ends, nearest : int
        How many at either end, and nearest to zero.
    """
    rows = np.flatnonzero(out & np.isfinite(excess))
    if len(rows) <= 2 * ends + nearest:
        return rows
    rising = rows[np.argsort(excess[rows], kind="stable")]
    small = rows[np.argsort(np.abs(excess[rows]), kind="stable")]
    chosen = {*rising[:ends].tolist(), *rising[-ends:].tolist(), *small[:nearest].tolist()}
    return np.array(sorted(chosen), dtype=np.int64)  # np.unique imports masked arrays, a thirtieth of a run


def _p_values(circle: Circle, days: Sequence[Ints], known: dict[bytes, float]) -> list[float]:
    """Return each set's p; new sets are shifted together, and then remembered."""
    new = {key: circle.ranks(left) for left in days if (key := left.tobytes()) not in known}
    if new:
        known.update(zip(new, own_p_values(circle, list(new.values())).tolist(), strict=True))
    return [known[left.tobytes()] for left in days]


def _span(values: Floats, counted: Bools) -> Floats:
    """Return the lowest and highest value of each column, of shape (2, n_horizons)."""
    ends = np.array([np.where(counted, values, np.inf).min(axis=0), np.where(counted, values, -np.inf).max(axis=0)])
    return np.where(counted.any(axis=0), ends, np.nan)
