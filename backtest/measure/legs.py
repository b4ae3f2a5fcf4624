"""The legs of a study: what is held, against what, on one basis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backtest.errors import LacksSeries, NotFound, StudyRefused
from backtest.measure.forward import Leg
from backtest.model import Prices, SeriesInfo
from backtest.spec.measure import MeasureTable

ALONE_HINT = 'measure.benchmark="" measures the asset alone.'


def measures_of(prices: Prices, measure: MeasureTable) -> tuple[MeasureTable, ...]:
    """Return the measure of each asset on its own.

    Raises
    ------
    NotFound
        The dataset has no such role or series.
    StudyRefused
        Two of the assets are one series, or one of several is the benchmark.
    """
    if len(measure.assets) > 1:
        _refuse_the_same(prices, measure)
    return measure.each


def legs_of(prices: Prices, measure: MeasureTable) -> tuple[list[Leg], int]:
    """Return what is held, the asset and then the benchmark if there is one, and how many sessions after day 0.

    Parameters
    ----------
    prices : Prices
        The history.
    measure : MeasureTable
        The measure of one asset, as `measures_of` gives them.

    Raises
    ------
    StudyRefused
        The legs are the same, are not levels, or are on different bases.
    """
    infos = {leg: _info(prices, leg, name) for leg, name in measure.legs.items()}
    _refuse_other_kinds(infos)
    _refuse_unlike_legs(list(infos.values()), measure)
    legs = [_leg(prices, name, measure.entry) for name in measure.legs.values()]
    return legs, 0 if measure.entry == "close" else 1


def _refuse_the_same(prices: Prices, measure: MeasureTable) -> None:
    """Refuse one series under two names: it would stand in two rows, and count as two looks."""
    seen: dict[str, str] = {}
    for name in measure.assets:
        series = _info(prices, "asset", name).name
        if series in seen:
            raise StudyRefused(
                f"measure.asset: '{seen[series]}' and '{name}' are the same series, {series}.", "Name it once."
            )
        seen[series] = name
    benchmark = _info(prices, "benchmark", measure.benchmark).name if measure.benchmark else None
    if benchmark in seen:
        raise StudyRefused(
            f"measure.asset names '{seen[benchmark]}', which is the benchmark, too; their spread is zero.",
            f"Leave it out of measure.asset; {ALONE_HINT}",
        )


def _refuse_other_kinds(infos: Mapping[str, SeriesInfo]) -> None:
    for leg, info in infos.items():
        if info.basis is None:
            raise StudyRefused(
                f"measure.{leg} = '{info.name}' is of kind {info.kind}; a leg is an index of prices or total returns.",
                "'backtest show DATASET' lists the kinds.",
            )


def _refuse_unlike_legs(infos: Sequence[SeriesInfo], measure: MeasureTable) -> None:
    if len(infos) < 2:
        return
    asset, benchmark = infos
    if asset.name == benchmark.name:
        raise StudyRefused(
            f"measure.asset and measure.benchmark are both '{asset.name}'; their spread is zero.",
            f"Name two series; {ALONE_HINT}",
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
        hint = f"{error.hint} {ALONE_HINT}" if key == "benchmark" else error.hint
        raise LacksSeries(message, hint.strip(), name) from error


def _leg(prices: Prices, name: str, entry: str) -> Leg:
    close = prices.close(name)
    return Leg(close, prices.values(name, "open") if entry == "next_open" else close)
