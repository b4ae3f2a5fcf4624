"""What a panel study infers: all shifts at every horizon, adjusted for them, the interval and what could be found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest.inference.circular_shift import TIE, shift_p_values
from backtest.inference.effect import ENOUGH
from backtest.inference.multiple import family_p_values
from backtest.inference.panel_detectable import detectable_on_panel, windows_met
from backtest.inference.panel_shift import PanelShifts, shifts_of_sums
from backtest.inference.panel_sums import PanelCircle, PanelSums, sums_of_block
from backtest.measure.windows import window_ends
from backtest.model import Bools, Floats, Horizon, Ints, Prices
from backtest.model.panel import Panel
from backtest.model.significance import LEVEL
from backtest.panel.block_windows import forward_of_block
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import BLOCK, Benchmark
from backtest.panel.panel_forward import PanelForward
from backtest.panel.session_changes import changes_over_gaps


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
    whole = EventsPart(np.ones(len(events), dtype=bool), circle_of(panel.common, forward.horizons, span_of(events)))
    [sums] = sums_of_parts(panel, events, forward, benchmark, [whole])
    return inference_of(sums, forward, events, kept_of(events, forward), weights_of(forward))


@dataclass(frozen=True, eq=False)
class EventsPart:
    """Some of the events, and the sessions that they are moved around; `keep` has the shape (n_events,)."""

    keep: Bools
    circle: PanelCircle


def sums_of_parts(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None, parts: Sequence[EventsPart]
) -> list[PanelSums]:
    """Sum what parts of the events give under every shift, reading each block of assets once for all of them.

    The first four arguments are as `infer_on_panel` takes them.
    """
    weights, every = weights_of(forward), [PanelSums(part.circle) for part in parts]
    for first in range(0, len(panel), BLOCK):
        block = (events.asset >= first) & (events.asset < first + BLOCK)
        if not block.any():
            continue
        held, earned = _earned(panel, events.eligible, forward.horizons, benchmark, events.asset[block])
        for part, sums in zip(parts, every, strict=True):
            mine = np.flatnonzero(block & part.keep)
            if len(mine):
                column = np.searchsorted(held, events.asset[mine])
                sums.add(sums_of_block(part.circle, *earned, events.day0[mine], column, weights[mine]))
    return every


def span_of(events: PanelEvents) -> tuple[int, int]:
    """Return the first and the last session on which an event could have been seen on any asset."""
    inside = np.flatnonzero(events.eligible.any(axis=1))
    return (int(inside[0]), int(inside[-1])) if len(inside) else (0, -1)


def circle_of(common: Prices, horizons: Sequence[Horizon], span: tuple[int, int]) -> PanelCircle:
    """Return the sessions that events are moved around.

    Parameters
    ----------
    common : Prices
        The sessions.
    horizons : sequence of Horizon
        In order of their length.
    span : (int, int)
        First and last session position on which an event could have been seen on any asset.
    """
    n, (first, last) = len(common), span
    ends = window_ends(n, horizons, 0, common.sessions)
    sizes, lengths = [], []
    for column in ends.T:
        inside = int(np.count_nonzero(column[first : last + 1] < n))
        window = column[first : first + inside] - np.arange(first, first + inside)
        sizes.append(inside)
        lengths.append(int(np.median(window)) if inside else 0)
    return PanelCircle(first, tuple(sizes), tuple(lengths))


def weights_of(forward: PanelForward) -> Floats:
    """Return what each event counts at each horizon, of shape (n_events, n_horizons).

    Weighted by date, an event without a complete window counts nothing, as those that share its date count for it.
    Weighted by event it has no effect where it stands, but may have one where it is moved to.
    """
    spread = forward.spread
    weights = np.ones(spread.shape)
    if forward.weight == "date":
        for column in range(spread.shape[1]):
            complete = np.isfinite(spread[:, column])
            weights[complete, column], weights[~complete, column] = forward.weights(column), 0.0
    return weights


def sums_of_assets(
    panel: Panel,
    events: PanelEvents,
    circle: PanelCircle,
    horizons: Sequence[Horizon],
    benchmark: Benchmark | None,
    block: slice = slice(None),
    weights: Floats | None = None,
) -> PanelSums:
    """Sum what the events of a block of a panel's assets give under every shift; sums of blocks can be added.

    Parameters
    ----------
    panel, events
        The assets, and their events.
    circle : PanelCircle
        The same for all blocks.
    horizons : sequence of Horizon
        As those of the circle.
    benchmark : Benchmark, optional
        What every asset is compared with.
    block : slice
        Columns of the panel, one after another.
    weights : ndarray of shape (n_events, n_horizons), optional
        What each event counts; 1 by default.
    """
    first, stop, _ = block.indices(len(panel))
    mine = np.flatnonzero((events.asset >= first) & (events.asset < stop))
    held, earned = _earned(panel, events.eligible, horizons, benchmark, events.asset[mine])
    each = None if weights is None else weights[mine]
    return sums_of_block(circle, *earned, events.day0[mine], np.searchsorted(held, events.asset[mine]), each)


def _earned(
    panel: Panel, eligible: Bools | Ints, horizons: Sequence[Horizon], benchmark: Benchmark | None, asset: Ints
) -> tuple[Ints, tuple[list[Floats], Floats]]:
    """Return the columns of some assets, each once, their spreads by horizon, and their changes."""
    held = np.unique(asset)
    close, seen = panel.close[:, held], eligible[:, held]
    compared = None if benchmark is None else benchmark.of(held)
    changes, spreads = changes_over_gaps(close), []
    if compared is not None:
        changes -= compared.changes  # NaN outside an asset's life stays
    for ends in window_ends(len(close), horizons, 0, panel.common.sessions).T:
        spread = forward_of_block(close, ends)
        if compared is not None:
            spread -= compared.forward(ends)
        spread[~seen] = np.nan
        spreads.append(spread)
    return held, (spreads, changes)


def inference_of(
    sums: PanelSums, forward: PanelForward, events: PanelEvents, kept: Floats, weights: Floats
) -> PanelInference:
    """Infer from the sums over all assets.

    Parameters
    ----------
    sums : PanelSums
        Of all blocks.
    forward, events
        The study so far.
    kept : ndarray of shape (n_horizons,)
        The share of an effect that the excess keeps, as `kept_of` gives it.
    weights : ndarray of shape (n_events, n_horizons)
        What each event counts, as `weights_of` gives it.
    """
    looks = [look_of(sums, column, float(rate)) for column, rate in enumerate(forward.base)]
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


def look_of(sums: PanelSums, column: int, base: float) -> PanelShifts | None:
    """Return what the events give under every shift at a horizon; None where there is nothing to move."""
    look = shifts_of_sums(sums, column, base)
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
    weighted by date, the mean over sessions of each one's share of the eligible assets.
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
