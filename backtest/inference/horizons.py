"""The default verdict of a study: the circular shift at every horizon, adjusted for all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.inference.circle import Circle
from backtest.inference.circular_shift import shift_p_values, shift_statistics
from backtest.inference.multiple import family_p_values
from backtest.inference.result import NO_VARIATION, NO_WINDOW, NullTest, finite
from backtest.model import Ints

NULL = "the events' dates have nothing to do with the returns that followed them"


def shift_tests(circles: Sequence[Circle], day0: Ints, n: Ints) -> tuple[NullTest, ...]:
    """Shift the events around each horizon's circle; the family is the horizons.

    Parameters
    ----------
    circles : sequence of Circle
        One a horizon.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    n : ndarray of shape (n_horizons,)
        Events with a complete window: where there are some but no test, what is judged does not vary.

    Returns
    -------
    tuple of NullTest
        One a horizon.
    """
    shifts = [shift_statistics(circle, [circle.ranks(day0)])[0] for circle in circles]
    p = [float(shift_p_values(cell[None, :])[0]) for cell in shifts]
    adjusted = family_p_values(shifts, p)
    return tuple(
        NullTest(
            NULL,
            finite(cell[0]) if len(cell) else None,
            finite(own),
            finite(joint),
            None if np.isfinite(own) else NO_VARIATION if complete else NO_WINDOW,
            cell,
        )
        for cell, own, joint, complete in zip(shifts, p, adjusted, n.tolist(), strict=True)
    )
