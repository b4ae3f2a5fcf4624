"""The figures of one asset of a run: its returns by horizon, its path, and what followed every event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest import format as words
from backtest.model import Asked, Record, measured_by
from backtest.report.kit import downsample as thin
from backtest.report.kit import packing as series
from backtest.report.pages.run.event_rows import EventRow
from backtest.untyped import Json

PATH = 1_000


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
    charts: Json
    """What the scripts draw of it."""

    @property
    def name(self) -> str:
        """What the asset is called."""
        return self.labels["asset"]


def asset_figures(record: Record, events: Sequence[EventRow], chosen: Asked | None) -> AssetFigures:
    """Compute the figures of one asset.

    Parameters
    ----------
    record : Record
        The run as this asset has it.
    events : sequence of EventRow
        The events that are shown, with what followed on this asset.
    chosen : int, str or None
        The horizon whose outcomes are shown first.
    """
    run, of = record.run, measured_by(record.run["legs"])
    labels = {leg: label(run, leg) for leg in of.held}
    charts = {
        "measured": {"key": of.key, "word": of.word},
        "legs": labels,
        "path": _path(record.tables["average_path"]),
        "outcomes": _outcomes(events, run, chosen),
    }
    return AssetFigures(run, labels, list(run.get("horizons") or []), list(run.get("rules") or []), charts)


def side_by_side(assets: Sequence[AssetFigures]) -> Json:
    """Return what is drawn of several assets: each on its own where the reader chooses it, and the excess of all."""
    simulated = bool(assets[0].run["dataset"].get("synthetic"))
    keys = ("excess", "n", "p_value", "p_adjusted")
    return {
        "assets": [one.charts for one in assets],
        "labels": [one.name for one in assets],
        "simulated": [simulated for _ in assets],
        "horizons": [{"horizon": row["horizon"], "words": words.length(row["horizon"])} for row in assets[0].horizons],
        "excess": [[{key: row.get(key) for key in keys} for row in one.horizons] for one in assets],
    }


def label(run: Mapping[str, Any], leg: str) -> str:
    """Say what a leg is called."""
    asked = (run.get("parameters") or {}).get(f"measure.{leg}")
    return str(asked or run["legs"][leg]["name"])


def _path(table: pa.Table) -> Json:
    columns = {name: arrow.to_floats(table[name]) for name in table.column_names if name not in ("offset", "n")}
    offset = table["offset"].to_pylist()
    names = [name.removesuffix("_mean") for name in columns if name.endswith("_mean")]
    means = [columns[f"{leg}_mean"] for leg in names]
    kept = thin.extremes(means, PATH, [offset.index(0)] if 0 in offset else [])

    def line(name: str) -> list[float | None]:
        return series.rounded(columns[name][kept], 4)

    legs = {leg: {what: line(f"{leg}_{what}") for what in ("mean", "low", "high", "base")} for leg in names}
    n = table["n"].to_pylist()
    return {"offset": [offset[at] for at in kept], "n": [n[at] for at in kept], **legs}


def _outcomes(events: Sequence[EventRow], run: Mapping[str, Any], chosen: Asked | None) -> Json:
    of, by_horizon = measured_by(run["legs"]), {}
    for row in run.get("horizons") or []:
        found = [event.outcomes.get(row["horizon"], {}) for event in events]
        numbers = {
            key: series.rounded(np.array([cell.get(key) for cell in found], dtype=np.float64))
            for key in (*of.legs, "mae", "mfe")
        }
        by_horizon[str(row["horizon"])] = {
            **numbers,
            "status": [str(cell.get("status", "missing")) for cell in found],
            "mean": row.get(of.mean),
            "base": row.get(of.base_mean),
            "words": words.length(row["horizon"]),
        }
    return {"chosen": chosen, "day0": [event.day0 for event in events], "by_horizon": by_horizon}
