"""The legs of a study: what is held, against what, on one basis."""

from __future__ import annotations

from backtest.errors import NotFound, StudyRefused
from backtest.measure.forward import Leg
from backtest.model import Prices, SeriesInfo
from backtest.spec.strategy import MeasureTable


def legs_of(prices: Prices, measure: MeasureTable) -> tuple[Leg, Leg, int]:
    """Return asset and benchmark, and how many sessions after day 0 they are entered.

    Raises
    ------
    StudyRefused
        The legs are the same, are no levels, or are on different bases.
    """
    _refuse_unlike_legs(prices, measure)
    asset, benchmark = (_leg(prices, name, measure.entry) for name in (measure.asset, measure.benchmark))
    return asset, benchmark, 0 if measure.entry == "close" else 1


def _refuse_unlike_legs(prices: Prices, measure: MeasureTable) -> None:
    asset, benchmark = _info(prices, "asset", measure.asset), _info(prices, "benchmark", measure.benchmark)
    if asset.name == benchmark.name:
        raise StudyRefused(
            f"measure.asset and measure.benchmark are both '{asset.name}'; their spread is zero.",
            "Name two series.",
        )
    for key, info in (("asset", asset), ("benchmark", benchmark)):
        if info.basis is None:
            raise StudyRefused(
                f"measure.{key} = '{info.name}' is of kind {info.kind}; a leg is an index of prices or total returns.",
                "'backtest show DATASET' lists the kinds.",
            )
    if asset.basis != benchmark.basis and not measure.allow_mixed_basis:
        raise StudyRefused(
            f"measure.asset '{asset.name}' is a {asset.basis} index and measure.benchmark '{benchmark.name}' a "
            f"{benchmark.basis} index; dividends alone would part them by 1.5 to 2% a year.",
            "Choose legs on one basis, or set measure.allow_mixed_basis=true.",
        )


def _info(prices: Prices, key: str, name: str) -> SeriesInfo:
    try:
        return prices.info(name)
    except NotFound as error:
        message = f"measure.{key} = '{name}': the dataset has no such role or series."
        raise NotFound(message, error.hint) from error


def _leg(prices: Prices, name: str, entry: str) -> Leg:
    close = prices.close(name)
    return Leg(close, prices.values(name, "open") if entry == "next_open" else close)
