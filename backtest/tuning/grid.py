"""The grid: the parameters and the values to try."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from backtest.detect.short_keys import full_keys, is_short
from backtest.errors import StrategyInvalid
from backtest.spec.overrides import parse_value
from backtest.spec.strategy import TUNABLE, TUNABLE_RULE, Strategy
from backtest.tuning.between import Between, between_of
from backtest.untyped import Parameters

MAX_SETS = 100_000
MOST_DIGITS = 15
"""Maximum digits before and after the decimal point of a number in a range."""
Grid = dict[str, list[Any]]


Space = dict[str, list[Any] | Between]
"""What sets are drawn from: values, or numbers between two."""


def grid_of_strategy(tune: Mapping[str, Any], place: str) -> Grid:
    """Read the grid of a strategy's ``[tune]`` table: lists of values, or ranges ``{from, to, step}``.

    Raises
    ------
    StrategyInvalid
        An entry is neither, or a range is empty.
    """
    return {key: values_of(key, entry, f"{place}: tune.") for key, entry in tune.items()}


def parse_space(texts: Sequence[str], option: str = "--grid") -> Space:
    """Parse a grid in which ``KEY=FROM:TO`` is allowed, too: sets are then drawn.

    Raises
    ------
    StrategyInvalid
        A text has no form that is known.
    """
    found: Space = {}
    for text in texts:
        key, _, values = text.partition("=")
        between = between_of(values, f"{option} {key.strip()} = ")
        parsed: Space = {**parse_grid([text], option)} if between is None else {key.strip(): between}
        if found.keys() & parsed.keys():
            raise StrategyInvalid(f"{option} {text}: '{key.strip()}' is given twice.", "Give each key once.")
        found.update(parsed)
    return found


def parse_grid(texts: Sequence[str], option: str = "--grid") -> Grid:
    """Parse ``KEY=V1,V2,…`` and ``KEY=FROM:TO:STEP`` as on the command line.

    Parameters
    ----------
    texts : sequence of str
        One a key.
    option : str
        The option that they were given with, for refusals.

    Raises
    ------
    StrategyInvalid
        A text has neither form.
    """
    grid: Grid = {}
    for text in texts:
        key, found, values = text.partition("=")
        key = key.strip()
        if not found or not re.fullmatch(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*", key) or not values.strip():
            raise StrategyInvalid(
                f"{option} {text}: not KEY=V1,V2,… or KEY=FROM:TO:STEP.",
                f"For example {option} detector.sessions=3,4,5",
            )
        if between_of(values, f"{option} {key} = ") is not None:
            raise StrategyInvalid(
                f"{option} {text}: a range without a step has no end of values.",
                "Give a step, FROM:TO:STEP, or draw sets with --random N.",
            )
        if key in grid:
            raise StrategyInvalid(f"{option} {text}: '{key}' is given twice.", "Give each key once.")
        parts = values.split(":")
        if len(parts) == 3 and "[" not in values:
            grid[key] = _range(key, (parts[0], parts[1], parts[2]), f"{option} ")
        else:
            grid[key] = _distinct(key, _listed(values), f"{option} ")
    return grid


def full_key_grid(strategy: Strategy, grid: Grid) -> Grid:
    """Return the same grid under full keys, as `full_key_space` does."""
    full = full_key_space(strategy, {**grid})
    return {key: values for key, values in full.items() if not isinstance(values, Between)}


def full_key_space(strategy: Strategy, space: Space) -> Space:
    """Return the same grid under full keys; a key may lack its table if only one key ends so.

    The assets of a strategy that names several are tried one by one, as if the grid listed them.

    Raises
    ------
    StrategyInvalid
        A key is unknown, may mean several, is given twice, or cannot be tuned.
    """
    found: Space = {}
    for key, values in space.items():
        (full,) = full_keys(strategy, {key: values}) if is_short(key) else [key]
        if not TUNABLE.fullmatch(full):
            raise StrategyInvalid(f"grid: '{full}' cannot be tuned: {TUNABLE_RULE}.")
        if full in found:
            raise StrategyInvalid(f"grid: '{full}' is given twice.", "Give each key once.")
        found[full] = values
    if len(strategy.measure.assets) > 1:
        found.setdefault("measure.asset", list(strategy.measure.assets))
    return found


def combinations(grid: Grid) -> list[Parameters]:
    """Return every combination of the grid's values, the last key changing fastest.

    Raises
    ------
    StrategyInvalid
        There is nothing to try, or there are too many sets.
    """
    if not grid:
        raise StrategyInvalid(
            "there is no grid: the strategy has no [tune] table and no --grid was given.",
            "For example --grid detector.sessions=3,4,5",
        )
    size = math.prod(map(len, grid.values()))
    if size > MAX_SETS:
        raise StrategyInvalid(
            f"the grid has {size:,} parameter sets; at most {MAX_SETS:,} are tried.", "Coarsen it, or draw --random N."
        )
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def values_of(key: str, entry: object, place: str) -> list[Any]:
    """Return the values of one key: those of a list, each once, or those of a range ``{from, to, step}``.

    Raises
    ------
    StrategyInvalid
        It is neither, or empty, or a value is listed twice; `place` says where.
    """
    if isinstance(entry, list) and entry:
        return _distinct(key, entry, place)
    if isinstance(entry, dict) and set(entry) == {"from", "to", "step"}:
        return _range(key, (str(entry["from"]), str(entry["to"]), str(entry["step"])), place)
    raise StrategyInvalid(
        f"{place}{key} = {entry!r}: must be a list of values, or a range.", "A range: { from = 3, to = 6, step = 1 }"
    )


def _range(key: str, parts: tuple[str, str, str], place: str) -> list[Any]:
    """Step in decimals, so that 0.005, 0.0075, … have no binary rounding error."""
    text = f"{place}{key} = {':'.join(parts)}"
    try:
        start, stop, by = (Decimal(part.strip()) for part in parts)
    except InvalidOperation as error:
        raise StrategyInvalid(f"{text}: must be three numbers.") from error
    if any(part and abs(part.adjusted()) > MOST_DIGITS for part in (start, stop, by) if part.is_finite()):
        raise StrategyInvalid(f"{text}: a number is too large or too small.")
    if not all(part.is_finite() for part in (start, stop, by)) or by <= 0 or stop < start:
        raise StrategyInvalid(f"{text}: needs from <= to and step > 0.")
    count = int((stop - start) / by) + 1
    if count > MAX_SETS:
        raise StrategyInvalid(f"{text}: {count:,} values; at most {MAX_SETS:,} are tried.")
    whole = all(part == part.to_integral_value() and "." not in str(part) for part in (start, by))
    values = [start + by * i for i in range(count)]
    return [int(value) if whole else float(value) for value in values]


def _listed(values: str) -> list[Any]:
    as_list = parse_value(f"[{values}]")
    return as_list if isinstance(as_list, list) else [parse_value(part) for part in values.split(",")]


def _distinct(key: str, values: list[Any], place: str) -> list[Any]:
    seen = [repr(value) for value in values]
    if len(set(seen)) < len(seen):
        raise StrategyInvalid(f"{place}{key}: a value is listed twice.", "List each value once.")
    return values
