"""A finished chart: its picture, and what a pointer is told about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backtest.model import Sessions
from backtest.report.kit.packing import calendar, rounded
from backtest.report.kit.plot.scale import Floats
from backtest.untyped import Json

if TYPE_CHECKING:
    from markupsafe import Markup

STAMP = "SIMULATED DATA"
"""What stands in every picture of simulated data, as a picture travels without its page."""
FINE = 10_000
"""Steps of a chart's width in which a pointer's places are written."""


@dataclass(frozen=True)
class Drawn:
    """A picture and its size; what it is called on the page is the page's affair."""

    svg: Markup
    height: float
    """In the page's own unit of length, rem."""
    hover: Json | None = None
    """As `hover` returns it; None where the picture's own titles say all."""


@dataclass(frozen=True, eq=False)
class Told:
    """One line of what a pointer is told: a value at every place, which a script writes as the page writes it.

    Attributes
    ----------
    colour : str
        A colour by its name in the style sheet; empty for none.
    label : str
        What it is.
    write : {"percent", "points", "level", "count", "held"}
        How a value is written, by its name in ``kit/hover.js``.
    values : ndarray of shape (n,)
        NaN where there is none.
    to : ndarray of shape (n,), optional
        The upper ends, where the values are ranges.
    """

    colour: str
    label: str
    write: str
    values: Floats
    to: Floats | None = None

    def listed(self) -> Json:
        """Return it for a script."""
        found: Json = {"colour": self.colour, "label": self.label, "write": self.write, "values": rounded(self.values)}
        return found if self.to is None else {**found, "to": rounded(self.to)}


def hover(places: Floats, heads: Sequence[str], rows: Sequence[Told]) -> Json:
    """Return what a pointer is told at each of many places along a chart.

    Parameters
    ----------
    places : ndarray of shape (n,)
        Increasing shares of the width.
    heads : sequence of str
        A heading for each place.
    rows : sequence of Told
        With a value for each place.
    """
    return {"x": np.rint(places * FINE).astype(np.int64).tolist(), "heads": list(heads), "rows": _listed(rows)}


def hover_days(days: Sessions, rows: Sequence[Told]) -> Json:
    """Return the same for an axis of time from the first to the last of many days; the days are the headings."""
    return {"calendar": calendar(days), "rows": _listed(rows)}


def hover_like(other: str, rows: Sequence[Told]) -> Json:
    """Return the same for a chart that shares places and headings with another one of the page."""
    return {"like": other, "rows": _listed(rows)}


def _listed(rows: Sequence[Told]) -> list[Json]:
    return [one.listed() for one in rows]
