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
    contract: str = ""
    """Of futures, the contract month."""


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
    """Rows that were restated or lost: all when they are found, the first ones in a lock file."""
    column: str = ""
    """Of rows that were restated or lost: ``RUT``, ``RUT.open`` and so on."""
    found: dt.date | None = None
    """When rows were found to be restated or lost: the data before them are not there any more."""
    file: str = ""
    """Beside the lock file, where all rows that were restated or lost are listed."""
    days: tuple[dt.date, ...] = ()
    """The dates that it is about, in order; in a lock file the first ones."""
    hint: str = ""
    """What to do about it, where that is not the same for all of its rule."""

    def within(self, first: dt.date, last: dt.date) -> bool:
        """Tell whether any of it lies between two days, both included; one without days may lie anywhere."""
        return (self.last is None or self.last >= first) and (self.first is None or self.first <= last)

    def concerns(self, series: Iterable[str]) -> bool:
        """Tell whether who reads these series must know."""
        mine = {*self.series.split(", "), *self.affects}
        return mine == {""} or not mine.isdisjoint(series)
