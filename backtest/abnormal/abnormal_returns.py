"""Abnormal returns of all events: what they are, what they rest on, and which events have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from backtest.abnormal.event_positions import REASONS, EventPositions, counted, overlapping, within
from backtest.abnormal.event_window import EventWindow
from backtest.abnormal.normal_return import Estimate, Model, check_model, estimate, forecast_covariance
from backtest.abnormal.row_ranks import ranks_of
from backtest.errors import StudyRefused
from backtest.model import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class AbnormalReturns:
    """The abnormal returns of the events that could be measured, aligned by position.

    Attributes
    ----------
    window : EventWindow
        L sessions, estimated on E.
    events : EventPositions
        The n events that were measured.
    position : ndarray of shape (n,)
        Of each among the events that were given.
    excluded : mapping of str to ndarray
        The positions of the others by reason: with `position` every event given, once.
    ar, normal : ndarray of shape (n, L)
        Abnormal and normal simple returns as fractions; NaN where the return or a factor is missing.
    residual : ndarray of shape (n, E)
        Of the estimation window; NaN where missing.
    estimated : Estimate
        Of these events.
    covariance : ndarray of shape (n, L, L)
        Of the abnormal returns, forecast errors included.
    untraded : ndarray of shape (n,)
        Sessions of the estimation window with a return of zero: a thinly traded asset has many, and a beta too low.
    overlapping : ndarray of shape (n,)
        Whether the event window shares a session with another of the same asset.
    """

    window: EventWindow
    events: EventPositions
    position: Ints
    excluded: Mapping[str, Ints]
    ar: Floats
    normal: Floats
    residual: Floats
    estimated: Estimate
    covariance: Floats
    untraded: Ints
    overlapping: Bools

    def __len__(self) -> int:
        return len(self.position)

    @cached_property
    def ranks(self) -> Floats:
        """Rank of each session of estimation and event window within its event, from 1; NaN where missing."""
        return ranks_of(np.concatenate((self.residual, self.ar), axis=1))

    @property
    def car(self) -> Floats:
        """Cumulative abnormal return up to each session, a sum; NaN from the first missing one on; shape (n, L)."""
        return np.cumsum(self.ar, axis=1)

    @property
    def bhar(self) -> Floats:
        """Buy-and-hold abnormal return (Barber and Lyon 1997): compounded return minus compounded normal return."""
        return np.cumprod(1.0 + self.ar + self.normal, axis=1) - np.cumprod(1.0 + self.normal, axis=1)

    @property
    def complete(self) -> Bools:
        """Whether every session of the event window has an abnormal return; shape (n,)."""
        return np.asarray(np.isfinite(self.ar).all(axis=1))

    @property
    def car_deviation(self) -> Floats:
        """Deviation of the CAR of the whole window, forecast errors included; shape (n,)."""
        return np.asarray(np.sqrt(self.covariance.sum(axis=(1, 2))))

    @property
    def aar(self) -> Floats:
        """Mean abnormal return of each session over the events that have one; NaN where none has; shape (L,)."""
        return mean_of_known(self.ar)

    @property
    def caar(self) -> Floats:
        """Mean CAR up to each session over the events with all sessions until then; shape (L,)."""
        return mean_of_known(self.car)

    @property
    def estimation_rows(self) -> Ints:
        """Row of the panel of each residual; below 0 where it would lie before the data; shape (n, E)."""
        return np.asarray(self.events.day0[:, None] + self.window.estimation_offsets)

    def only(self, which: Bools) -> AbnormalReturns:
        """Return the same for some of the events, such as those of a group; what was excluded stays as it is."""
        changed = {name: getattr(self, name)[which] for name in _PER_EVENT}
        events = self.events.only(which)
        return replace(self, events=events, estimated=_some(self.estimated, which), **changed)


BLOCK = 4096
"""Events measured at a time, to bound memory."""
_PER_EVENT = ("position", "ar", "normal", "residual", "covariance", "untraded", "overlapping")


def mean_of_known(values: Floats) -> Floats:
    """Return the mean of each column over what is not NaN; NaN where nothing is."""
    known = np.isfinite(values)
    n = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.asarray(np.where(n > 0, total / np.maximum(n, 1), np.nan))


def abnormal_returns(
    returns: Floats,
    factors: Floats,
    events: EventPositions,
    model: Model,
    window: EventWindow,
    riskless: Floats | None = None,
) -> AbnormalReturns:
    """Measure the abnormal returns of events.

    Parameters
    ----------
    returns : ndarray of shape (sessions, assets)
        Simple returns as fractions; NaN where missing.
    factors : ndarray of shape (sessions, k)
        The benchmark's return ("market", "market_adjusted"), three factors ("ff3"), four ("carhart"), or no column.
    events : EventPositions
        By position, never joined by a key.
    model : {"none", "constant_mean", "market_adjusted", "market", "ff3", "carhart"}
        Of the normal return.
    window : EventWindow
        Sessions of the event and of the estimation. An estimation window that begins before the data is shortened.
    riskless : ndarray of shape (sessions,), optional
        Riskless return. The model is then one of returns above it; normal returns, and so buy-and-hold returns, include
        it.

    Returns
    -------
    AbnormalReturns
        Events that cannot be measured are listed in `excluded` by reason.

    Raises
    ------
    StudyRefused
        An unknown model, another number of factors or sessions than needed, or an event outside the panel.
    """
    check_model(model, factors)
    events.check(returns.shape)
    if len(factors) != len(returns):
        raise StudyRefused(
            f"factors: {len(factors)} sessions: the returns have {len(returns)}.", "Align both by session."
        )
    free = np.zeros((len(returns), 1)) if riskless is None else riskless[:, None]
    parts = [
        _measured(returns - free, factors, free, events.only(slice(first, first + BLOCK)), model, window)
        for first in range(0, max(1, len(events)), BLOCK)
    ]
    whole = _joined(parts)
    early, late = within(events, window, len(returns))
    estimated = whole.estimated
    few = estimated.observations < window.minimum
    fitted = (estimated.freedom <= 2) | ~(estimated.sigma > 1e-12)
    flags = (early, late, few, estimated.singular, fitted, ~np.isfinite(whole.ar).any(axis=1))
    why = np.select(flags, list(range(len(REASONS))), default=-1)
    numbered = replace(whole, position=np.arange(len(events)), excluded=counted(why))
    return replace(numbered, overlapping=overlapping(events, window)).only(why < 0)


def _measured(
    above: Floats, factors: Floats, free: Floats, events: EventPositions, model: Model, window: EventWindow
) -> AbnormalReturns:
    """Measure some events, whether or not they can be; `above` holds returns above the riskless ones, `free`."""
    earlier = window.estimation_offsets
    before = _rows_of_asset(above, events, earlier)
    estimated, residual = estimate(model, before, _rows(factors, events, earlier))
    of_window, with_factors = _rows_of_asset(above, events, window.offsets), _rows(factors, events, window.offsets)
    normal = estimated.alpha[:, None] + np.matmul(with_factors, estimated.beta[:, :, None])[:, :, 0]
    earned = normal + _rows(free, events, window.offsets)[:, :, 0]
    return AbnormalReturns(
        window=window,
        events=events,
        position=np.arange(len(events)),
        excluded={},
        ar=of_window - normal,
        normal=np.where(np.isfinite(of_window), earned, np.nan),
        residual=residual,
        estimated=estimated,
        covariance=forecast_covariance(model, estimated, with_factors),
        untraded=(before == -_rows(free, events, earlier)[:, :, 0]).sum(axis=1),
        overlapping=np.zeros(len(events), dtype=bool),
    )


def _joined(parts: list[AbnormalReturns]) -> AbnormalReturns:
    """Return all events in order; positions are those within each part."""
    first = parts[0]
    if len(parts) == 1:
        return first
    values: Mapping[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _PER_EVENT}
    estimated = Estimate(
        **{name: np.concatenate([getattr(part.estimated, name) for part in parts]) for name in vars(first.estimated)}
    )
    events = EventPositions(*(np.concatenate([getattr(part.events, at) for part in parts]) for at in ("asset", "day0")))
    return replace(first, events=events, estimated=estimated, **values)


def _some(estimated: Estimate, which: Bools) -> Estimate:
    return Estimate(**{name: values[which] for name, values in vars(estimated).items()})


def _rows_of_asset(returns: Floats, events: EventPositions, offsets: Ints) -> Floats:
    at, inside = _places(events, offsets, len(returns))
    return np.where(inside, returns[at, events.asset[:, None]], np.nan)


def _rows(common: Floats, events: EventPositions, offsets: Ints) -> Floats:
    at, inside = _places(events, offsets, len(common))
    return np.where(inside[:, :, None], common[at], np.nan)


def _places(events: EventPositions, offsets: Ints, sessions: int) -> tuple[Ints, Bools]:
    rows = events.day0[:, None] + offsets
    inside = (rows >= 0) & (rows < sessions)
    return np.where(inside, rows, 0), inside
