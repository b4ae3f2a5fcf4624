"""Parts of the sample, each a sample of its own: its halves, and the sides of a seam.

A part has its own base rate and its events are shifted within it, as if the sample window were the part. So a history
that is two regimes, such as a splice of two sources, does not lend one of them the other's drift. A session belongs to
the part that it lies in as day 0; its window may reach into the next.
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
        Its first and last session that an event could have been seen on.
    sessions : ndarray of int
        Sessions of its base rate: with a complete window.
    n : ndarray of int
        Events with a complete window.
    base_mean : ndarray
        Its base rate; NaN without a session.
    excess : ndarray
        Mean of its events minus its own base rate; NaN where n is 0.
    p_value : ndarray
        Own two-sided p by the circular shift within the part; NaN where n is 0 or what is judged does not vary.
    variance_ratio : ndarray
        Variance of what is judged over the mean realised variance of its windows: above 1 where changes go on in their
        direction, below 1 where they turn back (Lo and MacKinlay 1988). NaN where nothing varies.
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
    """Cut the sample at its middle: half of the sessions on which an event could have been seen, and the others.

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
        Two; one where there is a single session.
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

    What is entered at the close of a seam earns the second source from the start: the seam is the first session of
    what comes after it.

    Parameters
    ----------
    base_rate, day0, sessions
        As `halves_of` takes them.
    seams : iterable of Seam
        Those of all legs, as `backtest.model.seams_of` finds them. Two seams cut the sample in three.

    Returns
    -------
    tuple of Part
        Empty where no seam lies within the sample, which then is of one source throughout.
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
        Which of the eligible sessions, counted from 0, a part begins with; the first part begins with session 0.

    Returns
    -------
    tuple of Part
        In order; each has a session on which an event could have been seen.
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
    """Return the circle of the sessions from one to another, with deviations from their own mean."""
    begin, end = np.searchsorted(circle.position, [first, last + 1])
    series = [field.name for field in fields(circle) if isinstance(getattr(circle, field.name), np.ndarray)]
    cut = {name: getattr(circle, name)[begin:end] for name in series}
    if end > begin:
        cut["deviation"] = cut["deviation"] - cut["deviation"].mean()
    return replace(circle, **cut)
