"""What a reader can choose to see of a search without its being drawn anew: charts by horizon and by figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest import format as words
from backtest.model import Asked
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.pages.tune.charts.histogram_chart import histogram_chart
from backtest.report.pages.tune.charts.values_chart import Values, values_chart
from backtest.report.pages.tune.set_figures import Figure
from backtest.untyped import Json

Cells = Sequence[Mapping[Asked, Mapping[str, Any]]]


@dataclass(frozen=True)
class View:
    """A chart of one horizon and, unless it is of the excess in any case, of one figure."""

    horizon: Asked
    figure: str
    title: str
    first: bool
    """Whether it is seen before the reader chooses."""
    drawn: Drawn | None


def histograms(charts: Json, cells: Cells, horizons: Sequence[Asked], stamp: str) -> list[View]:
    """Draw the sets by their excess at each horizon; `charts` is what the page gives to its script."""
    best, views = charts["best"], []
    for horizon in horizons:
        excess = [found.get(horizon, {}).get("excess") for found in cells]
        drawn = histogram_chart(excess, None if best is None else excess[best], stamp)
        views.append(View(horizon, "", f"After {words.period(horizon)}", horizon == charts["chosen"], drawn))
    return views


def value_charts(
    grid: Mapping[str, Sequence[Any]],
    charts: Json,
    cells: Cells,
    horizons: Sequence[Asked],
    shown: Mapping[str, Figure],
    stamp: str,
) -> list[View]:
    """Draw each figure at each horizon for a grid of one parameter, or of none, whose sets are numbered."""
    key, texts = charts["grid"][0] if grid else ("set", [str(number) for number in charts["sets"]])
    places = [at[0] if grid else number for number, at in enumerate(charts["at"])]
    ordered = is_ordered(grid)
    views = []
    for horizon in horizons:
        starred = {places[one] for one in charts["starred"][str(horizon)]}
        best = None if charts["best"] is None else places[charts["best"]]
        for name, figure in shown.items():
            values = np.full(len(texts), np.nan)
            for place, found in zip(places, cells, strict=True):
                value = found.get(horizon, {}).get(name)
                if place is not None and value is not None:
                    values[place] = value
            title = f"After {words.period(horizon)}: {figure.name}, by {key}"
            drawn = values_chart(Values(texts, ordered, values, starred, best), figure, title, stamp)
            views.append(View(horizon, name, title, (name, horizon) == ("excess", charts["chosen"]), drawn))
    return views


def is_ordered(grid: Mapping[str, Sequence[Any]]) -> bool:
    """Tell whether the first parameter's values lie on a scale: no line leads from one name to another."""
    values = next(iter(grid.values()), ())
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
