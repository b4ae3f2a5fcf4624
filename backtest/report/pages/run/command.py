"""The command that repeats a run, whatever was set when it was made."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

BARE = re.compile(r"[A-Za-z_][\w.-]*|\d{4}-\d\d-\d\d")
"""Strings that ``--set`` takes as they are: names, and dates."""

RESERVED = {"true", "false", "inf", "nan"}


def replay(run: Mapping[str, Any]) -> str:
    """Return the command that repeats a run, for a POSIX shell; every parameter that has a value is spelled out."""
    command = ["backtest", "run", str(run["strategy"]), "--dataset", str(run["dataset"]["name"])]
    for key, value in (run.get("parameters") or {}).items():
        if value is not None:
            command += ["--set", f"{key}={literal(value)}"]
    if run.get("trade") is None:
        command.append("--no-trade")
    if run.get("lookahead"):
        command.append("--allow-lookahead")
    return shlex.join(command)


def literal(value: object) -> str:
    """Write a value as ``--set`` reads it: TOML, with the quotes of a plain name left out."""
    if isinstance(value, str):
        bare = BARE.fullmatch(value) and value not in RESERVED
        return value if bare else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_item(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_item(item) for item in value) + "]"
    return json.dumps(value)


def _item(value: object) -> str:
    """Within a list or a table a string keeps its quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else literal(value)
