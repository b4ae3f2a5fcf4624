"""A finding of the firewall on a dataset, as exchanged by import, lock, run and report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Change:
    """One restated row of the history; a value is None if the row did not exist before or after."""

    date: dt.date
    before: float | None
    after: float | None
    contract: str = ""
    """The contract month, for futures."""


@dataclass(frozen=True)
class Finding:
    """What one rule of the firewall found in one series."""

    rule: str
    series: str
    """A series, or several separated by commas; empty for the whole dataset."""
    severity: Literal["error", "warning"]
    text: str
    first: dt.date | None = None
    last: dt.date | None = None
    count: int = 1
    """Number of rows, sessions or contracts, as the text says."""
    value: float | None = None
    """The largest, if there are several."""
    affects: tuple[str, ...] = ()
    """Series derived from it, directly or indirectly."""
    changes: tuple[Change, ...] = ()
    """Restated or lost rows: all of them when found, the first ones in a lock file."""
    column: str = ""
    """Columns of restated or lost rows: ``RUT``, ``RUT.open`` and so on."""
    found: dt.date | None = None
    """When rows were found to be restated or lost; the earlier data no longer exist."""
    file: str = ""
    """The file beside the lock file that lists all restated or lost rows."""
    days: tuple[dt.date, ...] = ()
    """The dates it concerns, in order; in a lock file, the first ones."""
    hint: str = ""
    """What to do about it, if that depends on the finding and not only on the rule."""

    def within(self, first: dt.date, last: dt.date) -> bool:
        """Return whether any date lies between two days, inclusive; a finding without dates may lie anywhere."""
        return (self.last is None or self.last >= first) and (self.first is None or self.first <= last)

    def concerns(self, series: Iterable[str]) -> bool:
        """Return whether readers of these series must know."""
        mine = {*self.series.split(", "), *self.affects}
        return mine == {""} or not mine.isdisjoint(series)
