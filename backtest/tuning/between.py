"""Numbers between two, for sets that are drawn: ``FROM:TO`` without a step."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from backtest.errors import StrategyInvalid

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
SMALLEST, LARGEST = 1e-15, 1e15
"""Sizes that a number other than zero may have, as in a range with a step."""
STEPS = 4
"""Drawn numbers are rounded to so many decimals of the width: ten thousand steps can be written and read."""


@dataclass(frozen=True)
class Between:
    """Every number between two, both included.

    Attributes
    ----------
    low, high : float
        The lowest and the highest, in this order.
    whole : bool
        Only whole numbers, because both are written so.
    """

    low: float
    high: float
    whole: bool

    def __str__(self) -> str:
        return f"{self.low:g}:{self.high:g}"

    def at(self, share: float) -> int | float:
        """Return the number that lies so far from the lowest, 0 to 1; all are as likely as one another."""
        if self.whole:
            return min(int(self.low) + int(share * (int(self.high) - int(self.low) + 1)), int(self.high))
        decimals = STEPS - math.floor(math.log10(self.high - self.low))
        return min(max(round(self.low + share * (self.high - self.low), decimals), self.low), self.high)


def between_of(text: str, place: str) -> Between | None:
    """Parse ``FROM:TO``; None for any other text.

    Raises
    ------
    StrategyInvalid
        The first number is not below the second, or one is too large or too small.
    """
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 2 or not all(NUMBER.fullmatch(part) for part in parts):
        return None
    if any(float(part) and not SMALLEST <= abs(float(part)) <= LARGEST for part in parts):
        raise StrategyInvalid(f"{place}{text}: a number is too large or too small.")
    low, high = map(float, parts)
    if low >= high:
        raise StrategyInvalid(f"{place}{text}: needs from < to.", "For example 0.005:0.02.")
    return Between(low, high, all(re.fullmatch(r"[-+]?\d+", part) for part in parts))
