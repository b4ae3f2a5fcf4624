"""The published fed funds target, and the overnight rate, from 1994.

Before 1994, changes of the target were not announced; both rates are missing there, not invented.
"""

from __future__ import annotations

import numpy as np

from backtest.data.sample.facts import TargetChange
from backtest.model import Floats, Sessions

SINCE = np.datetime64("1994-01-01")
RANGE_SINCE = np.datetime64("2008-12-16")
BELOW_TOP = 0.12
"""Since 2008 the target is a range, and the facts give its top; the overnight rate is this much below it."""


def target_rate(sessions: Sessions, changes: tuple[TargetChange, ...]) -> Floats:
    """Return the target as known at each close: a change applies from the day of its announcement."""
    return _in_force(sessions, changes, side="right")


def policy_rate(sessions: Sessions, changes: tuple[TargetChange, ...]) -> Floats:
    """Return the effective rate: a change applies from the first session after its announcement."""
    rate = _in_force(sessions, changes, side="left")
    ranged = sessions > RANGE_SINCE
    effective: Floats = np.where(ranged, rate - BELOW_TOP, rate)
    return np.round(effective, 2)


def _in_force(sessions: Sessions, changes: tuple[TargetChange, ...], *, side: str) -> Floats:
    dates = np.array([change.date for change in changes], dtype="datetime64[D]")
    values = np.array([changes[0].before, *(change.after for change in changes)])
    count = np.searchsorted(dates, sessions, side="left" if side == "left" else "right")
    return np.where(sessions >= SINCE, values[count], np.nan)
