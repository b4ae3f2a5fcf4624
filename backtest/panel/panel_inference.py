"""What a panel study infers: all shifts at every horizon, adjusted for them, and the interval of the effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.inference.circular_shift import shift_p_values
from backtest.inference.effect import ENOUGH
from backtest.inference.multiple import family_p_values
from backtest.inference.panel_shift import PanelShifts, panel_shifts
from backtest.model import Floats
from backtest.model.panel import Panel
from backtest.model.significance import LEVEL
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import EVERY, Benchmark, daily_changes
from backtest.panel.panel_forward import PanelForward, effects_of


@dataclass(frozen=True, eq=False)
class PanelInference:
    """Arrays of shape (n_horizons,); NaN where there is no event with a complete window.

    Attributes
    ----------
    p_value, p_adjusted : ndarray
        Of each horizon alone, and counting all of them.
    low, high : ndarray
        The 95% interval of the effect; NaN also where the windows cover more than half of the asset-sessions.
    kept : ndarray
        Share of an effect that the excess keeps: the base rate holds the events' own windows.
    """

    p_value: Floats
    p_adjusted: Floats
    low: Floats
    high: Floats
    kept: Floats


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
    changes = daily_changes(panel.close)
    if benchmark is not None:
        changes -= benchmark.of(EVERY).changes
    looks = [_look(panel, events, forward, benchmark, changes, column) for column in range(len(forward.horizons))]
    cells = [np.zeros(0) if look is None else np.nan_to_num(look.statistic) for look in looks]
    own = [
        np.nan if look is None else float(shift_p_values(cell[None])[0])
        for look, cell in zip(looks, cells, strict=True)
    ]
    kept = _kept(events, forward)
    reach = np.array([np.nan if look is None else _reach(look, cell) for look, cell in zip(looks, cells, strict=True)])
    reach = np.where(kept < ENOUGH, np.nan, reach)
    excess = forward.mean - forward.base
    adjusted = np.array(family_p_values(cells, own))
    return PanelInference(np.array(own), adjusted, (excess - reach) / kept, (excess + reach) / kept, kept)


def _look(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None, changes: Floats, column: int
) -> PanelShifts | None:
    effects, length = effects_of(panel, forward, benchmark, column)
    complete = np.isfinite(forward.spread[:, column])
    if not complete.any():
        return None
    weights = None if forward.weight == "event" else forward.weights(column)
    at = events.day0[complete], events.asset[complete]
    return panel_shifts(effects, changes[: len(effects) + 1], *at, length, weights)


def _reach(look: PanelShifts, cell: Floats) -> float:
    rejected = int(LEVEL * len(cell))
    if rejected == 0:
        return float("nan")
    critical = float(np.partition(np.abs(cell), -1 - rejected)[-1 - rejected])
    return critical * float(look.scale[0]) / look.n


def _kept(events: PanelEvents, forward: PanelForward) -> Floats:
    """Return one minus the share of the base rate that the windows of events hold.

    It is the share of the eligible asset-sessions; weighted by date, the mean over sessions of each one's share.
    """
    eligible = events.eligible.sum(axis=1)
    steps = np.diff(events.day0, append=0)
    last = np.diff(events.asset, append=-1) != 0  # of its asset
    shares = []
    for horizon in forward.horizons:
        spans = np.where(last, horizon.sessions, np.minimum(steps, horizon.sessions))
        if forward.weight == "event":
            shares.append(spans.sum() / max(1, int(eligible.sum())))
        else:
            change = np.zeros(len(eligible) + 1)
            np.add.at(change, events.day0, 1)
            np.add.at(change, np.minimum(events.day0 + spans, len(eligible)), -1)
            held = np.cumsum(change[:-1])[eligible > 0] / eligible[eligible > 0]
            shares.append(np.minimum(held, 1.0).mean())
    return 1.0 - np.array(shares)
