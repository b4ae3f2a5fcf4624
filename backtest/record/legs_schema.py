"""The tables of each leg on its own, beside those of `schema`."""

from __future__ import annotations

import pyarrow as pa

from backtest.model import Measured
from backtest.record.fields import HORIZON, a_field, a_fraction

OF_LEG = (
    *("n", "mean", "median", "hit_rate", "best", "worst"),
    *("drawdown_mean", "drawdown_median", "drawdown_worst"),
)
"""The figures of a leg; with ``base_`` before the name, over the eligible sessions."""


def legs_fields(of: Measured) -> list[pa.Field]:
    """One row a horizon and leg."""
    beat = "; of the spread, in which the asset beat the benchmark" if of.has_benchmark else ""
    what = "events", "eligible sessions"
    return [
        HORIZON,
        a_field("leg", pa.string(), "1", f"whose figures these are: {', '.join(of.legs)}"),
        *(field for prefix, days in zip(("", "base_"), what, strict=True) for field in _figures(prefix, days, beat)),
    ]


def drawdown_fields(of: Measured) -> list[pa.Field]:
    """Return the fields of the drawdowns in ``forward_returns``."""
    how = {"spread": "in points, of the cumulative spread since entry"}
    return [
        a_fraction(
            f"{leg}_drawdown",
            f"largest fall of the {leg} within the horizon, {how.get(leg, 'relative to the high before it')}",
        )
        for leg in of.legs
    ]


def _figures(prefix: str, days: str, beat: str) -> list[pa.Field]:
    return [
        a_field(f"{prefix}n", pa.int32(), days.split()[-1], f"{days} whose window is complete"),
        a_fraction(f"{prefix}mean", f"mean return over these {days}"),
        a_fraction(f"{prefix}median", "median of them"),
        a_fraction(f"{prefix}hit_rate", f"share of them above zero{beat}"),
        a_fraction(f"{prefix}best", "highest of them"),
        a_fraction(f"{prefix}worst", "lowest of them"),
        a_fraction(f"{prefix}drawdown_mean", "mean of the largest falls within the horizon, as in forward_returns"),
        a_fraction(f"{prefix}drawdown_median", "median of these falls"),
        a_fraction(f"{prefix}drawdown_worst", "lowest of these falls"),
    ]
