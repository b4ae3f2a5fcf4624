"""The chart of outcomes for every look: that of the finding is shown first, and the reader chooses another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest import arrow
from backtest.model import Asked, Floats, Measured, Record, Sessions, measured_by
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.pages.run.charts.outcome_chart import Outcomes, outcomes_chart
from backtest.untyped import Json

LOOKS = 24
"""Assets times horizons that fit a page; the look of the finding and those of its asset first."""
DOTS, MOST = 1_500, 500
"""Dots in all charts of a page, and in that of the finding."""


@dataclass(frozen=True)
class Look:
    """The outcomes of one asset at one horizon."""

    asset: int
    name: str
    column: int
    horizon: Asked
    chosen: bool
    drawn: Drawn


def look_charts(records: Sequence[Record], names: Sequence[str], chosen: tuple[int, int], stamp: str) -> list[Look]:
    """Draw the outcomes of as many looks as fit a page.

    Parameters
    ----------
    records : sequence of Record
        The run as each asset has it.
    names : sequence of str
        What the assets are called.
    chosen : (int, int)
        The look of the finding: the positions of its asset and of its horizon.
    stamp : str
        What must be known of each picture wherever it is copied to.
    """
    every = [(asset, at) for asset, one in enumerate(records) for at in range(len(one.run.get("horizons") or []))]
    order = sorted(every, key=lambda look: (look != chosen, look[0] != chosen[0], look[1] != chosen[1], *look))
    shown = sorted(order[:LOOKS])
    read = {asset: _Read.read(records[asset]) for asset in {asset for asset, _ in shown}}
    found = []
    for asset, at in shown:
        most = MOST if (asset, at) == chosen else DOTS // len(shown)
        drawn = outcomes_chart(read[asset].at(at), most, stamp)
        if drawn is not None:
            horizon = records[asset].run["horizons"][at]["horizon"]
            found.append(Look(asset, names[asset], at, horizon, (asset, at) == chosen, drawn))
    return found


@dataclass(frozen=True, eq=False)
class _Read:
    """What the charts of one asset read of its record: each table once, its horizons in the order of ``run.json``."""

    measured: Measured
    day0: Sessions
    rows: Sequence[Json]
    returns: Floats
    """By event and horizon."""
    ordinary: dict[str, Floats]
    """By horizon and range."""

    @classmethod
    def read(cls, record: Record) -> _Read:
        of, rows, table = (
            measured_by(record.run["legs"]),
            record.run["horizons"],
            record.tables.get("base_distribution"),
        )
        returns = arrow.to_floats(record.tables["forward_returns"][of.key]).reshape(-1, len(rows))
        empty = np.empty((len(rows), 0))
        ordinary = {
            name: empty if table is None else arrow.to_floats(table[name]).reshape(len(rows), -1)
            for name in ("low", "high", "n")
        }
        return cls(of, arrow.to_days(record.tables["events"]["day0"]), rows, returns, ordinary)

    def at(self, column: int) -> Outcomes:
        """Return what followed all events at one horizon."""
        low, high, counts = (self.ordinary[name][column] for name in ("low", "high", "n"))
        if not np.isfinite(low).all():  # no window is complete
            low = high = counts = np.empty(0)
        return Outcomes(self.measured, self.day0, self.returns[:, column], self.rows[column], low, high, counts)
