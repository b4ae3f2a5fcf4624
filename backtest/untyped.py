"""The only two untyped dictionaries: JSON at the edges of the program, and TOML values."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""One JSON object, as read or written."""
Parameters = dict[str, Any]
"""TOML values under their keys, from a strategy file or ``--set``."""
LONGEST_INTEGER = 64
"""Bits."""


def parse_toml(text: str) -> Parameters:
    """Parse TOML.

    Raises
    ------
    ValueError
        It is not TOML or nested too deeply, or an integer has more than 64 bits: Python would take it, and fail to
        print it.
    """
    import tomllib

    try:
        table = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    waiting: list[object] = [table]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, int) and value.bit_length() > LONGEST_INTEGER:
            raise ValueError("an integer has more than 64 bits")
    return table
