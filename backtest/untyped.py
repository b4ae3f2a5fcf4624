"""The two dictionaries of anything: JSON at the edges of the program, and TOML values."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
"""One JSON object, as it is read or written."""
Parameters = dict[str, Any]
"""TOML values under their keys, as a strategy file or ``--set`` gives them."""
