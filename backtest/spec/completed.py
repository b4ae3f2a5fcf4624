"""A strategy with what its file leaves open filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.spec.overrides import overridden
from backtest.spec.strategy import Strategy, parse_strategy


def completed(strategy: Strategy, values: Mapping[str, Any]) -> Strategy:
    """Return a strategy with further values under dotted keys; they are no overrides, and its file is not read again.

    Raises
    ------
    StrategyInvalid
        A key or value is not allowed.
    """
    content = overridden(overridden(strategy._content, strategy.overrides, strategy.place), values, strategy.place)
    filled = parse_strategy(content, strategy.path, None, strategy.functions)
    filled._content, filled._overrides = strategy._content, dict(strategy.overrides)
    return filled
