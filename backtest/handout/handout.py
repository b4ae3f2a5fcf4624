"""What a file is made of: the tables of a result, and what they must not be parted from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.errors import ExportRefused, did_you_mean
from backtest.model import Record
from backtest.record.fields import a_field
from backtest.untyped import Json

SIMULATED = "SIMULATED DATA: these figures say nothing about any real market."
MARK = a_field("simulated", pa.bool_(), "1", SIMULATED)
"""The last column of every table of simulated data, so that a sheet or file that is passed on says so by itself."""


@dataclass(frozen=True)
class Handout:
    """A recorded run, search or comparison, ready to be written.

    Attributes
    ----------
    kind : str
        ``"run"``, ``"search"`` or ``"comparison"``.
    name : str
        The stem of its files.
    title, verdict : str
        As recorded.
    simulated : bool
        Whether any of its data are simulated.
    about : tuple of (str, str)
        What it is, line by line: what was studied, on which data, with what result.
    tables : mapping of str to pyarrow.Table
        As recorded, fractions unrounded.
    created : str
        The time stamp of the record, in UTC.
    record : Record or None
        The recorded run, where it is one.
    content : mapping
        The JSON of a search or a comparison, where it is one.
    """

    kind: str
    name: str
    title: str
    verdict: str
    simulated: bool
    about: tuple[tuple[str, str], ...]
    tables: Mapping[str, pa.Table]
    created: str
    record: Record | None = None
    content: Json = field(default_factory=dict)

    def table(self, name: str) -> pa.Table:
        """Return a table as it is written: of simulated data, every row says so.

        Raises
        ------
        ExportRefused
            There is no such table.
        """
        if name not in self.tables:
            raise ExportRefused(f"{self.kind} '{self.name}' has no table '{name}'.", did_you_mean(name, self.tables))
        table = self.tables[name]
        if not self.simulated:
            return table
        return table.append_column(MARK, arrow.flags(np.ones(table.num_rows, dtype=np.bool_)))


def horizon_in(row: Mapping[str, Any]) -> int | str:
    """Return the horizon of a row of a table as ``run.json`` has it: sessions, or a length of time such as ``"1y"``."""
    horizon: int | str = row.get("calendar") or row["horizon"]
    return horizon


def unit_of(field: pa.Field) -> str:
    """Return the unit of a column; empty where it has none."""
    return bytes((field.metadata or {}).get(b"unit", b"")).decode()


def meaning_of(field: pa.Field) -> str:
    """Return the definition of a column; empty where it has none."""
    return bytes((field.metadata or {}).get(b"description", b"")).decode()
