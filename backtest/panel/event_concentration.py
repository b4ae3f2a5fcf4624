"""How far the events of a panel crowd on few dates, years and assets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backtest.model import Floats, Ints
from backtest.panel.panel_result import PanelResult
from backtest.untyped import Json

Kind = Literal["date", "year", "asset"]
TOP = 10
"""So many of the busiest are summed in ``run.json``."""


@dataclass(frozen=True, eq=False)
class Concentration:
    """Events by date, year or asset, the one with most first; what has as many stays in order.

    Attributes
    ----------
    kind : {"date", "year", "asset"}
        What the events are counted by.
    names : sequence of str
        Which.
    events : ndarray of shape (n,)
        Their events, one or more.
    """

    kind: Kind
    names: Sequence[str]
    events: Ints

    @property
    def share(self) -> Floats:
        """The share of all events."""
        return np.asarray(self.events / self.events.sum())

    @property
    def effective(self) -> float:
        """How many there would be if all had the same number: one over the sum of the squared shares."""
        return float(1.0 / (self.share**2).sum())

    def to_json(self) -> Json:
        """Return the counts in brief."""
        return {
            "n": len(self.names),
            "busiest": self.names[0],
            "events": int(self.events[0]),
            "share": float(self.share[0]),
            "top": min(TOP, len(self.names)),
            "top_share": float(self.share[:TOP].sum()),
            "effective": self.effective,
        }


def concentration_of(study: PanelResult) -> tuple[Concentration, ...]:
    """Count the events of a study by date, by year and by asset."""
    days = study.panel.common.sessions[study.found.day0]
    return (
        _counted("date", days.astype(str)),
        _counted("year", days.astype("datetime64[Y]").astype(str)),
        _counted("asset", np.array(study.panel.assets, dtype=object)[study.found.asset]),
    )


def _counted(kind: Kind, values: NDArray[Any]) -> Concentration:
    names, events = np.unique(values, return_counts=True)
    order = np.argsort(-events, kind="stable")
    return Concentration(kind, [str(name) for name in names[order]], events[order].astype(np.int64))
