"""What a study found on one asset."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.comparison.sides import side_of
from backtest.comparison.what_was_found import ALL, OTHER_KIND, SHARED, Found
from backtest.inference.contrast import Contrast, Side, contrast, no_contrast
from backtest.model import Asked, Floats
from backtest.study.asset_result import AssetResult
from backtest.study.looks_of_study import seen_until


@dataclass(frozen=True, eq=False)
class FoundOnAsset:
    """What a study of one asset found, beyond what its record keeps; a `Found`.

    Attributes
    ----------
    asset : AssetResult
        The asset, with the circles that its events are shifted around.
    sessions : ndarray of shape (n_sessions,)
        The dates of its dataset.
    last : int
        Position of the last session of the sample.
    """

    asset: AssetResult
    sessions: np.ndarray
    last: int

    @property
    def name(self) -> str:
        """The asset, as the strategy names it."""
        return self.asset.name

    @property
    def seen(self) -> str:
        """The last session that it looked at."""
        return seen_until(self.sessions, self.last, self.asset.base_rate.forward.horizons)

    @property
    def horizons(self) -> list[Asked]:
        """Its horizons, as a strategy writes them."""
        return [one.label for one in self.asset.base_rate.forward.horizons]

    @property
    def shifts(self) -> list[Floats]:
        """The statistic under every shift, by horizon."""
        return [test.shifts for test in self.asset.null_tests]

    def against(self, other: Found, horizon: Asked) -> list[tuple[str, Contrast]]:
        """Return the difference over all events of both and, if only some are of both, over these pairs."""
        if not isinstance(other, FoundOnAsset):
            return [(ALL, no_contrast((0, 0), 0, OTHER_KIND))]
        first, second = self.side(horizon), other.side(horizon)
        found = [(ALL, contrast(first, second))]
        pairs = _same_day(first, second)
        if 0 < len(pairs) < max(len(first.day0), len(second.day0)):
            paired = contrast(first, second, pairs)
            if paired.p_value is not None:
                found.append((SHARED, paired))
        return found

    def side(self, horizon: Asked) -> Side:
        """Return the circle at one horizon, with the dates of its sessions."""
        return side_of(self.asset.base_rate, self.horizons.index(horizon), self.sessions, self.asset.day0)


def _same_day(first: Side, second: Side) -> list[tuple[int, int]]:
    """Pair the events that both date to the same day.

    Of one episode that they date differently, the later day 0 lies in the window of the earlier: that it would come
    was not known there, and to select the earlier events by it would look ahead.
    """
    _, i, j = np.intersect1d(first.day0, second.day0, assume_unique=True, return_indices=True)
    return list(zip(i.tolist(), j.tolist(), strict=True))
