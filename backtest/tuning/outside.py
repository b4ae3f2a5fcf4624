"""What chosen sets gave in blocks that did not choose them, with the test of the verdict.

The blocks are joined to one circle, and the events are shifted around it together. Each block keeps the measure of the
set that was chosen for it, so that an event that is moved into another block meets what is measured there.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.inference.circle import Circle, flags_of
from backtest.inference.circular_shift import Shifts, shift_p_values
from backtest.inference.effect import interval_of
from backtest.inference.result import NO_VARIATION, NO_WINDOW, finite
from backtest.model import Floats, Ints
from backtest.tuning.pieces import Pieces

Taken = tuple[int, int, int, int]
"""First and last session position of a block, the set by position, and the sign of what it was chosen for."""


@dataclass(frozen=True)
class Outside:
    """Events outside the years that chose them; fractions, in the direction that was chosen.

    Attributes
    ----------
    n : int
        Events with a complete window.
    excess : float or None
        Their mean over the base rate of the same blocks.
    p_value : float or None
        Two-sided, by the circular shift of all of them.
    low, high : float or None
        The 95% interval.
    reason : str or None
        Why there is no p.
    """

    n: int
    excess: float | None
    p_value: float | None
    low: float | None
    high: float | None
    reason: str | None


def measure_outside(pieces: Pieces, choices: Sequence[Taken]) -> tuple[Outside, list[tuple[int, float]]]:
    """Return the figures of all blocks together, and the events and the excess of each.

    Parameters
    ----------
    pieces : Pieces
        The sets at one horizon.
    choices : sequence of Choice
        The blocks, in order and without overlap.
    """
    circle, places, sizes = _joined(pieces, choices)
    ends = np.cumsum([0, *sizes])
    each = []
    for begin, end in itertools.pairwise(ends.tolist()):
        inside = places[(places >= begin) & (places < end)]
        each.append((len(inside), float(circle.deviation[inside].mean()) if len(inside) else float("nan")))
    if not len(places):
        return Outside(0, None, None, None, None, NO_WINDOW), each
    shifts = Shifts(circle, flags_of(circle, [places]))
    p = finite(float(shift_p_values(shifts.statistic)[0]))
    low, high, _ = interval_of(circle, places, shifts)
    reason = None if p is not None else NO_VARIATION
    return Outside(len(places), float(circle.deviation[places].mean()), p, low, high, reason), each


def _joined(pieces: Pieces, choices: Sequence[Taken]) -> tuple[Circle, Ints, list[int]]:
    """Return one circle of all blocks, the places of the events on it, and the sessions of each block."""
    parts: list[tuple[Circle, Ints, Floats, Ints]] = []
    for first, last, chosen, sign in choices:
        trial = pieces.found.trials[chosen]
        circle = trial.base_rate.circles[pieces.column]
        here = np.flatnonzero((circle.position >= first) & (circle.position <= last))
        of_blocks = np.concatenate([_between(circle, a, b) for a, b, _, _ in choices])
        values = pieces.returned(trial)
        level = values[circle.position[of_blocks]].mean() if len(of_blocks) else 0.0
        places = circle.ranks(trial.day0)
        places = places[np.isin(places, here)] - (here[0] if len(here) else 0)
        parts.append((circle, here, sign * (values[circle.position[here]] - level), places))
    sizes = [len(here) for _, here, _, _ in parts]
    offsets = np.cumsum([0, *sizes])[:-1]
    moved = [at + offset for (_, _, _, at), offset in zip(parts, offsets, strict=True)]
    deviation = _together([values for _, _, values, _ in parts])
    names = ("position", "expected", "realised", "square", "lengths")
    of = {name: _together([getattr(one, name)[here] for one, here, _, _ in parts]) for name in names}
    circle = Circle(
        of["position"].astype(np.int64),
        deviation - (deviation.mean() if len(deviation) else 0.0),
        of["expected"],
        of["realised"],
        of["square"],
        of["lengths"].astype(np.int64),
    )
    return circle, _together(moved).astype(np.int64), sizes


def _between(circle: Circle, first: int, last: int) -> Ints:
    return np.flatnonzero((circle.position >= first) & (circle.position <= last))


def _together(parts: Sequence[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0)
