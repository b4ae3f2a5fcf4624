"""A finished chart: its picture, and what a pointer is told about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from backtest.model import Sessions
from backtest.report.kit.packing import calendar
from backtest.report.kit.plot.scale import Floats
from backtest.untyped import Json

if TYPE_CHECKING:
    from markupsafe import Markup

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


def hover(places: Floats, heads: Sequence[str], rows: Sequence[tuple[str, str, Sequence[str]]]) -> Json:
    """Return what a pointer is told at each of many places along a chart.

    Parameters
    ----------
    places : ndarray of shape (n,)
        Increasing shares of the width.
    heads : sequence of str
        A heading for each place.
    rows : sequence of (str, str, sequence of str)
        A colour by its name in the style sheet (or none), a label, and a text for each place.
    """
    return {"x": np.rint(places * FINE).astype(np.int64).tolist(), "heads": list(heads), "rows": _listed(rows)}


def hover_days(days: Sessions, rows: Sequence[tuple[str, str, Sequence[str]]]) -> Json:
    """Return the same for an axis of time from the first to the last of many days; the days are the headings."""
    return {"calendar": calendar(days), "rows": _listed(rows)}


def hover_like(other: str, rows: Sequence[tuple[str, str, Sequence[str]]]) -> Json:
    """Return the same for a chart that shares places and headings with another one of the page."""
    return {"like": other, "rows": _listed(rows)}


def _listed(rows: Sequence[tuple[str, str, Sequence[str]]]) -> list[Json]:
    return [{"colour": colour, "label": label, "texts": list(texts)} for colour, label, texts in rows]
