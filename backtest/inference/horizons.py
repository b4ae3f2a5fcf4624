"""What a study infers: the circular shift at every horizon, adjusted for all of them and all assets, and its sizes."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.inference.circle import Circle, flags_of
from backtest.inference.circular_shift import TIE, Shifts, shift_p_values
from backtest.inference.effect import effect_of
from backtest.inference.multiple import family_p_values
from backtest.inference.result import (
    NO_VARIATION,
    NO_WINDOW,
    Effect,
    Inference,
    NullTest,
    Standardised,
    VarianceRatio,
    finite,
)
from backtest.model import Floats, Ints

NULL = "the events' dates have nothing to do with the returns that followed them"


def infer(circles: Sequence[Sequence[Circle]], day0: Ints, n: Sequence[Ints]) -> tuple[tuple[Inference, ...], ...]:
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
    tuple of tuple of Inference
        One an asset, of one a horizon.
    """
    looks = [_shifted(circle, circle.ranks(day0)) for row in circles for circle in row]
    cells = [np.full(0, np.nan) if look is None else look.shifts.statistic[0] for look in looks]
    p = [np.nan if look is None else _share(look.shifts.statistic) for look in looks]
    complete = [number for row in n for number in row.tolist()]
    asset = [at for at, row in enumerate(circles) for _ in row]
    found = map(_inference, looks, cells, p, family_p_values(cells, p, asset), complete)
    return tuple(tuple(itertools.islice(found, len(row))) for row in circles)


@dataclass(frozen=True, eq=False)
class _Look:
    circle: Circle
    places: Ints
    shifts: Shifts


def _shifted(circle: Circle, places: Ints) -> _Look | None:
    return _Look(circle, places, Shifts(circle, flags_of(circle, [places]))) if len(places) else None


def _inference(look: _Look | None, shifts: Floats, own: float, joint: float, complete: int) -> Inference:
    reason = None if np.isfinite(own) else NO_VARIATION if complete else NO_WINDOW
    test = NullTest(NULL, finite(shifts[0]) if len(shifts) else None, finite(own), finite(joint), reason, shifts)
    if look is None:
        return Inference(
            test, Effect(None, None, None, None, reason), Standardised(None, None), VarianceRatio(None, None)
        )
    effect = effect_of(look.circle, look.places, look.shifts)
    ratio = look.shifts.variance_ratio[0]
    variance = VarianceRatio(finite(ratio[0]), float(np.mean(ratio >= ratio[0] * (1.0 - TIE))))
    return Inference(test, effect, _standardised(look), variance)


def _standardised(look: _Look) -> Standardised:
    total = float(look.circle.standardised.deviation[look.places].sum())
    weight = float((1.0 / np.sqrt(look.circle.expected[look.places])).sum())
    return Standardised(finite(total / weight), finite(_share(look.shifts.standardised)))


def _share(statistics: Floats) -> float:
    return float(shift_p_values(statistics)[0])
