"""What the finding of a panel study rests on: halves of the sample, single dates, assets and years, matched rates.

Each half of the sample is a study of its own, with its own base rate and its own sessions that events are moved around.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from backtest.inference.panel_shift import shifts_of_sums
from backtest.inference.panel_squares import base_of
from backtest.inference.panel_sums import PanelSums
from backtest.model import Floats, Ints
from backtest.model.panel import Universe
from backtest.panel.event_sums import EventsPart, Key, all_events, circle_of, rows_of_whole, weights_of
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import PanelInference, p_value_of
from backtest.panel.panel_left_out import Leaving, influence_on_panel, leave_out
from backtest.panel.panel_rates import PanelRates, mean_of_sums
from backtest.study.robustness.influence import Influence
from backtest.study.robustness.matched import MatchedRate
from backtest.study.robustness.parts import Part

ALL: Key = ("all", 0)
"""The part that holds all events."""


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


@dataclass(frozen=True, eq=False)
class Rests:
    """What must be summed to say what a finding rests on.

    Attributes
    ----------
    parts : dict of Key to EventsPart
        All events first; then those of each half, and of each date, asset or year that is left out with a p.
    spans : list of (int, int)
        First and last session of each half.
    left : tuple of Leaving
        What is left out in turn.
    """

    parts: dict[Key, EventsPart]
    spans: list[tuple[int, int]]
    left: tuple[Leaving, ...]


def asked_of_rests(universe: Universe, events: PanelEvents, forward: PanelForward) -> Rests:
    """Say which parts of the events must be summed; the arguments are the study so far."""
    left, spans, common = (
        leave_out(universe, events, forward),
        half_spans(events.eligible_assets),
        universe.common,
    )
    every = all_events(common, events, forward)
    parts: dict[Key, EventsPart] = {ALL: every}
    for at, (first, last) in enumerate(spans):
        keep = (events.day0 >= first) & (events.day0 <= last)
        parts["half", at] = EventsPart(keep, circle_of(common, forward.horizons, (first, last)), whole_dates=True)
    for one in left:
        dates = one.unit != "asset"
        parts |= {(one.unit, row): EventsPart(one.group == row, every.circle, dates) for row in one.moved}
    return Rests(parts, spans, left)


def robustness_of(
    asked: Rests,
    universe: Universe,
    events: PanelEvents,
    forward: PanelForward,
    inference: PanelInference,
    rates: PanelRates,
    sums: Mapping[Key, PanelSums],
) -> PanelRobustness:
    """Ask what the finding rests on.

    Parameters
    ----------
    asked : Rests
        As `asked_of_rests` returns it.
    universe, events, forward, inference
        The study.
    rates : PanelRates
        Over all assets.
    sums : mapping of Key to PanelSums
        Of all parts asked for; those of whole dates get their rows.
    """
    for key, part in asked.parts.items():
        if part.whole_dates:
            rows_of_whole(sums[key], sums[ALL], np.unique(events.day0[part.keep]).tolist())
    halves = [
        _half(universe, forward.only(asked.parts["half", at].keep), rates, span, sums["half", at])
        for at, span in enumerate(asked.spans)
    ]
    return PanelRobustness(
        tuple(part for part, _ in halves),
        tuple(scale for _, scale in halves),
        influence_on_panel(events, forward, inference, asked.left, sums[ALL], sums),
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
    universe: Universe, mine: PanelForward, rates: PanelRates, span: tuple[int, int], sums: PanelSums
) -> tuple[Part, Floats]:
    first, last = span
    base = rates.base(first, last, mine.weight)
    looks = [
        shifts_of_sums(sums, column, float(rate), base_of(sums, column, mine.weight))
        for column, rate in enumerate(np.nan_to_num(base))
    ]
    sessions = universe.common.sessions
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
    return tuple(
        _matched_by(key, total, count, place, forward)
        for key, total, count, place in (
            ("asset", rates.total_of_asset, rates.count_of_asset, events.asset),
            ("date", rates.total, rates.count, events.day0),
        )
    )


def _matched_by(key: str, total: Floats, count: Ints, place: Ints, forward: PanelForward) -> MatchedRate:
    """Compare each event with the mean of its cell; where the cell is nothing but events, it is alone."""
    complete, size = np.isfinite(forward.spread), len(count)
    here = np.column_stack([np.bincount(place[has], minlength=size) for has in complete.T])
    found = complete & (count > here)[place]
    held, means = np.where(found, weights_of(forward), 0.0), np.nan_to_num(mean_of_sums(total, count))
    base = mean_of_sums((held * means[place]).sum(axis=0), held.sum(axis=0))
    mean = mean_of_sums((held * np.where(found, forward.spread, 0.0)).sum(axis=0), held.sum(axis=0))
    alone = (complete & ~found).sum(axis=0)
    met = np.column_stack([np.bincount(place[has], minlength=size) > 0 for has in found.T])
    sessions, none = np.where(met, count, 0).sum(axis=0), np.zeros_like(alone)
    mean = np.where(alone, mean, forward.mean)
    return MatchedRate(key, forward.n - alone, none, alone, sessions, forward.base_n, none, mean, base)
