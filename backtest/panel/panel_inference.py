"""What a panel study infers: all shifts at every horizon, adjusted for them, the interval and what could be found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.inference.circular_shift import TIE, shift_p_values
from backtest.inference.effect import ENOUGH
from backtest.inference.multiple import family_p_values
from backtest.inference.panel_detectable import detectable_on_panel, windows_met
from backtest.inference.panel_shift import PanelShifts, shifts_of_sums
from backtest.inference.panel_squares import base_of
from backtest.inference.panel_sums import PanelCircle, PanelSums
from backtest.model import Floats
from backtest.model.panel import Panel, Weight
from backtest.model.significance import LEVEL
from backtest.panel.event_sums import all_events, sums_of_parts, weights_of
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import Benchmark
from backtest.panel.panel_forward import PanelForward


@dataclass(frozen=True, eq=False)
class PanelInference:
    """Arrays of shape (n_horizons,); NaN where there is no event with a complete window.

    Attributes
    ----------
    p_value, p_adjusted : ndarray
        Of each horizon alone, and counting all of them.
    low, high : ndarray
        The 95% interval of the effect; NaN also where the windows cover more than half of the asset-sessions.
    detectable : ndarray
        The smallest effect that 80% of such studies would find at the 5% level; NaN where there is no interval, or no
        size is found so often.
    kept : ndarray
        Share of an effect that the excess keeps: the base rate holds the events' own windows.
    shifts : tuple of PanelShifts or None
        What the events give under every shift, by horizon; None where there is nothing to move.
    """

    p_value: Floats
    p_adjusted: Floats
    low: Floats
    high: Floats
    detectable: Floats
    kept: Floats
    shifts: tuple[PanelShifts | None, ...]


def infer_on_panel(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None
) -> PanelInference:
    """Move the panel of events by every number of sessions, the same for all assets and horizons.

    Parameters
    ----------
    panel, events, forward
        The study so far.
    benchmark : Benchmark, optional
        What every asset is compared with, as `forward` was measured.
    """
    [sums] = sums_of_parts(panel, events, forward, benchmark, [all_events(panel.common, events, forward)])
    return inference_of(sums, forward, events)


def inference_of(sums: PanelSums, forward: PanelForward, events: PanelEvents) -> PanelInference:
    """Infer from the sums over all assets.

    Parameters
    ----------
    sums : PanelSums
        Of all blocks.
    forward, events
        What came next, and the events.
    """
    kept, weights = kept_of(events, forward), weights_of(forward)
    looks = [look_of(sums, column, float(rate), forward.weight) for column, rate in enumerate(forward.base)]
    cells = [np.zeros(0) if look is None else np.nan_to_num(look.statistic) for look in looks]
    own = [float(shift_p_values(cell[None])[0]) if len(cell) else np.nan for cell in cells]
    sizes = np.full((len(looks), 3), np.nan)
    for column, look in enumerate(looks):
        if look is not None and kept[column] >= ENOUGH:
            met = _met(sums.circle, column, events, weights)
            sizes[column] = _sizes(look, sums.circle.lengths[column], float(kept[column]), met)
    low, high, detectable = sizes.T
    adjusted = np.array(family_p_values(cells, own))
    return PanelInference(np.array(own), adjusted, low, high, detectable, kept, tuple(looks))


def p_value_of(look: PanelShifts) -> float:
    """Return the p of one look alone; NaN where there is nothing to move, or nothing varies."""
    if not look.n or not np.isfinite(look.scale[0]):
        return float("nan")
    return float(shift_p_values(np.nan_to_num(look.statistic)[None])[0])


def look_of(sums: PanelSums, column: int, rate: float, weight: Weight) -> PanelShifts | None:
    """Return what the events give under every shift at a horizon; None where there is nothing to move."""
    look = shifts_of_sums(sums, column, rate, base_of(sums, column, weight))
    return look if look.n and np.isfinite(look.scale[0]) else None


def _met(circle: PanelCircle, column: int, events: PanelEvents, weights: Floats) -> Floats:
    m, place = circle.sizes[column], events.day0 - circle.first
    on = (place >= 0) & (place < m)
    return windows_met(place[on], events.asset[on], weights[on, column], circle.lengths[column], m)


def _sizes(look: PanelShifts, length: int, kept: float, met: Floats) -> tuple[float, float, float]:
    """Return the ends of the interval and the minimum detectable effect."""
    ends = ends_of(look, kept)
    if ends is None:
        return np.nan, np.nan, np.nan
    smallest = detectable_on_panel(look, met, kept, length, int(LEVEL * len(look.effect)))
    return *ends, np.nan if smallest is None else smallest


def ends_of(look: PanelShifts, kept: float) -> tuple[float, float] | None:
    """Return the ends of the 95% interval; None where the shifts are too few.

    Parameters
    ----------
    look : PanelShifts
        Of the horizon.
    kept : float
        The share of an effect that the excess keeps, as `kept_of` gives it.
    """
    cell = np.nan_to_num(look.statistic)
    rejected = int(LEVEL * len(cell))
    if rejected == 0:
        return None
    critical = float(np.partition(np.abs(cell), -1 - rejected)[-1 - rejected])
    reach = (critical * (1.0 + TIE) + TIE) * float(look.scale[0]) / look.n
    excess = float(look.effect[0]) / look.n
    return (excess - reach) / kept, (excess + reach) / kept


def kept_of(events: PanelEvents, forward: PanelForward) -> Floats:
    """Return one minus the share of the base rate that the windows of events hold.

    It is the share of the asset-sessions whose window is complete, which are what the base rate is the mean of;
    weighted by date, the mean over sessions of each one's share of the eligible assets: where closes are missing, the
    sessions of events drop out of the mean of a session as others do.
    """
    eligible = events.eligible.sum(axis=1)
    steps = np.diff(events.day0, append=0)
    last = np.diff(events.asset, append=-1) != 0  # of its asset
    shares = []
    for column, horizon in enumerate(forward.horizons):
        spans = np.where(last, horizon.sessions, np.minimum(steps, horizon.sessions))
        if forward.weight == "event":
            complete = np.isfinite(forward.spread[:, column])
            shares.append(spans[complete].sum() / max(1, int(forward.base_n[column])))
        else:
            change = np.zeros(len(eligible) + 1)
            np.add.at(change, events.day0, 1)
            np.add.at(change, np.minimum(events.day0 + spans, len(eligible)), -1)
            held = np.cumsum(change[:-1])[eligible > 0] / eligible[eligible > 0]
            shares.append(np.minimum(held, 1.0).mean())
    return np.maximum(1.0 - np.array(shares), 0.0)  # a window may end after the last session
