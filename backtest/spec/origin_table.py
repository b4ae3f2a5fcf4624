"""Where a strategy file came from, if a search wrote it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

from backtest.format import period
from backtest.spec.validation import Table


class OriginTable(Table):
    """The search that chose the values of a strategy; it does not affect the study.

    `strategy` is the one that was varied on `dataset`, `search` the record of the search; `looks` counts its sets times
    horizons, and `p_adjusted` counts all of them.
    """

    strategy: Annotated[str, Field(min_length=1, max_length=300)]
    dataset: Annotated[str, Field(min_length=1, max_length=300)]
    search: Annotated[str, Field(min_length=1, max_length=300)]
    set: Annotated[int, Field(ge=1)]
    sets: Annotated[int, Field(ge=1)]
    looks: Annotated[int, Field(ge=0)]
    horizon: int | str
    p_adjusted: Annotated[float, Field(ge=0, le=1)] | None = None
    on: dt.date

    def told(self, dataset: str) -> str:
        """Say where the values came from, to the reader of a study on a dataset."""
        p = "" if self.p_adjusted is None else f", where its p counting all looks was {max(self.p_adjusted, 0.001):.3f}"
        same = (
            " The p of this run does not count these looks: the same data chose it and judge it."
            if dataset == self.dataset
            else ""
        )
        return (
            f"Chosen on {self.on} among {self.sets:,} sets and {self.looks:,} looks: set {self.set} of the search "
            f"{self.search} of {self.strategy} on {self.dataset}, over {period(self.horizon)}{p}.{same}"
        )
