"""Whether the heat map groups values: sets drawn at random share few of them, and it would be all gaps."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from backtest import format as words
from backtest.model.value_groups import are_many


def is_grouped(payload: Mapping[str, Any]) -> bool:
    """Return whether values are grouped: of sets that were drawn, where they leave most of their grid empty."""
    grid = payload["grid"].values()
    drawn = (payload.get("sampling") or {}).get("how", "grid") != "grid"
    return drawn and any(map(are_many, grid)) and math.prod(map(len, grid)) > 2 * len(payload["sets"])


def label_of(group: Sequence[Any]) -> str:
    """Write a group: its value, or its first and last."""
    ends = [words.parameter(value) for value in (group[0], group[-1])]
    return ends[0] if len(group) == 1 else " to ".join(ends)
