r"""Whether two event sets on one panel were followed by different returns: both moved along the calendar together.

The two studies are one portfolio: it holds the events of the first with weights that sum to 1, and those of the second
with weights that sum to -1. Its sums under every shift are those of the verdict on a panel,

.. math:: S_k = \frac{\bar{y}_a(k) - \bar{y}_b(k)}{D_k},

and D_k is made of the changes of this portfolio: what both hold on a session cancels in the sum and in its scale. Only
asset-sessions count on which both studies could have seen an event; the base rate of each is taken over these.

References
----------
As `backtest.inference.panel_shift` and `backtest.inference.contrast`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.inference.circular_shift import TIE, shift_p_values
from backtest.inference.contrast import (
    NO_COMMON_EVENTS,
    NO_SHARED,
    NOTHING_LEFT,
    THE_SAME,
    Contrast,
    interval_of,
    no_contrast,
)
from backtest.inference.panel_shift import shifts_of_sums
from backtest.inference.panel_squares import base_of
from backtest.inference.panel_sums import PanelSums
from backtest.inference.result import finite
from backtest.model import Asked, Floats
from backtest.panel.event_sums import EventsPart, all_events, sums_of_parts, weights_of
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import Benchmark, benchmark_of
from backtest.panel.panel_forward import PanelForward, measure_panel
from backtest.panel.panel_study import PanelStudy


def contrast_on_panel(first: PanelStudy, second: PanelStudy, horizon: Asked) -> Contrast:
    """Test whether two studies on the same panel were followed by the same.

    Parameters
    ----------
    first, second : PanelStudy
        Studies on the same assets and sessions.
    horizon : int or str
        One that both have, as a strategy writes it.

    Returns
    -------
    Contrast
        Without an answer where a study has no event on the asset-sessions that both use, or nothing differs.
    """
    return _contrast(
        [_side(study, _on_both(study, other), horizon) for study, other in ((first, second), (second, first))],
        NO_COMMON_EVENTS,
    )


def contrast_of_shared(first: PanelStudy, second: PanelStudy, horizon: Asked) -> Contrast:
    """Test the same over the events alone that both studies have: the same asset with the same day 0, a pair each.

    A pair counts if both of its windows are complete.
    """
    sides = []
    for study, other in ((first, second), (second, first)):
        events = _on_both(study, other)
        sides.append(_side(study, events.only(np.isin(places_of(events), places_of(other.found))), horizon))
    complete = np.isfinite(sides[0].forward.spread[:, 0]) & np.isfinite(sides[1].forward.spread[:, 0])
    studies = zip((first, second), sides, strict=True)
    return _contrast([_side(study, side.events.only(complete), horizon) for study, side in studies], NO_SHARED)


def places_of(events: PanelEvents) -> np.ndarray:
    """Return one whole number an event, the same for the same asset and day 0 on one panel; shape (n_events,)."""
    return np.asarray(events.asset * len(events.eligible) + events.day0)


@dataclass(frozen=True, eq=False)
class _Side:
    """One study at one horizon, on the asset-sessions that both use."""

    study: PanelStudy
    events: PanelEvents
    benchmark: Benchmark | None
    forward: PanelForward

    @property
    def n(self) -> int:
        """Events with a complete window."""
        return int(self.forward.n[0])

    def moved(self, sign: float) -> tuple[PanelSums, Floats]:
        """Return the sums under every shift, less the base rate, and what that takes away on each session.

        The weights sum to `sign`.
        """
        size = float(weights_of(self.forward)[np.isfinite(self.forward.spread)].sum())
        [sums] = sums_of_parts(self.study.panel, self.events, self.forward, self.benchmark, [self.every])
        sums.total -= self.forward.base[0] * sums.count
        return sums.times(sign / size), base_of(sums, 0, self.forward.weight) * (sign / size)

    @property
    def every(self) -> EventsPart:
        """All events; the sessions that they are moved around are the same for both sides."""
        return all_events(self.study.panel.common, self.events, self.forward)


def _side(study: PanelStudy, events: PanelEvents, horizon: Asked) -> _Side:
    of = next(one for one in study.forward.horizons if one.label == horizon)
    benchmark = benchmark_of(study.panel, study.strategy.measure.benchmark)
    return _Side(study, events, benchmark, measure_panel(study.panel, events, (of,), benchmark, study.forward.weight))


def _on_both(study: PanelStudy, other: PanelStudy) -> PanelEvents:
    """Return the events of a study on the asset-sessions on which the other could have seen one, too."""
    events = study.found
    eligible = np.asarray(events.eligible & other.found.eligible, dtype=np.bool_)
    return replace(events.only(eligible[events.day0, events.asset]), eligible=eligible)


def _contrast(sides: Sequence[_Side], none: str) -> Contrast:
    first, second = sides
    n = first.n, second.n
    if 0 in n:
        return no_contrast(n, first.every.circle.sizes[0], none)
    (sums, base), (other, others) = first.moved(1.0), second.moved(-1.0)
    size = np.abs(sums.total).max() + np.abs(other.total).max()
    sums.add(other)
    sessions = sums.circle.sizes[0]
    if np.abs(sums.total).max() <= TIE * size:
        return no_contrast(n, sessions, THE_SAME)
    look = shifts_of_sums(sums, 0, 0.0, base + others)
    if not np.isfinite(look.scale[0]):
        return no_contrast(n, sessions, NOTHING_LEFT)
    shifts: Floats = np.nan_to_num(look.statistic)
    difference = float(look.effect[0])
    low, high = interval_of(difference, shifts, float(look.scale[0]))
    p = finite(float(shift_p_values(shifts[None, :])[0]))
    return Contrast(n, difference, low, high, p, sessions, shifts)
