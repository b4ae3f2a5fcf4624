"""What a finding rests on: other tests, other base rates, single events, parts of the sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.inference.opinions.ask import Base, opinions_on
from backtest.inference.opinions.opinion import Opinion
from backtest.model import Detection, Prices, seams_of
from backtest.study.asset_result import AssetResult
from backtest.study.robustness.influence import Influence, influence_of
from backtest.study.robustness.matched import MatchedRate, matched_base_rates
from backtest.study.robustness.parts import Part, halves_of, sides_of_seams


@dataclass(frozen=True, eq=False)
class Robustness:
    """What the finding on one asset rests on.

    Attributes
    ----------
    opinions : tuple of tuple of Opinion
        Second opinions, one tuple per horizon.
    matched : tuple of MatchedRate
        Base rates over sessions that resemble those of the events.
    influence : Influence
        What remains without one event, one year or one decade.
    halves, sides : tuple of Part
        The halves of the sample, and the sides of each leg's seams; no sides if no leg has a seam.
    """

    opinions: tuple[tuple[Opinion, ...], ...]
    matched: tuple[MatchedRate, ...]
    influence: Influence
    halves: tuple[Part, ...]
    sides: tuple[Part, ...]


def robustness_of(prices: Prices, detection: Detection, asset: AssetResult) -> Robustness:
    """Examine one asset in every way.

    Parameters
    ----------
    prices : Prices
        The history.
    detection : Detection
        The events.
    asset : AssetResult
        The returns after them.
    """
    base_rate, day0, sessions = asset.base_rate, detection.events.day0, prices.sessions
    seams = sorted({seam for name in asset.legs.values() for seam in seams_of(prices.series, prices.name(name))})
    return Robustness(
        _opinions(asset, day0),
        tuple(matched_base_rates(base_rate, day0, sessions)),
        influence_of(base_rate, day0, sessions, asset.null_tests),
        halves_of(base_rate, day0, sessions),
        sides_of_seams(base_rate, day0, sessions, seams),
    )


def _opinions(asset: AssetResult, day0: np.ndarray) -> tuple[tuple[Opinion, ...], ...]:
    base_rate = asset.base_rate
    base = base_rate.summary.judged
    return tuple(
        opinions_on(
            base_rate.forward.judged[:, column],
            base_rate.eligible,
            day0,
            (horizon.sessions, longest),
            Base(float(base.mean[column]), float(base.median[column]), float(base.hit_rate[column])),
            test.shifts,
        )
        for column, (horizon, longest, test) in enumerate(
            zip(base_rate.forward.horizons, base_rate.forward.longest, asset.null_tests, strict=True)
        )
    )
