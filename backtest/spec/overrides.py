"""Overrides of a strategy file: dotted keys to values, as in ``--set``."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from backtest.errors import StrategyInvalid
from backtest.untyped import Parameters, read_toml

NAMES = ("asset",)
"""Keys whose value is one name or several."""
WAYS = ("use", "all", "any", "not", "within")
"""The keys of which a table of conditions has one: a detector, or a way to combine others."""
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
        Dotted keys to values. Another detector in ``use``, or another way to combine conditions, starts its table
        afresh, because the keys in the file belong to the former. Conditions that nothing names any more are dropped.
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
    if any(key.rpartition(".")[2] in WAYS for key in overrides):
        _drop_unnamed(changed, content)
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


def setting(key: str, value: object) -> str:
    """Write an override so that `parse_setting` reads the same value, of the same type: ``KEY=VALUE`` with TOML.

    Raises
    ------
    TypeError
        TOML has no such value, as None.
    """
    return f"{key}={_toml(value)}"


def _toml(value: object) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_toml(str(key))} = {_toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    raise TypeError(f"TOML has no {type(value).__name__}")


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
        parsed = read_toml(f"value = {text.strip()}")
    except (ValueError, RecursionError):
        return text.strip()
    return parsed["value"] if list(parsed) == ["value"] else text.strip()


def _start_afresh(content: Parameters, overrides: Mapping[str, Any]) -> None:
    """Empty the tables whose detector or combination is replaced: their other keys belong to the former."""
    for key, value in overrides.items():
        *tables, last = key.split(".")
        table: Any = content
        for name in tables:
            table = table.get(name) if isinstance(table, dict) else None
        if last not in WAYS or not isinstance(table, dict):
            continue
        if (last == "use" and table.get("use", value) != value) or any(way in table for way in WAYS if way != last):
            table.clear()


def _drop_unnamed(changed: Parameters, content: Mapping[str, Any]) -> None:
    """Drop the conditions of the file that are named no more; one that was never named stays, to be refused."""
    for name in _named(content) - _named(changed):
        if isinstance(changed.get("conditions"), dict):
            changed["conditions"].pop(name, None)


def _named(content: Mapping[str, Any]) -> set[str]:
    """Return the conditions that the detector names, itself or through other conditions."""
    conditions, waiting, found = content.get("conditions"), [content.get("detector")], set[str]()
    while waiting:
        table = waiting.pop()
        members = [_members(table.get(way)) for way in WAYS if way != "use"] if isinstance(table, dict) else []
        names = {name.removeprefix("not ") for group in members for name in group} - found
        found |= names
        waiting += [conditions.get(name) for name in names] if isinstance(conditions, dict) else []
    return found


def _members(value: object) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [name for name in listed if isinstance(name, str)]


def _override(content: Parameters, key: str, value: Any, place: str) -> None:  # noqa: ANN401  any TOML value
    *tables, last = key.split(".")
    for table in tables:
        content = content.setdefault(table, {})
        if not isinstance(content, dict):
            raise StrategyInvalid(f"{place}: {key}: '{table}' is a value, not a table.", "See 'backtest show NAME'.")
    content[last] = value
