"""The figures of one asset of a run: its returns by horizon, its paths, and what followed every event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest import format as words
from backtest.model import Asked, Floats, Measured, Record, measured_by
from backtest.report.kit import packing as series
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.pages.run.charts.path_charts import Small, average_chart, episode_charts
from backtest.report.pages.run.event_rows import EventRow
from backtest.untyped import Json

COMPLETE = "complete"
"""The status of most windows."""
TINTS = 4
"""Steps of colour in the table of outcomes."""


@dataclass(frozen=True)
class AssetFigures:
    """The figures of one asset, ready to be drawn."""

    run: Json
    """The content of ``run.json`` as this asset has it."""
    labels: dict[str, str]
    """What each leg that is held is called: as the strategy names it (a role such as small), or else its series."""
    horizons: list[Json]
    rules: list[Json]
    """How the condition counts by other rules, as ``run.json`` has it."""
    legs_path: Drawn | None
    """The average path of what is held."""
    spread_path: Drawn | None
    """That of the spread; None where there is no benchmark."""
    episodes: list[Small]
    """A small chart for each of the latest episodes."""
    cells: list[list[tuple[str, str]]]
    """What followed each event that is shown, by event and horizon: a class and a text."""
    charts: Json
    """What the scripts write of it."""

    @property
    def name(self) -> str:
        """What the asset is called."""
        return self.labels["asset"]


def asset_figures(record: Record, events: Sequence[EventRow], chosen: Asked | None, stamp: str) -> AssetFigures:
    """Compute the figures of one asset.

    Parameters
    ----------
    record : Record
        The run as this asset has it.
    events : sequence of EventRow
        The events that are shown, with what followed on this asset.
    chosen : int, str or None
        The horizon whose outcomes are shown first.
    stamp : str
        What must be known of each picture wherever it is copied to.
    """
    run, of = record.run, measured_by(record.run["legs"])
    labels = {leg: label(run, leg) for leg in of.held}
    names = {**labels, "spread": "spread"}
    path, horizons, n_events = record.tables["average_path"], list(run.get("horizons") or []), int(run["n_events"])
    return AssetFigures(
        run=run,
        labels=labels,
        horizons=horizons,
        rules=list(run.get("rules") or []),
        legs_path=average_chart(path, list(of.held), names, n_events, stamp),
        spread_path=average_chart(path, ["spread"], names, n_events, stamp) if of.has_benchmark else None,
        episodes=episode_charts(record, events, chosen, stamp),
        cells=_cells(events, horizons, of),
        charts={
            "measured": {"key": of.key, "word": of.word},
            "legs": labels,
            "outcomes": _outcomes(events, run, chosen),
        },
    )


def label(run: Mapping[str, Any], leg: str) -> str:
    """Say what a leg is called."""
    asked = (run.get("parameters") or {}).get(f"measure.{leg}")
    return str(asked or run["legs"][leg]["name"])


def _values(events: Sequence[EventRow], horizon: Asked, key: str) -> Floats:
    return np.array([event.outcomes.get(horizon, {}).get(key) for event in events], dtype=np.float64)


def _cells(events: Sequence[EventRow], horizons: Sequence[Json], of: Measured) -> list[list[tuple[str, str]]]:
    """Return a class and a text by event and horizon: the larger an outcome is for its horizon, the stronger."""
    columns = []
    for row in horizons:
        values = _values(events, row["horizon"], of.key)
        most = float(np.nanmax(np.abs(values))) if np.isfinite(values).any() else 0.0
        cells = []
        for event, value in zip(events, values.tolist(), strict=True):
            if np.isfinite(value):
                step = round(TINTS * abs(value) / most) if most else 0
                kind = "" if not step else f"{'up' if value > 0 else 'down'}-{step}"
                cells.append((kind, words.outcome(value, of.word).removesuffix(" pp").removesuffix("%")))
            else:
                cells.append(("words", str(event.outcomes.get(row["horizon"], {}).get("status", "missing"))))
        columns.append(cells)
    return [list(row) for row in zip(*columns, strict=True)]


def _outcomes(events: Sequence[EventRow], run: Mapping[str, Any], chosen: Asked | None) -> Json:
    of, by_horizon = measured_by(run["legs"]), {}
    for row in run.get("horizons") or []:
        numbers = {
            key: series.rounded(_values(events, row["horizon"], key)) for key in dict.fromkeys((*of.legs, "mae", "mfe"))
        }
        status = [str(event.outcomes.get(row["horizon"], {}).get("status", "missing")) for event in events]
        unlike = {str(at): text for at, text in enumerate(status) if text != COMPLETE}
        by_horizon[str(row["horizon"])] = {**numbers, "unlike": unlike}
    return {"chosen": chosen, "by_horizon": by_horizon}
