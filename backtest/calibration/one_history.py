"""One history: every signal, every horizon and every test, counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from backtest.calibration.drawn_history import History
from backtest.calibration.judges import Judged, judge
from backtest.calibration.planting import found_when_planted
from backtest.calibration.tally import Tally, counted
from backtest.inference.result import Effect
from backtest.model import Floats, Horizon
from backtest.model.significance import LEVEL
from backtest.study.base_rate import BaseRate, measure_legs


def tally_history(
    history: History, horizons: Sequence[Horizon], plant: Collection[int], rng: np.random.Generator
) -> Tally:
    """Apply every test to every signal, and count the answers.

    Parameters
    ----------
    history : History
        It contains no predictability.
    horizons : sequence of Horizon
        In order of their length.
    plant : collection of int
        The signals whose effect is sized, and after whose events one of the detectable size is planted, up or down.
    rng : numpy.random.Generator
        Draws the sign of the planted effects.

    Returns
    -------
    Tally
        One row per signal. One column per horizon, and a last one for any of them.
    """
    base_rate = BaseRate(measure_legs(history.legs, horizons, history.lag, history.days), history.eligible)
    judged = judge(base_rate, history.events, sized=plant)
    figures = {**rejections(judged), **_sizes(judged.effects)}
    n = [[len(circle.ranks(day0)) for circle in base_rate.circles] for day0 in history.events]
    figures["n"] = _with_any(np.array(n, dtype=np.float64))
    up = rng.choice(np.array([-1.0, 1.0]), (len(history.events), len(horizons)))
    for row in sorted(plant):
        for column, effect in enumerate(judged.effects[row]):
            if effect.detectable is not None:
                found = found_when_planted(
                    replace(history, events=[history.events[row]]),
                    horizons[column],
                    float(up[row, column]) * effect.detectable,
                )
                for key, value in found.items():
                    figures.setdefault(key, np.full(figures["n"].shape, np.nan))[row, column] = value
    return counted(figures)


def rejections(judged: Judged) -> dict[str, Floats]:
    """Return whether each test rejects, 0 or 1; the last column says whether it rejects at any horizon."""
    result = {}
    for name, p in judged.p.items():
        known = np.isfinite(p)
        rejected = np.where(known, p <= LEVEL, np.nan)
        any_of = np.where(known.any(axis=1), (known & (p <= LEVEL)).any(axis=1), np.nan)
        result[name] = np.column_stack((rejected, any_of))
    return result


def _sizes(effects: Sequence[Sequence[Effect]]) -> dict[str, Floats]:
    def or_nan(value: float | None) -> float:
        return np.nan if value is None else value

    covers = [
        [np.nan if e.low is None or e.high is None else float(e.low <= 0.0 <= e.high) for e in row] for row in effects
    ]
    sizes = {
        "covers": covers,
        "detectable": [[or_nan(e.detectable) for e in row] for row in effects],
        "kept": [[or_nan(e.kept) for e in row] for row in effects],
    }
    return {key: _with_any(np.array(values, dtype=np.float64)) for key, values in sizes.items()}


def _with_any(values: Floats) -> Floats:
    """Add the last column, which is empty for these figures."""
    return np.column_stack((values, np.full(len(values), np.nan)))
