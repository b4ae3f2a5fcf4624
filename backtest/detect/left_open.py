"""What a strategy leaves open, on data that do not play the default roles: the only series there is stands for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from backtest.detect.tree import Recipe, singles
from backtest.model import LEVEL_ROLES, Note, Prices
from backtest.spec.strategy import Strategy

SERIES = "series"
"""What detectors call the parameter that names what they watch."""


@dataclass(frozen=True)
class LeftOpen:
    """What is taken where a strategy names nothing.

    Attributes
    ----------
    values : dict of str to str
        Dotted keys of the strategy to series; an empty benchmark is none.
    notes : tuple of Note
        What a reader must know of it.
    """

    values: Mapping[str, str]
    notes: tuple[Note, ...] = ()


def left_open(strategy: Strategy, recipe: Recipe, prices: Prices) -> LeftOpen:
    """Find what to take where a strategy names no series, and the dataset does not play the role that is the default.

    The asset, and the series that a detector watches, are then the dataset's only level; where it has several, nothing
    is guessed. The benchmark is then none. What a strategy names is never replaced.

    Parameters
    ----------
    strategy : Strategy
        The strategy, with its overrides.
    recipe : Recipe
        Its detectors.
    prices : Prices
        The data.
    """
    levels = [name for name, info in prices.series.items() if info.basis is not None]
    only = levels[0] if len(levels) == 1 else None
    values: dict[str, str] = {}
    if only is not None:
        values = {f"{one}.{SERIES}": only for one in _watching(strategy, recipe, prices)}
        if _absent("asset", strategy, prices):
            values["measure.asset"] = only
    told = list(values)
    if "benchmark" not in strategy.measure.model_fields_set and (only or _absent("benchmark", strategy, prices)):
        values["measure.benchmark"] = ""
    return LeftOpen(values, (_note(only, told, "measure.benchmark" in values),) if values else ())


def _watching(strategy: Strategy, recipe: Recipe, prices: Prices) -> list[str]:
    """Return the keys of the detectors that watch a level by default, one that the dataset does not have."""
    tables = {"detector": strategy.detector, **{f"conditions.{k}": v for k, v in strategy.conditions.items()}}
    return [
        one.key
        for one in singles(recipe)
        if SERIES not in tables[one.key].parameters
        and one.values.get(SERIES) in LEVEL_ROLES
        and not prices.knows(one.values[SERIES])
    ]


def _absent(leg: str, strategy: Strategy, prices: Prices) -> bool:
    return leg not in strategy.measure.model_fields_set and not prices.knows(getattr(strategy.measure, leg))


def _note(only: str | None, keys: list[str], alone: bool) -> Note:
    texts = []
    if keys:
        texts.append(f"{only}, the only level in the dataset, stands for what the strategy leaves open ({_and(keys)}).")
    if alone:
        texts.append("The strategy names no benchmark, and the dataset has none: the asset is measured alone.")
    return Note("left_open", "measure", " ".join(texts))


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
