"""What the finding of a panel study rests on: halves of the sample, single dates, assets and years, matched rates.

Where events are left out, the base rate and the sessions that events are moved around stay the same, so the change
shows what these events contribute. Each half of the sample is a study of its own, with its own base rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from backtest.inference.circular_shift import shift_p_values
from backtest.inference.panel_shift import shifts_of_sums
from backtest.inference.panel_sums import PanelSums
from backtest.measure.windows import window_ends
from backtest.model import Bools, Floats, Ints
from backtest.model.panel import Panel
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import BLOCK, Benchmark, forward_of_block
from backtest.panel.panel_forward import PanelForward, measure_panel
from backtest.panel.panel_inference import circle_of, infer_on_panel, sums_of_assets, weights_of

Unit = Literal["date", "asset", "year"]


@dataclass(frozen=True, eq=False)
class PanelHalf:
    """One half of the sample; arrays of shape (n_horizons,).

    Attributes
    ----------
    first, last : datetime64[D]
        Its first and last session.
    n : ndarray of int
        Events with a complete window.
    excess, p_value : ndarray
        Their excess over the half's own base rate, as a fraction, and its own p; NaN without events.
    """

    first: np.datetime64
    last: np.datetime64
    n: Ints
    excess: Floats
    p_value: Floats


@dataclass(frozen=True, eq=False)
class PanelLeftOut:
    """What remains without the events of one date, asset or year.

    Attributes
    ----------
    unit : {"date", "asset", "year"}
        What is left out.
    label : tuple of str, one a horizon
        The one without which the excess differs most from that of all events; empty where there is none.
    out : ndarray of int of shape (n_horizons,)
        Its events with a complete window.
    excess, p_value : ndarray of shape (n_horizons,)
        Excess of the remaining events, as a fraction, and its own p; NaN where none remains.
    lowest, highest : ndarray of shape (n_horizons,)
        The lowest and the highest excess that remain, whichever one is left out.
    """

    unit: Unit
    label: tuple[str, ...]
    out: Ints
    excess: Floats
    p_value: Floats
    lowest: Floats
    highest: Floats


@dataclass(frozen=True, eq=False)
class PanelMatched:
    """The events compared with what resembles them; arrays of shape (n_horizons,).

    Attributes
    ----------
    matching : {"asset", "date"}
        Whether each event is compared with the mean over all sessions of its own asset, or over all assets on its date.
    n : ndarray of int
        Events with a complete window.
    base, excess : ndarray
        The mean of what the events are compared with, and the excess over it, as fractions; NaN without events.
    """

    matching: Literal["asset", "date"]
    n: Ints
    base: Floats
    excess: Floats


@dataclass(frozen=True, eq=False)
class PanelRobustness:
    """What a finding rests on."""

    halves: tuple[PanelHalf, ...]
    left_out: tuple[PanelLeftOut, ...]
    matched: tuple[PanelMatched, ...]


def robustness_on_panel(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None
) -> PanelRobustness:
    """Ask what the finding rests on; this takes several times as long as the verdict.

    Parameters
    ----------
    panel, events, forward, benchmark
        As `infer_on_panel` takes them.
    """
    return PanelRobustness(
        halves_on_panel(panel, events, forward, benchmark),
        left_out_on_panel(panel, events, forward, benchmark),
        matched_on_panel(panel, events, forward, benchmark),
    )


def halves_on_panel(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None
) -> tuple[PanelHalf, ...]:
    """Cut the sample where half of the asset-sessions have passed, and study each half on its own."""
    each = events.eligible.sum(axis=1)
    inside = np.flatnonzero(each)
    if len(inside) < 2:
        return ()
    passed = np.cumsum(each[inside])
    cut = int(inside[min(int(np.searchsorted(passed, passed[-1] / 2)) + 1, len(inside) - 1)])
    spans = (int(inside[0]), cut - 1), (cut, int(inside[-1]))
    return tuple(_half(panel, events, forward, benchmark, span) for span in spans)


def _half(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None, span: tuple[int, int]
) -> PanelHalf:
    first, last = span
    eligible = events.eligible.copy()
    eligible[:first], eligible[last + 1 :] = False, False
    mine = replace(_some(events, (events.day0 >= first) & (events.day0 <= last)), eligible=eligible)
    sessions = panel.common.sessions
    measured = measure_panel(panel, mine, forward.horizons, benchmark, forward.weight)
    inference = infer_on_panel(panel, mine, measured, benchmark)
    excess = measured.mean - measured.base
    return PanelHalf(sessions[first], sessions[last], measured.n, excess, inference.p_value)


def left_out_on_panel(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None
) -> tuple[PanelLeftOut, ...]:
    """Leave out each event date, each asset and each year in turn."""
    case = _Case(panel, events, forward, benchmark)
    sessions = panel.common.sessions
    dates, by_date = np.unique(events.day0, return_inverse=True)
    assets, by_asset = np.unique(events.asset, return_inverse=True)
    years, by_year = np.unique(sessions[events.day0].astype("datetime64[Y]"), return_inverse=True)
    return (
        _left_out(case, "date", by_date, [str(day) for day in sessions[dates]]),
        _left_out(case, "asset", by_asset, [panel.assets[column] for column in assets.tolist()]),
        _left_out(case, "year", by_year, [str(year) for year in years]),
    )


@dataclass(frozen=True, eq=False)
class _Case:
    panel: Panel
    events: PanelEvents
    forward: PanelForward
    benchmark: Benchmark | None


def _left_out(case: _Case, unit: Unit, group: Ints, names: Sequence[str]) -> PanelLeftOut:
    forward, weights = case.forward, weights_of(case.forward)
    complete = np.isfinite(forward.spread)
    total = _by_group(np.where(complete, weights * forward.spread, 0.0), group, len(names))
    size = _by_group(np.where(complete, weights, 0.0), group, len(names))
    out, left = _by_group(complete.astype(float), group, len(names)), size.sum(axis=0) - size
    counts = (out > 0) & (left > 0)
    excess = np.divide(total.sum(axis=0) - total, left, where=counts, out=np.full(left.shape, np.nan)) - forward.base
    most = np.where(counts, np.abs(excess - forward.mean + forward.base), -1.0).argmax(axis=0)
    some, at = counts.any(axis=0), (most, np.arange(len(most)))
    p = [_p_of_rest(case, column, group != most[column]) if has else np.nan for column, has in enumerate(some.tolist())]
    return PanelLeftOut(
        unit,
        tuple(names[row] if has else "" for row, has in zip(most.tolist(), some.tolist(), strict=True)),
        np.where(some, out[at], 0.0).astype(np.int64),
        np.where(some, excess[at], np.nan),
        np.array(p),
        _least(excess, counts),
        -_least(-excess, counts),
    )


def _p_of_rest(case: _Case, column: int, keep: Bools) -> float:
    """Return the p of some of the events at one horizon, against the base rate and the sessions of all."""
    panel, events, horizons = case.panel, case.events, (case.forward.horizons[column],)
    inside = np.flatnonzero(events.eligible.any(axis=1))
    circle = circle_of(panel.common, horizons, (int(inside[0]), int(inside[-1])))
    mine, weights = _some(events, keep), weights_of(case.forward)[keep, column : column + 1]
    sums = PanelSums(circle)
    for first in range(0, len(panel), BLOCK):
        block = slice(first, first + BLOCK)
        sums.add(sums_of_assets(panel, mine, circle, horizons, case.benchmark, block, weights))
    look = shifts_of_sums(sums, 0, float(case.forward.base[column]))
    return float(shift_p_values(np.nan_to_num(look.statistic)[None])[0]) if look.n else float("nan")


def matched_on_panel(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None
) -> tuple[PanelMatched, ...]:
    """Compare each event with all sessions of its own asset, and with all assets on its own date.

    If the excess over an asset's own mean is smaller, the events came on assets that did better anyway; if that over
    the mean of a date is, at times when all did. Events weigh as in the study.
    """
    shape = len(panel.common), len(forward.horizons)
    by_date, count = np.zeros(shape), np.zeros(shape)
    by_asset = np.zeros((len(panel), shape[1]))
    leave = window_ends(shape[0], forward.horizons, 0, panel.common.sessions)
    for first in range(0, len(panel), BLOCK):
        block = slice(first, first + BLOCK)
        compared = None if benchmark is None else benchmark.of(block)
        for column, ends in enumerate(leave.T):
            spread = forward_of_block(panel.close[:, block], ends)
            if compared is not None:
                spread -= compared.forward(ends)
            complete = np.isfinite(spread) & events.eligible[:, block]
            values = np.where(complete, spread, 0.0)
            by_asset[block, column] = values.sum(axis=0) / np.maximum(complete.sum(axis=0), 1)
            by_date[:, column] += values.sum(axis=1)
            count[:, column] += complete.sum(axis=1)
    by_date /= np.maximum(count, 1)
    complete, weights = np.isfinite(forward.spread), weights_of(forward)
    held = np.where(complete, weights, 0.0)
    found = []
    for matching, rates in (("asset", by_asset[events.asset]), ("date", by_date[events.day0])):
        size = held.sum(axis=0)
        base = np.divide((held * rates).sum(axis=0), size, where=size > 0, out=np.full(shape[1], np.nan))
        found.append(PanelMatched(matching, forward.n, base, forward.mean - base))  # type: ignore[arg-type]
    return tuple(found)


def _some(events: PanelEvents, keep: Bools) -> PanelEvents:
    return replace(events, asset=events.asset[keep], day0=events.day0[keep], knowable=events.knowable[keep])


def _by_group(values: Floats, group: Ints, many: int) -> Floats:
    return np.array([np.bincount(group, column, many) for column in values.T]).T


def _least(values: Floats, counts: Bools) -> Floats:
    least = np.where(counts, values, np.inf).min(axis=0)
    return np.where(np.isfinite(least), least, np.nan)
