"""Overrides of a strategy file: dotted keys to values, as in ``--set``."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from backtest.errors import StrategyInvalid
from backtest.untyped import Parameters

NAMES = ("asset",)
"""Keys whose value is one name or several."""
MIXED = ("measure.horizons",)
"""Lists of numbers and words."""
PART = re.compile(r"""(?:^|,)\s*("[^"]*"|'[^']*'|[^,]*)""")
"""One of several names, after a comma."""


def overridden(content: Mapping[str, Any], overrides: Mapping[str, Any], place: str) -> Parameters:
    """Return the tables of a strategy file with some values replaced; the input is unchanged.

    Parameters
    ----------
    content : mapping
        The tables.
    overrides : mapping
        Dotted keys to values. Another detector in ``use`` starts its table afresh, because the parameters in the file
        belong to the former detector.
    place : str
        The name of the file in a refusal.

    Raises
    ------
    StrategyInvalid
        A key treats a value as a table.
    """
    changed = copy.deepcopy(dict(content))
    _start_afresh(changed, overrides)
    for key, value in overrides.items():
        _override(changed, key, value, place)
    return changed


def single_values_as_lists(error: ValidationError, overrides: Mapping[str, Any]) -> Parameters:
    """Return the overrides with values as lists if a list is needed: ``--set horizons=5``, ``horizons=5,21``."""
    keys = {".".join(map(str, one["loc"])) for one in error.errors() if one["type"] == "list_type"}
    given = {key: value for key, value in overrides.items() if key in keys and isinstance(value, int | float | str)}
    return {key: _listed(value, mixed=key in MIXED) for key, value in given.items()}


def _listed(value: float | str, *, mixed: bool) -> list[Any]:
    """Return the values between commas, if all are of one kind or may differ; the date July 16, 2024 is one value."""
    found = parse_names(value) if isinstance(value, str) else value
    parts: list[Any] = found if isinstance(found, list) else [value]
    kinds = {float if type(part) is int else type(part) for part in parts}
    return parts if len(kinds) == 1 or mixed else [value]


def parse_setting(text: str) -> tuple[str, Any]:
    """Parse ``KEY=VALUE`` as on the command line; the value is TOML or, if it is not valid TOML, a string.

    Raises
    ------
    StrategyInvalid
        There is no ``=``, or the key is not a dotted key.
    """
    key, found, value = text.partition("=")
    if not found or not re.fullmatch(r"[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*", key.strip()):
        raise StrategyInvalid(f"--set {text}: not KEY=VALUE.", "For example --set detector.sessions=4")
    parse = parse_names if key.strip().rpartition(".")[2] in NAMES else parse_value
    return key.strip(), parse(value)


def parse_names(text: str) -> Any:  # noqa: ANN401  any TOML value
    """Parse one name or several: ``A``, ``A,B``, ``[A, B]``, or TOML; quote a name with a comma."""
    found = parse_value(text)
    if not isinstance(found, str):
        return found
    plain = text.strip()
    listed = plain.startswith("[") and plain.endswith("]")
    parts = PART.findall(plain[1:-1] if listed else plain)
    return [parse_value(part) for part in parts] if listed or len(parts) > 1 else found


def parse_value(text: str) -> Any:  # noqa: ANN401  any TOML value
    """Parse one TOML value; a text that is not valid TOML is a string."""
    try:
        parsed = tomllib.loads(f"value = {text.strip()}")
    except (ValueError, RecursionError):
        return text.strip()
    return parsed["value"] if list(parsed) == ["value"] else text.strip()


def _start_afresh(content: Parameters, overrides: Mapping[str, Any]) -> None:
    """Empty the tables whose detector is replaced: their other keys are parameters of the former detector."""
    for key, value in overrides.items():
        *tables, last = key.split(".")
        table: Any = content
        for name in tables:
            table = table.get(name) if isinstance(table, dict) else None
        if last == "use" and isinstance(table, dict) and table.get("use", value) != value:
            table.clear()


def _override(content: Parameters, key: str, value: Any, place: str) -> None:  # noqa: ANN401  any TOML value
    *tables, last = key.split(".")
    for table in tables:
        content = content.setdefault(table, {})
        if not isinstance(content, dict):
            raise StrategyInvalid(f"{place}: {key}: '{table}' is a value, not a table.", "See 'backtest show NAME'.")
    content[last] = value
