"""Values as they stand on an axis."""

from __future__ import annotations

import math

from backtest.format import NONE, minus


def tick(value: float, unit: str = "%") -> str:
    """Write a fraction on an axis, with as many decimals as it needs: ``0.025`` is ``+2.5%``."""
    text = f"{round(value * 100, 6):+.6g}"
    return f"0{unit}" if text in ("+0", "-0") else f"{minus(text)}{unit}"


def level(value: float | None) -> str:
    """Write a level with six significant digits: ``2263.67``, ``12,345.7``; a dash where there is none."""
    if value is None or math.isnan(value):
        return NONE
    digits = min(12, max(0, 5 - math.floor(math.log10(abs(value))))) if value else 0
    return minus(f"{value:,.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:,.0f}")
