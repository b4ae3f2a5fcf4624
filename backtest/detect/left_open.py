"""Series that a strategy leaves open, on data without the default roles: the only level series fills in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from backtest.detect.tree import Recipe, singles
from backtest.model import LEVEL_ROLES, Note, Prices
from backtest.spec.strategy import Strategy

SERIES = "series"
"""The parameter with which detectors name what they watch."""
OTHERS = ("against", "futures", "policy")
"""The parameters with which they name other series."""
PLAIN = re.compile(r"[A-Za-z_][\w.-]*")
"""Names that a shell and ``--set`` take without quotes."""


@dataclass(frozen=True)
class LeftOpen:
    """What is filled in for what a strategy does not name.

    Attributes
    ----------
    values : dict of str to str
        Dotted keys of the strategy to series; an empty benchmark means none.
    notes : tuple of Note
        What a reader must know about it.
    """

    values: Mapping[str, str]
    notes: tuple[Note, ...] = ()


def left_open(strategy: Strategy, recipe: Recipe, prices: Prices) -> LeftOpen:
    """Fill in the series that a strategy does not name, if the dataset lacks the default role.

    The asset and the series that a detector watches become the dataset's only level series; if it has several, nothing
    is guessed. There is then no benchmark. What a strategy names is never replaced.

    Parameters
    ----------
    strategy : Strategy
        The strategy, with its overrides.
    recipe : Recipe
        Its detectors.
    prices : Prices
        The data.
    """
    only = _only_level(prices)
    values: dict[str, str] = {}
    if only is not None:
        tables = {"detector": strategy.detector, **{f"conditions.{k}": v for k, v in strategy.conditions.items()}}
        unnamed = [one for one in _watching(recipe, prices) if SERIES not in tables[one].parameters]
        values = {f"{one}.{SERIES}": only for one in unnamed}
        if _absent("asset", strategy, prices):
            values["measure.asset"] = only
    keys = list(values)
    if "benchmark" not in strategy.measure.model_fields_set and (only or _absent("benchmark", strategy, prices)):
        values["measure.benchmark"] = ""
    return LeftOpen(values, (_note(only, keys, "measure.benchmark" in values),) if values else ())


def settings_for_only_level(recipe: Recipe, prices: Prices) -> str:
    """Return the settings with which a strategy that names other series runs on the only level series of a dataset.

    Returns
    -------
    str
        Command-line options; empty if the dataset has no level series or several, or if they would not be enough.
    """
    only = _only_level(prices)
    if only is None or not PLAIN.fullmatch(only) or _needs_others(recipe, prices):
        return ""
    keys = [f"{one}.{SERIES}" for one in _watching(recipe, prices)]
    sets = [f"--set {key}={only}" for key in (*keys, "measure.asset")]
    return " ".join([*sets, "--set measure.benchmark=none"])


def _only_level(prices: Prices) -> str | None:
    levels = [name for name, info in prices.series.items() if info.basis is not None]
    return levels[0] if len(levels) == 1 else None


def _watching(recipe: Recipe, prices: Prices) -> list[str]:
    """Return the keys of the detectors that watch a level role which the dataset lacks."""
    watched = [(one.key, one.values.get(SERIES)) for one in singles(recipe)]
    return [key for key, role in watched if role in LEVEL_ROLES and not prices.knows(role)]


def _needs_others(recipe: Recipe, prices: Prices) -> bool:
    named = [one.values.get(key) for one in singles(recipe) for key in OTHERS]
    return any(isinstance(name, str) and not prices.knows(name) for name in named)


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
