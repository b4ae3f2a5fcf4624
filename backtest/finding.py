"""What the firewall found in a dataset: the noun that import, lock, run and report hand to one another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Change:
    """One row that history was restated in: None where there is none, before or after."""

    date: dt.date
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Finding:
    """What the firewall found in one series, by one rule."""

    rule: str
    series: str
    """A series, or several with commas between; empty: the whole dataset."""
    severity: Literal["error", "warning"]
    text: str
    first: dt.date | None = None
    last: dt.date | None = None
    count: int = 1
    """Rows, sessions or contracts, as the text says."""
    value: float | None = None
    """The worst, where there are several."""
    affects: tuple[str, ...] = ()
    """Series derived from it, by however many steps."""
    changes: tuple[Change, ...] = ()
    """Rows that were restated, as many as are listed."""

    def concerns(self, series: Iterable[str]) -> bool:
        """Tell whether who reads these series must know."""
        mine = {*self.series.split(", "), *self.affects}
        return mine == {""} or not mine.isdisjoint(series)
