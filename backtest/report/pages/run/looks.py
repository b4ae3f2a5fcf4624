"""The chart of outcomes for every look: that of the finding is shown first, and the reader chooses another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backtest import arrow
from backtest.model import Record, measured_by
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.pages.run.charts.outcomes import Outcomes, outcomes_chart

LOOKS = 42
"""Assets times horizons that fit a page; the look of the finding and those of its asset first."""
DOTS, MOST = 1_500, 500
"""Dots in all charts of a page, and in that of the finding."""


@dataclass(frozen=True)
class Look:
    """The outcomes of one asset at one horizon."""

    asset: int
    name: str
    column: int
    horizon: int
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
    found = []
    for asset, at in shown:
        most = MOST if (asset, at) == chosen else DOTS // len(shown)
        drawn = _drawn(records[asset], at, most, stamp)
        if drawn is not None:
            horizon = records[asset].run["horizons"][at]["horizon"]
            found.append(Look(asset, names[asset], at, horizon, (asset, at) == chosen, drawn))
    return found


def _drawn(record: Record, at: int, most: int, stamp: str) -> Drawn | None:
    """Draw what followed all events at one horizon, by its position."""
    run, of = record.run, measured_by(record.run["legs"])
    row, events, returns = run["horizons"][at], record.tables["events"], record.tables["forward_returns"]
    values = np.full(events.num_rows, np.nan)
    here = np.flatnonzero(arrow.to_floats(returns["horizon"]) == row["horizon"])
    number = arrow.to_floats(returns["event"])[here]
    values[np.searchsorted(arrow.to_floats(events["event"]), number)] = arrow.to_floats(returns[of.key])[here]
    table = record.tables.get("base_distribution")
    low = high = counts = np.empty(0)
    if table is not None:
        mine = arrow.to_floats(table["horizon"]) == row["horizon"]
        low, high, counts = (arrow.to_floats(table[name])[mine] for name in ("low", "high", "n"))
        if not np.isfinite(low).all():
            low = high = counts = np.empty(0)
    return outcomes_chart(Outcomes(of, arrow.to_days(events["day0"]), values, row, low, high, counts), most, stamp)
