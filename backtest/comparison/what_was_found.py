"""What a comparison needs of any study beyond its record, whether of single series or of a panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from backtest.inference.contrast import Contrast
from backtest.model import Asked, Floats

ALL, SHARED = "all events", "shared events"
"""Over which events two studies are compared: all of both, or those alone that both have, a pair each."""
OTHER_KIND = "one is of single series, the other of a panel"


class Found(Protocol):
    """What a study found."""

    @property
    def name(self) -> str:
        """The asset, as the strategy names it."""

    @property
    def seen(self) -> str:
        """The last session that it looked at; ISO."""

    @property
    def horizons(self) -> list[Asked]:
        """Its horizons, as a strategy writes them."""

    @property
    def shifts(self) -> list[Floats]:
        """The statistic under every shift, by horizon; empty where there is none."""

    def against(self, other: Found, horizon: Asked) -> Sequence[tuple[str, Contrast]]:
        """Return the difference from another study, at a horizon that both have: over all events, and over others."""
