"""Pydantic's errors on a TOML file, as one line in the terms of that file."""

from __future__ import annotations

import datetime
import json
import re
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pydantic
from pydantic_core import ErrorDetails

from backtest.errors import StrategyInvalid, ValueExcluded, did_you_mean
from backtest.untyped import Parameters

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
LONGEST_VALUE = 60


class Table(pydantic.BaseModel):
    """One table of a TOML file: unknown keys and wrong types are refused."""

    model_config = pydantic.ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


_BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of")


class OutOfBounds(ValueError):
    """What a validator raises for values of the right type that a rule excludes, alone or beside others."""


_RULES: dict[str, str] = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be a text in quotes",
    "string_too_short": "must have at least {min_length} character(s)",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "must match {pattern}",
    "list_type": "must be a list in [ ]",
    "tuple_type": "must be a list in [ ]",
    "set_type": "must be a list in [ ]",
    "dict_type": "must be a table of keys and values",
    "model_type": "must be a table of keys and values",
    "model_attributes_type": "must be a table of keys and values",
    "too_short": "must have at least {min_length} item(s)",
    "too_long": "must have at most {max_length} item(s)",
    "extra_forbidden": "unknown key",
    "missing": "is required and missing",
}


def explain(error: pydantic.ValidationError, model: type[pydantic.BaseModel]) -> tuple[str, str]:
    """Return the first fault of a file, as the message and the hint of a `BacktestError`.

    Parameters
    ----------
    error : pydantic.ValidationError
        The error of the validation.
    model : type of pydantic.BaseModel
        The model of the file; its fields are the known keys.

    Returns
    -------
    message : str
        ``key = value: rule.``, with a dotted key as in TOML; the caller adds the file's name.
        Unknown keys come first, because a mistyped key is also missing under its right name.
    hint : str
        The closest known key, or the allowed values; may be empty.
    """
    found = sorted(error.errors(include_url=False), key=lambda item: item["type"] != "extra_forbidden")
    first = found[0]
    keys, _ = _locate(first["loc"], model)
    same = [item for item in found if _locate(item["loc"], model)[0] == keys]
    rules = list(dict.fromkeys(_rule(item, model) for item in same))
    message = f"{_subject(keys, first)}{' or '.join(rules).replace(' or must be ', ' or ')}."
    return message, _hint(first, keys, model)


def invalid(error: pydantic.ValidationError, model: type[pydantic.BaseModel], place: str) -> StrategyInvalid:
    """Return the refusal of a strategy or of a detector's parameters; `place` stands before the key.

    It is a `ValueExcluded` if every fault is a value of the right type that is out of bounds.
    """
    message, hint = explain(error, model)
    excluded = all(
        item["type"] in _BOUNDS or isinstance(item.get("ctx", {}).get("error"), OutOfBounds)
        for item in error.errors(include_url=False)
    )
    return (ValueExcluded if excluded else StrategyInvalid)(f"{place}{message}", hint)


def dotted(keys: Sequence[str | int]) -> str:
    """Write a key as in TOML: ``detector.series``, ``tune."detector.sessions"``, ``horizons[2]``."""
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += ("." if text else "") + (key if BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False))
    return text


def toml_value(value: object) -> str:
    """Write a value roughly as in TOML, on one line and not too long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, datetime.date | datetime.time):
        text = value.isoformat()
    elif isinstance(value, Mapping):
        text = "{ " + ", ".join(f"{dotted([str(k)])} = {toml_value(v)}" for k, v in value.items()) + " }"
    elif isinstance(value, list | tuple):
        text = "[" + ", ".join(toml_value(item) for item in value) + "]"
    else:
        text = str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def _subject(keys: Sequence[str | int], item: ErrorDetails) -> str:
    name = dotted(keys)
    if not name:
        return ""
    # A rule on several keys of a table concerns the table, not one of its values.
    if item["type"] == "missing" or (item["type"] == "value_error" and isinstance(item["input"], Mapping)):
        return f"{name}: "
    return f"{name} = {toml_value(item['input'])}: "


def _rule(item: ErrorDetails, model: type[pydantic.BaseModel]) -> str:
    kind: str = item["type"]
    context: Parameters = item.get("ctx", {})
    if kind == "literal_error":
        choices = _choices(_locate(item["loc"], model)[1])
        one_of = "one of " if len(choices) > 1 else ""
        return f"must be {one_of}" + ", ".join(toml_value(choice) for choice in choices)
    if kind == "value_error":
        return str(context["error"]).rstrip(".")
    if kind in _RULES:
        return _RULES[kind].format(**context)
    if kind.startswith("date"):
        return "must be a date such as 1988-01-01"
    text: str = item["msg"]
    return text[:1].lower() + text[1:].rstrip(".")


def _hint(item: ErrorDetails, keys: Sequence[str | int], model: type[pydantic.BaseModel]) -> str:
    _, annotations = _locate(item["loc"], model)
    if item["type"] == "literal_error" and isinstance(item["input"], str):
        hint = did_you_mean(item["input"], [str(choice) for choice in _choices(annotations)])
        return hint if hint.startswith("Did") else ""  # the rule already lists them
    if item["type"] == "extra_forbidden":
        _, parents = _locate(item["loc"][:-1], model)
        known = [name for parent in parents for name in _fields(parent)]
        return did_you_mean(str(keys[-1]), known)
    return ""


def _locate(location: Sequence[str | int], model: object) -> tuple[tuple[str | int, ...], list[object]]:
    """Follow the location of an error: return the keys in the file, and the annotations at its end."""
    keys: list[str | int] = []
    here = _members(model)
    for part in location:
        if part == "[key]":  # pydantic's mark for a key that itself breaks a rule
            continue
        if len(here) > 1:  # pydantic names the union member it tried; the file has no such key
            named = [member for member in here if getattr(member, "__name__", None) == part]
            here = named or here
            if not any(_accepts(member, part) for member in here) or named:
                continue
        keys.append(part)
        here = [inner for member in here for inner in _inside(member, part)]
    return tuple(keys), here


def _accepts(member: object, part: str | int) -> bool:
    return part in _fields(member) or (isinstance(part, int) and get_origin(member) in (list, tuple))


def _members(annotation: object) -> list[object]:
    """Split an annotation: drop ``Annotated`` and ``None``, and replace a union by its members."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _members(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [inner for member in get_args(annotation) if member is not type(None) for inner in _members(member)]
    return [annotation]


def _inside(member: object, part: str | int) -> list[object]:
    origin, arguments = get_origin(member), get_args(member)
    if isinstance(part, str) and part in _fields(member):
        return _members(_fields(member)[part])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _members(arguments[1])
    if origin in (list, tuple) and isinstance(part, int) and arguments:
        return _members(
            arguments[min(part, len(arguments) - 1)] if origin is tuple and arguments[-1] is not ... else arguments[0]
        )
    return []


def _fields(member: object) -> dict[str, object]:
    if isinstance(member, type) and issubclass(member, pydantic.BaseModel):
        return {field.alias or name: field.annotation for name, field in member.model_fields.items()}
    return {}


def _choices(annotations: Sequence[Any]) -> list[object]:
    return [
        choice for annotation in annotations if get_origin(annotation) is Literal for choice in get_args(annotation)
    ]
