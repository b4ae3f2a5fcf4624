"""Whether a look that stands out also holds in both halves of its sample, and among the years around its events.

A history may consist of two regimes, such as a splice of two sources, or an index that once traded thinly. Then its
events take the drift of one regime, while shifts around the whole circle also meet the other. So a look holds only if
both halves have events and agree, and its own years do not explain it.
"""

from __future__ import annotations

import numpy as np

from backtest.format import points_range, share_of_cases
from backtest.inference.circle import Circle
from backtest.inference.circular_shift import observed_scale, shift_statistics
from backtest.inference.opinions.local_shifts import REACH, local_shifts
from backtest.inference.result import NO_WINDOW
from backtest.model import Floats, Ints
from backtest.model.significance import stands_out
from backtest.study.base_rate import BaseRate
from backtest.study.robustness.influence import sign
from backtest.study.robustness.parts import excess_of_halves

APART = 1.96
"""In standard errors of their difference: halves of the same sign disagree from here, as independent ones at 5%."""


def doubt_about(base_rate: BaseRate, day0: Ints, column: int) -> str:
    """Say why a look that stands out does not hold.

    Parameters
    ----------
    base_rate : BaseRate
        The base rate, with the circles.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    column : int
        Which horizon.

    Returns
    -------
    str
        A clause; empty if the look holds.
    """
    circle = base_rate.circles[column]
    halves = excess_of_halves(base_rate, day0)[:, column]
    errors = _errors(base_rate, circle, day0) if np.isfinite(halves).all() else (0.0, 0.0)
    shifts = shift_statistics(circle, [circle.ranks(day0)])[0]
    return doubt_of_halves(halves, errors, len(circle.ranks(day0))) or doubt_of_near(
        shifts, base_rate.forward.horizons[column].sessions
    )


def doubt_of_halves(halves: Floats, errors: tuple[float, float], n: int) -> str:
    """Say why the halves of a sample do not confirm each other; empty if they do.

    Parameters
    ----------
    halves : ndarray of shape (2,)
        The excess in each, as a fraction; NaN without events.
    errors : (float, float)
        Their standard errors.
    n : int
        Events of both.
    """
    if not np.isfinite(halves).all():
        return _in_one_half(n)
    apart = abs(halves[0] - halves[1]) > APART * np.hypot(*errors)
    first, second = sign(halves)
    if first != second or apart:
        told = points_range(*halves).removesuffix(" pp").replace(" to ", " and ")
        how = "disagree" if first != second else "differ by more than chance would"
        return f"the halves of its sample {how}: {told} points, each against its own base rate"
    return ""


def doubt_of_near(shifts: Floats, sessions: int) -> str:
    """Say that the years around the events explain a look; empty if they do not.

    Parameters
    ----------
    shifts : ndarray of shape (M,)
        The statistic under every shift, the identity first.
    sessions : int
        About how many sessions a window has.
    """
    near = local_shifts(shifts, sessions, NO_WINDOW)
    if near.p_value is not None and not stands_out(near.p_value):
        cases = share_of_cases(near.p_value)
        return f"moved by at most {REACH} sessions, the same events give as much in {cases} of cases"
    return ""


def _in_one_half(n: int) -> str:
    which = "the only event lies" if n == 1 else "both events lie" if n == 2 else f"all {n:,} events lie"
    return f"{which} in one half of its sample, so that the other cannot confirm it"


def _errors(base_rate: BaseRate, circle: Circle, day0: Ints) -> tuple[float, float]:
    """Return the standard error of the events' mean in each half, both of which have events."""
    eligible = np.flatnonzero(base_rate.eligible)
    middle = eligible[len(eligible) // 2]
    places = [circle.ranks(day0[half]) for half in (day0 < middle, day0 >= middle)]
    first, second = (observed_scale(circle, at) / len(at) for at in places)
    return first, second
