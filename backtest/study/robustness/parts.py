"""Parts of the sample, each treated as a sample of its own: its halves, and the sides of a seam.

A part has its own base rate, and its events are shifted within it, as if the sample window were that part. So if a
history consists of two regimes, such as a splice of two sources, neither takes on the drift of the other. A session
belongs to the part in which it is day 0; its window may extend into the next part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np

from backtest.inference.circle import Circle
from backtest.model import Bools, Floats, Ints, Seam, Sessions
from backtest.study.base_rate import BaseRate
from backtest.study.robustness.influence import mean_of, own_p_values, sign


@dataclass(frozen=True, eq=False)
class Part:
    """One part of a sample; arrays of shape (n_horizons,), returns as fractions.

    Attributes
    ----------
    first, last : datetime.date
        Its first and last session on which an event could have been seen.
    sessions : ndarray of int
        Sessions of its base rate, which have a complete window.
    n : ndarray of int
        Events with a complete window.
    base_mean : ndarray
        Its base rate; NaN without a session.
    excess : ndarray
        Mean of its events minus its own base rate; NaN where n is 0.
    p_value : ndarray
        Own two-sided p by the circular shift within the part; NaN where n is 0 or what is judged does not vary.
    variance_ratio : ndarray
        Variance of the spread (or return) divided by the mean realised variance of its windows: above 1 where changes
        continue in their direction, below 1 where they reverse (Lo and MacKinlay 1988). NaN where nothing varies.
    """

    first: dt.date
    last: dt.date
    sessions: Ints
    n: Ints
    base_mean: Floats
    excess: Floats
    p_value: Floats
    variance_ratio: Floats


def disagree(parts: Sequence[Part]) -> Bools:
    """Tell where the parts that have events differ in the sign of their excess, of shape (n_horizons,)."""
    side = np.array([sign(part.excess) for part in parts])
    held = np.isfinite(side)
    lowest, highest = np.where(held, side, 1.0).min(axis=0), np.where(held, side, -1.0).max(axis=0)
    return np.asarray(held.any(axis=0) & (lowest != highest))


def halves_of(base_rate: BaseRate, day0: Ints, sessions: Sessions) -> tuple[Part, ...]:
    """Cut the sample at its middle: each half has half of the sessions on which an event could have been seen.

    Parameters
    ----------
    base_rate : BaseRate
        The base rate of the whole.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        The history's sessions.

    Returns
    -------
    tuple of Part
        Two; or one, if there is a single session.
    """
    return parts_of(base_rate, day0, sessions, [int(base_rate.eligible.sum()) // 2])


def excess_of_halves(base_rate: BaseRate, day0: Ints) -> Floats:
    """Return the excess in each half of the sample, of shape (2, n_horizons); NaN without events."""
    eligible, returned = np.flatnonzero(base_rate.eligible), base_rate.forward.judged
    found = np.full((2, returned.shape[1]), np.nan)
    for row, half in enumerate((eligible[: len(eligible) // 2], eligible[len(eligible) // 2 :])):
        if len(half):
            mine = day0[(day0 >= half[0]) & (day0 <= half[-1])]
            mean, base = (mean_of(returned[days], np.isfinite(returned[days])) for days in (mine, half))
            found[row] = mean - base
    return found


def sides_of_seams(base_rate: BaseRate, day0: Ints, sessions: Sessions, seams: Iterable[Seam]) -> tuple[Part, ...]:
    """Cut the sample at the seams of its legs.

    A position entered at the close of a seam earns the second source from the start, so the seam is the first session
    of the part after it.

    Parameters
    ----------
    base_rate, day0, sessions
        As `halves_of` takes them.
    seams : iterable of Seam
        The seams of all legs, as `backtest.model.seams_of` finds them. Two seams cut the sample into three parts.

    Returns
    -------
    tuple of Part
        Empty if no seam lies within the sample, which then comes from a single source.
    """
    positions = np.searchsorted(sessions, np.array([seam.day for seam in seams], dtype="datetime64[D]"))
    parts = np.searchsorted(np.flatnonzero(base_rate.eligible), positions).tolist()
    found = parts_of(base_rate, day0, sessions, parts)
    return found if len(found) > 1 else ()


def parts_of(base_rate: BaseRate, day0: Ints, sessions: Sessions, cuts: Iterable[int]) -> tuple[Part, ...]:
    """Measure and test each part of the sample.

    Parameters
    ----------
    base_rate, day0, sessions
        As `halves_of` takes them.
    cuts : iterable of int
        The eligible sessions, counted from 0, at which a new part begins; the first part begins at session 0.

    Returns
    -------
    tuple of Part
        In order; each has at least one session on which an event could have been seen.
    """
    eligible = np.flatnonzero(base_rate.eligible)
    edges = sorted({0, *cuts, len(eligible)})
    return tuple(_part(base_rate, day0, sessions, eligible[begin:end]) for begin, end in pairwise(edges))


def _part(base_rate: BaseRate, day0: Ints, sessions: Sessions, eligible: Ints) -> Part:
    first, last = int(eligible[0]), int(eligible[-1])
    returned = base_rate.forward.judged
    mine = day0[(day0 >= first) & (day0 <= last)]
    complete, measured = np.isfinite(returned[eligible]), np.isfinite(returned[mine])
    base_mean = mean_of(returned[eligible], complete)
    p, ratio = np.full(len(base_mean), np.nan), np.full(len(base_mean), np.nan)
    for column, whole in enumerate(base_rate.circles):
        circle = _stretch(whole, first, last)
        if circle.realised.any():
            ratio[column] = np.mean(circle.deviation**2) / circle.realised.mean()
        if measured[:, column].any():
            p[column] = own_p_values(circle, [circle.ranks(mine)])[0]
    return Part(
        sessions[first].item(),
        sessions[last].item(),
        complete.sum(axis=0),
        measured.sum(axis=0),
        base_mean,
        mean_of(returned[mine], measured) - base_mean,
        p,
        ratio,
    )


def _stretch(circle: Circle, first: int, last: int) -> Circle:
    """Return the circle of a stretch of sessions, with deviations from their own mean."""
    begin, end = np.searchsorted(circle.position, [first, last + 1])
    series = [field.name for field in fields(circle) if isinstance(getattr(circle, field.name), np.ndarray)]
    cut = {name: getattr(circle, name)[begin:end] for name in series}
    if end > begin:
        cut["deviation"] = cut["deviation"] - cut["deviation"].mean()
    return replace(circle, **cut)
