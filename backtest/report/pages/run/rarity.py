"""How rare the condition is among its neighbours: a small table, darker where they occurred more often."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from backtest.untyped import Json

DARKEST = 45
"""Percent of colour in the darkest cell; text on it keeps its contrast."""


def heat(rarity: Mapping[str, Any] | None) -> Json | None:
    """Arrange the neighbourhood by sessions and threshold; None where the run recorded none.

    A combination that the detector does not take is None; one that it gave no answer for has no count.
    """
    if not rarity:
        return None
    cells = {(cell["sessions"], cell["threshold"]): cell for cell in rarity["cells"]}
    lengths = list(dict.fromkeys(sessions for sessions, _ in cells))
    thresholds = sorted({threshold for _, threshold in cells if threshold is not None}) or [None]
    most = max((cell["episodes"] or 0 for cell in cells.values()), default=0)
    rows = [(sessions, [_shaded(cells.get((sessions, at)), most) for at in thresholds]) for sessions in lengths]
    return {**rarity, "thresholds": thresholds, "rows": rows}


def _shaded(cell: Mapping[str, Any] | None, most: int) -> Json | None:
    if cell is None:
        return None
    # By the logarithm: counts of neighbours differ by factors.
    share = math.log1p(cell["episodes"] or 0) / math.log1p(most) if most else 0.0
    return {**cell, "shade": round(DARKEST * share)}
