"""The only two untyped dictionaries: JSON at the edges of the program, and TOML values."""

from __future__ import annotations

import tomllib
from typing import Any

Json = dict[str, Any]
"""One JSON object, as read or written."""
Parameters = dict[str, Any]
"""TOML values under their keys, from a strategy file or ``--set``."""


BITS = 64
"""Of a whole number in TOML; Python reads more of them than it can write as decimals."""


def read_toml(text: str) -> Parameters:
    """Read TOML.

    Raises
    ------
    ValueError
        It is not TOML, is nested too deeply, or a whole number does not fit into 64 bits.
    """
    try:
        found = tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    pending: list[object] = [found]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
        elif isinstance(value, int) and not -(2 ** (BITS - 1)) <= value < 2 ** (BITS - 1):
            raise ValueError(f"a whole number has {value.bit_length():,} bits, and TOML has {BITS}")
    return found
