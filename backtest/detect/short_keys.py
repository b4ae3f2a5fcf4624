"""Short keys of a strategy: ``sessions`` for ``detector.sessions``, if it can mean nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.detect.registry import find_detector
from backtest.errors import StrategyInvalid
from backtest.spec.conditions import ConditionTable
from backtest.spec.measure import MeasureTable
from backtest.spec.strategy import EpisodesTable, Strategy, TradeTable
from backtest.spec.study_table import StudyTable
from backtest.spec.validation import Table, toml_value
from backtest.untyped import Parameters

TABLES: dict[str, type[Table]] = {
    "episodes": EpisodesTable,
    "measure": MeasureTable,
    "trade": TradeTable,
    "study": StudyTable,
}
TOP = {field.alias or name for name, field in Strategy.model_fields.items()}
"""The tables with which a full key begins."""


def is_short(key: str) -> bool:
    """Return whether a key lacks its table."""
    return key.partition(".")[0] not in TOP


def full_keys(strategy: Strategy, short: Mapping[str, Any]) -> Parameters:
    """Return the same values under full keys.

    Parameters
    ----------
    strategy : Strategy
        The strategy with all overrides under full keys, which determine its detectors.
    short : mapping
        Values by the end of a key: ``sessions``, or ``calm.sessions`` for ``conditions.calm.sessions``.

    Raises
    ------
    StrategyInvalid
        There is no such key, or there are several; the message names them.
    """
    known = keys_of(strategy)
    found: Parameters = {}
    for key, value in short.items():
        meant = [one for one in known if one.endswith(f".{key}")]
        place = f"{strategy.path} as overridden: {key} = {toml_value(value)}"
        if not meant:
            raise StrategyInvalid(f"{place}: unknown key.", _nearest(key, known, strategy.name))
        if len(meant) > 1:
            raise StrategyInvalid(f"{place}: may mean {' or '.join(meant)}.", "Write the full key.")
        if meant[0] in found or meant[0] in strategy.overrides:
            raise StrategyInvalid(f"{place}: {meant[0]} is given twice.", "Give it once.")
        found[meant[0]] = value
    return found


def keys_of(strategy: Strategy) -> list[str]:
    """List every key that a strategy may set, including the parameters of its detectors.

    Raises
    ------
    NotFound, DetectorFailed
        A detector does not exist, or its file cannot be imported.
    """
    keys = [f"{table}.{name}" for table, model in TABLES.items() for name in model.model_fields]
    for table, condition in {"detector": strategy.detector, **_conditions(strategy)}.items():
        names = list(condition.written)
        if condition.use is not None and condition.use not in strategy.functions:
            names += find_detector(condition.use, strategy.path.parent).parameters.model_fields
        keys += [f"{table}.{name}" for name in names]
    return list(dict.fromkeys(keys))


def _conditions(strategy: Strategy) -> dict[str, ConditionTable]:
    return {f"conditions.{name}": table for name, table in strategy.conditions.items()}


def _nearest(key: str, known: list[str], strategy: str) -> str:
    import difflib  # needed only for a wrong key

    ends = {one.rpartition(".")[2]: one for one in reversed(known)}
    close = difflib.get_close_matches(key, ends, n=1, cutoff=0.6)
    return f"Did you mean '{ends[close[0]]}'?" if close else f"'backtest show {strategy}' lists the keys."
