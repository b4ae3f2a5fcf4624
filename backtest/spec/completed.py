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
    if strategy.study is not None:
        tables["study"] = strategy.study.model_dump(mode="json")
    return {f"{table}.{key}": value for table, values in tables.items() for key, value in values.items()}


def changes_of(strategy: Strategy, parameters: Mapping[str, Any]) -> Parameters:
    """Return the overrides that change what the strategy's file says, with values as in `parameters_of`.

    Parameters
    ----------
    strategy : Strategy
        The strategy with its overrides.
    parameters : mapping
        Every parameter of the study under its dotted key.
    """
    return {
        key: parameters[key] if key in parameters else to_jsonable_python(value)
        for key, value in strategy.overrides.items()
        if _in_file(strategy._content, key) != (value,)
    }


def _in_file(content: Mapping[str, Any], key: str) -> tuple[Any, ...]:
    """Return the value that a file has under a dotted key, in a tuple; an empty one if it has none."""
    found: Any = content
    for name in key.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return ()
        found = found[name]
    return (found,)
