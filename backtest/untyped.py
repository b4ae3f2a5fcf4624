"""The only two untyped dictionaries: JSON at the edges of the program, and TOML values."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""One JSON object, as read or written."""
Parameters = dict[str, Any]
"""TOML values under their keys, from a strategy file or ``--set``."""
