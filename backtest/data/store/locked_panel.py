"""What a lock file says of a panel: its blocks of assets, one file each, and what did not fit."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import pydantic
from pydantic import BaseModel, ConfigDict

from backtest.model import SeriesInfo
from backtest.model.panel import OWN, BulkFinding
from backtest.model.series import Field


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class LockedBlock(_Entry):
    """The assets of one file, in the order of the columns; `files` of the lock has the file's hash and rows."""

    file: str
    assets: Annotated[list[str], pydantic.Field(min_length=1)]


class SetAside(_Entry):
    """An asset that is not in the panel, and the rule that it broke."""

    asset: str
    rule: str


class LockedPanel(_Entry):
    """A stored panel: `rows` closes on sessions from `first` to `last`, and `gaps` sessions without one in between.

    The first and the last session are those with a value of any field.
    """

    title: str
    kind: Literal["price_index", "total_return_index"]
    unit: str
    source: str
    description: str
    file: str
    sha256: str
    """Of the delivered file."""
    fields: list[Field]
    first: dt.date
    last: dt.date
    rows: int
    gaps: int
    blocks: Annotated[list[LockedBlock], pydantic.Field(min_length=1)]
    findings: list[BulkFinding]
    set_aside: list[SetAside]
    members: int | None = None
    """Intervals of membership; None if an asset belongs to the universe as long as it has closes."""
    groups: int | None = None
    """Assets to which the table of groups gives one; None without such a table."""

    @property
    def assets(self) -> int:
        """The number of assets."""
        return sum(len(block.assets) for block in self.blocks)

    def info(self) -> SeriesInfo:
        """Return the description of each asset's series for the stages of a study."""
        return SeriesInfo(OWN, self.title, self.kind, self.unit, self.source)
