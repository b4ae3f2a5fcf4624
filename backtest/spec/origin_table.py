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
    horizons, and `p_adjusted` counts all of them. The search did not see the sessions from `holdout` on.
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
    holdout: dt.date | None = None

    def told(self, dataset: str, since: dt.date | None = None) -> str:
        """Say where the values came from, to the reader of a study on a dataset from a day on."""
        p = "" if self.p_adjusted is None else f", where its p counting all looks was {max(self.p_adjusted, 0.001):.3f}"
        aside = self.holdout is not None and since is not None and since >= self.holdout
        if dataset != self.dataset:
            same = ""
        elif aside:
            same = f" The search saw nothing from {self.holdout} on, where this run's events lie."
        else:
            same = " The p of this run does not count these looks: the same data chose it and judge it."
        return (
            f"Chosen on {self.on} among {self.sets:,} sets and {self.looks:,} looks: set {self.set} of the search "
            f"{self.search} of {self.strategy} on {self.dataset}, over {period(self.horizon)}{p}.{same}"
        )
