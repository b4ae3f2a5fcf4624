"""What the finding of a panel study rests on: halves of the sample, single dates, assets and years, matched rates.

Each half of the sample is a study of its own, with its own base rate and its own sessions that events are moved around.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.inference.panel_shift import shifts_of_sums
from backtest.inference.panel_squares import base_of
from backtest.inference.panel_sums import PanelSums
from backtest.model import Floats, Ints
from backtest.model.panel import Panel
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import Benchmark
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import (
    EventsPart,
    PanelInference,
    circle_of,
    p_value_of,
    span_of,
    sums_of_parts,
    weights_of,
)
from backtest.panel.panel_left_out import influence_on_panel, leave_out
from backtest.panel.panel_rates import PanelRates, mean_of_sums, rates_on_panel
from backtest.study.robustness.influence import Influence
from backtest.study.robustness.matched import MatchedRate
from backtest.study.robustness.parts import Part


@dataclass(frozen=True, eq=False)
class PanelRobustness:
    """What a finding on a panel rests on.

    Attributes
    ----------
    halves : tuple of Part
        The sample cut where half of the asset-sessions have passed; its sessions are asset-sessions. Empty if there is
        a single session.
    scales : tuple of ndarray of shape (n_horizons,)
        The standard error of the events' mean in each half, by the shift; NaN without events.
    influence : Influence
        What remains without one date, one asset or one year.
    matched : tuple of MatchedRate
        Each event beside the mean over all sessions of its own asset, and over all assets on its own date.
    """

    halves: tuple[Part, ...]
    scales: tuple[Floats, ...]
    influence: Influence
    matched: tuple[MatchedRate, ...]


def robustness_on_panel(
    panel: Panel,
    events: PanelEvents,
    forward: PanelForward,
    benchmark: Benchmark | None,
    inference: PanelInference,
) -> PanelRobustness:
    """Ask what the finding rests on.

    Parameters
    ----------
    panel, events, forward, benchmark
        As `infer_on_panel` takes them.
    inference : PanelInference
        What it returned.
    """
    rates, left, spans = (
        rates_on_panel(panel, events, forward, benchmark),
        leave_out(panel, events, forward),
        half_spans(events.eligible.sum(axis=1)),
    )
    circle = circle_of(panel.common, forward.horizons, span_of(events))
    parts: dict[tuple[str, int], EventsPart] = {("all", 0): EventsPart(np.ones(len(events), dtype=bool), circle)}
    for at, (first, last) in enumerate(spans):
        keep = (events.day0 >= first) & (events.day0 <= last)
        parts["half", at] = EventsPart(keep, circle_of(panel.common, forward.horizons, (first, last)))
    for one in left:
        parts |= {(one.unit, row): EventsPart(one.group == row, circle) for row in one.moved}
    sums = dict(zip(parts, sums_of_parts(panel, events, forward, benchmark, list(parts.values())), strict=True))
    halves = [
        _half(panel, forward.only(parts["half", at].keep), rates, span, sums["half", at])
        for at, span in enumerate(spans)
    ]
    return PanelRobustness(
        tuple(part for part, _ in halves),
        tuple(scale for _, scale in halves),
        influence_on_panel(events, forward, inference, left, sums["all", 0], sums),
        _matched(events, forward, rates),
    )


def half_spans(each: Ints) -> list[tuple[int, int]]:
    """Return the first and last session of each half of the asset-sessions; nothing where there are no halves.

    Parameters
    ----------
    each : ndarray of shape (n_sessions,)
        Eligible assets on each session.
    """
    inside = np.flatnonzero(each)
    if len(inside) < 2:
        return []
    passed = np.cumsum(each[inside])
    cut = min(int(np.searchsorted(passed, passed[-1] / 2)) + 1, len(inside) - 1)
    return [(int(inside[0]), int(inside[cut - 1])), (int(inside[cut]), int(inside[-1]))]


def _half(
    panel: Panel, mine: PanelForward, rates: PanelRates, span: tuple[int, int], sums: PanelSums
) -> tuple[Part, Floats]:
    first, last = span
    base = rates.base(first, last, mine.weight)
    looks = [
        shifts_of_sums(sums, column, float(rate), base_of(sums, column, mine.weight))
        for column, rate in enumerate(np.nan_to_num(base))
    ]
    sessions = panel.common.sessions
    part = Part(
        sessions[first].item(),
        sessions[last].item(),
        rates.count[first : last + 1].sum(axis=0),
        mine.n,
        base,
        mine.mean - base,
        np.array([p_value_of(look) for look in looks]),
        np.full(len(base), np.nan),
    )
    return part, np.array([float(look.scale[0]) / look.n if look.n else np.nan for look in looks])


def _matched(events: PanelEvents, forward: PanelForward, rates: PanelRates) -> tuple[MatchedRate, ...]:
    """Compare each event with all sessions of its own asset, and with all assets on its own date.

    If the excess over an asset's own mean is smaller, the events came on assets that did better anyway; if that over
    the mean of a date is, at times when all did. Events weigh as in the study.
    """
    complete = np.isfinite(forward.spread)
    held = np.where(complete, weights_of(forward), 0.0)
    size, none = held.sum(axis=0), np.zeros(len(forward.horizons), dtype=np.int64)
    found = []
    for key, total, count, place in (
        ("asset", rates.total_of_asset, rates.count_of_asset, events.asset),
        ("date", rates.total, rates.count, events.day0),
    ):
        means = np.nan_to_num(mean_of_sums(total, count))
        base = mean_of_sums((held * means[place]).sum(axis=0), size)
        met = np.zeros(count.shape, dtype=bool)
        for column, has in enumerate(complete.T):
            met[place[has], column] = True
        sessions = np.where(met, count, 0).sum(axis=0)
        found.append(MatchedRate(key, forward.n, none, none, sessions, forward.base_n, none, forward.mean, base))
    return tuple(found)
