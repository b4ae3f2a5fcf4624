"""The minimum detectable effect: planted in noise, it must be found in 80% of histories."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from backtest.inference.detectable import POWER
from backtest.inference.horizons import infer
from backtest.inference.result import Inference
from backtest.measure.forward import Leg
from backtest.model import Floats, Horizon, Ints
from backtest.model.significance import stands_out
from backtest.selftest.witnessed import Check, compare
from backtest.study.base_rate import BaseRate, measure_legs

HISTORIES, SESSIONS, EVENTS, HORIZON = 400, 750, 20, 5
FOUR_POINTS = 0.04
"""How far the power may be from 80%, in addition to three Monte Carlo errors."""


def planting_checks() -> Iterator[Check]:
    """Plant the effect that each history should detect, up or down, and count how often its p is at most 5%."""
    rng = np.random.default_rng(4)
    found = 0
    for history in range(HISTORIES):
        changes = rng.normal(0, 0.01, SESSIONS)
        day0 = np.sort(rng.choice(SESSIONS - HORIZON, EVENTS, replace=False))
        smallest = _inferred(changes, day0).effect.detectable or math.nan
        planted = changes + _in_windows(day0) * smallest / HORIZON * (-1) ** history
        found += stands_out(_inferred(planted, day0).test.p_value)
    error = math.sqrt(POWER * (1 - POWER) / HISTORIES)
    what = f"power against the detectable effect, {HISTORIES} histories (Monte Carlo error {100 * error:.1f} points)"
    yield compare(what, "planted in seeded noise: 80% by definition", POWER, found / HISTORIES, FOUR_POINTS + 3 * error)


def _in_windows(day0: Ints) -> Floats:
    """Return 1 for each session in a window of an event, so that each event gains the whole effect; otherwise 0."""
    held = np.zeros(SESSIONS)
    for day in day0:
        held[day + 1 : day + 1 + HORIZON] = 1.0
    return held


def _inferred(changes: Floats, day0: Ints) -> Inference:
    level: Floats = np.asarray(100 * np.cumprod(1 + changes), dtype=np.float64)
    base = BaseRate(measure_legs([Leg(level, level)], (Horizon(HORIZON),), 0), np.ones(SESSIONS, dtype=np.bool_))
    ((found,),) = infer([base.circles], day0, [np.array([EVENTS])])
    return found
