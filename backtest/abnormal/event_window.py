"""Which sessions of an event are measured, and from which its normal return is estimated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.errors import StudyRefused
from backtest.model import Ints


@dataclass(frozen=True)
class EventWindow:
    """The sessions around day 0.

    Attributes
    ----------
    first, last : int
        First and last session of the event window relative to day 0, both included: -10 and 10 are 21 sessions.
    estimation : int
        Sessions of the estimation window, which ends before the event window.
    gap : int
        Sessions between both windows.
    minimum : int
        Observations that an estimate needs.
    """

    first: int = -10
    last: int = 10
    estimation: int = 250
    gap: int = 0
    minimum: int = 100

    def __post_init__(self) -> None:
        """Refuse windows that hold nothing.

        Raises
        ------
        StudyRefused
            The event window is empty, the gap negative, or the minimum above the length of the estimation window.
        """
        if self.first > self.last:
            raise StudyRefused(
                f"event window: first {self.first}: at most last, {self.last}, is needed.", "Swap the two."
            )
        if self.gap < 0:
            raise StudyRefused(f"estimation window: gap {self.gap}: at least 0 is needed.", "Set gap to 0 or more.")
        if not 1 <= self.minimum <= self.estimation:
            raise StudyRefused(
                f"estimation window: minimum {self.minimum}: 1 to {self.estimation} sessions are possible.",
                "Lower minimum, or lengthen the estimation window.",
            )

    @property
    def length(self) -> int:
        """Sessions of the event window, L."""
        return self.last - self.first + 1

    @property
    def offsets(self) -> Ints:
        """Sessions of the event window relative to day 0; shape (L,)."""
        return np.arange(self.first, self.last + 1)

    @property
    def estimation_offsets(self) -> Ints:
        """Sessions of the estimation window relative to day 0; shape (E,)."""
        end = self.first - self.gap
        return np.arange(end - self.estimation, end)
