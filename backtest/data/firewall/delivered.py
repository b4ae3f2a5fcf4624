"""One series as its file delivers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from backtest.data.files.source import Source
from backtest.data.firewall.rows import check_rows
from backtest.data.manifest.manifest import Series
from backtest.data.store.lock import Dropped
from backtest.errors import DataRefused
from backtest.model import Floats, Ints, Sessions


@dataclass(frozen=True, eq=False)
class Delivered:
    """One series as delivered: its dates, and its fields by column suffix (``""``, ``".open"`` …)."""

    source: Source
    dates: Sessions
    fields: Mapping[str, Floats]
    dropped: list[Dropped] = field(default_factory=list)
    seconds: Ints | None = None
    """The time of day of each row, if the file gives one."""

    def rows(self, kept: Ints, *dropped: Dropped) -> Delivered:
        """Return some of the rows, with a note on what was done to the others, if anything was."""
        fields = {suffix: values[kept] for suffix, values in self.fields.items()}
        seconds = None if self.seconds is None else self.seconds[kept]
        return Delivered(self.source.rows(kept.tolist()), self.dates[kept], fields, [*self.dropped, *dropped], seconds)


def read(spec: Series, source: Source) -> Delivered:
    """Read the dates and fields of a series; returns delivered as fractions become percent.

    Raises
    ------
    DataRefused
        The file has no rows, a column is missing or blank, or a value is not a date or number.
    """
    check_rows(source)
    dates = source.dates(spec.columns.date)
    columns = {"": spec.columns.close, ".open": spec.columns.open, ".high": spec.columns.high, ".low": spec.columns.low}
    percent = spec.kind in ("percent_return", "rate")
    fields = {}
    for suffix, column in columns.items():
        if column is not None:
            fields[suffix] = source.numbers(column, percent=percent) * source.scale
            if np.isnan(fields[suffix]).all():
                raise DataRefused(f"{source.name}: column '{column}' has no values.")
    return Delivered(source, dates, fields, seconds=source.seconds(spec.columns.date))
