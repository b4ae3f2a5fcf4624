"""A strategy with the values that its file leaves open, and all its parameters, including defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from backtest.spec.overrides import overridden
from backtest.spec.strategy import Strategy, parse_strategy
from backtest.untyped import Parameters


def completed(strategy: Strategy, values: Mapping[str, Any]) -> Strategy:
    """Return a strategy with further values under dotted keys; they do not count as overrides.

    Raises
    ------
    StrategyInvalid
        A key or value is not allowed.
    """
    content = overridden(overridden(strategy._content, strategy.overrides, strategy.place), values, strategy.place)
    filled = parse_strategy(content, strategy.path, None, strategy.functions)
    filled._content, filled._overrides = strategy._content, dict(strategy.overrides)
    filled._text = strategy.text
    return filled


def parameters_of(strategy: Strategy, conditions: Mapping[str, Mapping[str, Any]]) -> Parameters:
    """Return every parameter of a study under its dotted key, including defaults; dates as ISO strings.

    Parameters
    ----------
    strategy : Strategy
        The strategy.
    conditions : mapping
        The tables ``"detector"`` and ``"conditions.NAME"``, checked and complete.
    """
    tables: dict[str, Mapping[str, Any]] = {
        **{key: to_jsonable_python(dict(values)) for key, values in conditions.items()},
        "episodes": strategy.episodes.model_dump(mode="json"),
        "measure": strategy.measure.model_dump(mode="json"),
    }
    if strategy.trade is not None:
        tables["trade"] = strategy.trade.model_dump(mode="json")
    return {f"{table}.{key}": value for table, values in tables.items() for key, value in values.items()}
