"""The default verdict of a study: the circular shift at every horizon, adjusted for all of them and all assets."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from backtest.inference.circle import Circle
from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.multiple import family_p_values
from backtest.inference.result import NO_VARIATION, NO_WINDOW, NullTest, finite
from backtest.model import Floats, Ints

NULL = "the events' dates have nothing to do with the returns that followed them"


def shift_tests(circles: Sequence[Sequence[Circle]], day0: Ints, n: Sequence[Ints]) -> tuple[tuple[NullTest, ...], ...]:
    """Shift the events around each circle of each asset; the family is all horizons of all assets.

    Every asset has the same events, and each shift moves them by as many sessions: what two assets share counts once.

    Parameters
    ----------
    circles : sequence of sequence of Circle
        One sequence an asset, of one circle a horizon.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    n : sequence of ndarray of shape (n_horizons,)
        Events with a complete window, by asset: where there are some but no test, what is judged does not vary.

    Returns
    -------
    tuple of tuple of NullTest
        One an asset, of one a horizon.
    """
    shifts = [shift_statistics(circle, [circle.ranks(day0)])[0] for row in circles for circle in row]
    p = [float(shift_p_values(cell[None, :])[0]) for cell in shifts]
    complete = [number for row in n for number in row.tolist()]
    asset = [at for at, row in enumerate(circles) for _ in row]
    tests = map(_test, shifts, p, family_p_values(shifts, p, asset), complete)
    return tuple(tuple(itertools.islice(tests, len(row))) for row in circles)


def _test(shifts: Floats, own: float, joint: float, complete: int) -> NullTest:
    reason = None if np.isfinite(own) else NO_VARIATION if complete else NO_WINDOW
    statistic = finite(shifts[0]) if len(shifts) else None
    return NullTest(NULL, statistic, finite(own), finite(joint), reason, shifts)
