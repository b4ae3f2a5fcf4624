"""From values to places on an axis, and the round values that stand on it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
"""Months between two ticks of an axis of time."""
WEEKS = 62
"""Days up to which an axis of time has days on it, not months."""
ROOM = 1 / 20
"""Share of an axis that stays free at either end."""
FOURFOLD = 4.0
"""How many times its lowest a level must reach to be better read on a logarithmic axis."""
APART = 3.0
"""How many times the lowest value the highest must be for an axis of powers of ten."""


@dataclass(frozen=True)
class Scale:
    """One axis: the values at its two ends."""

    low: float
    high: float
    log: bool = False

    def at(self, values: Floats | float) -> Floats:
        """Return where values stand, from 0 at the low end to 1 at the high one; NaN stays NaN."""
        found = np.asarray(values, dtype=np.float64)
        if self.log:
            return (np.log(found) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (found - self.low) / (self.high - self.low)


def around(values: Iterable[Floats | float | None], *, zero: bool = True, room: float = ROOM) -> Scale:
    """Return an axis that holds all values with some room.

    Parameters
    ----------
    values : iterable of ndarray, float or None
        What must be seen; None, NaN and infinities are left out.
    zero : bool
        Whether zero must be seen, too.
    room : float
        How much stays free at either end, as a share of the axis.
    """
    flat = [np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in values if value is not None]
    known = np.concatenate([np.zeros(1 if zero else 0), *flat])
    known = known[np.isfinite(known)]
    if not len(known):
        return Scale(-1.0, 1.0)
    low, high = float(known.min()), float(known.max())
    free = room * (high - low) or abs(high) * room or 0.01
    return Scale(low - free, high + free)


def levels(values: Floats, *, log: bool) -> Scale:
    """Return an axis for a level: logarithmic, or plain and without zero."""
    if not log:
        return around([values], zero=False)
    known = values[np.isfinite(values)]
    stretch = max(float(known.max() / known.min()) ** 0.06, 1.005)
    return Scale(float(known.min()) / stretch, float(known.max()) * stretch, log=True)


def wants_log(values: Floats) -> bool:
    """Say whether a level is better read on a logarithmic axis: positive throughout, and fourfold or more."""
    known = values[np.isfinite(values)]
    return bool(len(known)) and float(known.min()) > 0 and float(known.max() / known.min()) >= FOURFOLD


def ticks(scale: Scale, most: int = 6) -> list[float]:
    """Return round values on an axis, at most so many: steps of 1, 2, 2.5 or 5 and their tens, or powers of ten."""
    if scale.log and scale.high / scale.low >= APART:
        return _log_ticks(scale, most)
    rough = (scale.high - scale.low) / most
    size = 10.0 ** math.floor(math.log10(rough))
    step = size * next(times for times in STEPS if times * size >= rough * (1 - 1e-9))
    first = math.ceil(scale.low / step - 1e-9)
    return [at * step for at in range(first, math.floor(scale.high / step + 1e-9) + 1)]


def _log_ticks(scale: Scale, most: int) -> list[float]:
    decades = range(math.floor(math.log10(scale.low)), math.ceil(math.log10(scale.high)) + 1)
    for parts in ((1, 2, 5), (1, 3), (1,)):
        found = [times * 10.0**at for at in decades for times in parts if scale.low <= times * 10.0**at <= scale.high]
        if len(found) <= most + 2:
            break
    return found


def time_scale(days: Floats) -> Scale:
    """Return an axis of time from the first to the last of increasing days since 1970."""
    return Scale(float(days[0]), max(float(days[-1]), float(days[0]) + 1.0))


def time_ticks(scale: Scale, most: int = 8) -> list[tuple[float, str]]:
    """Return days and their labels: each names its year, whatever the length of the axis.

    Parameters
    ----------
    scale : Scale
        Of days since 1970.
    most : int
        So many at most.
    """
    first, last = (np.datetime64(round(end), "D") for end in (math.ceil(scale.low), math.floor(scale.high)))
    if scale.high - scale.low <= WEEKS:
        step = max(1, math.ceil((scale.high - scale.low) / (most - 2)))
        days = np.arange(first, last + 1, step)
        return [(float(day.astype(np.int64)), str(day)) for day in days]
    low, high = (int(day.astype("datetime64[M]").astype(np.int64)) for day in (first, last))
    step = next((one for one in MONTHS if (high - low) // one < most), MONTHS[-1])
    months = list(range(-(-low // step) * step, high + 1, step))
    starts = np.array(months, dtype=np.int64).astype("datetime64[M]")
    places = starts.astype("datetime64[D]").astype(np.int64).tolist()
    width = 4 if step >= 12 else 7
    pairs = zip(places, starts, strict=True)
    return [(float(place), str(month)[:width]) for place, month in pairs if scale.low <= place <= scale.high]
