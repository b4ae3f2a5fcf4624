"""The figures of a comparison: what its page shows, arranged by horizon and by pair of studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest import format as words
from backtest.model.significance import stands_out
from backtest.report.kit import downsample as thin
from backtest.report.kit.result_rows import with_judged
from backtest.untyped import Json

DRAWN = 300
"""Most days of either kind that one row of the timeline draws; more could not be distinguished."""

DARKEST = 45
"""Percentage of colour in the darkest cell of the overlap table; text on it remains legible."""


@dataclass(frozen=True)
class CompareFigures:
    """The figures of one comparison, ready to be drawn."""

    studies: list[Json]
    differing: list[str]
    by_horizon: list[tuple[int, list[tuple[Json, Json | None]]]]
    """For every horizon, each study and its results there, or None if it was not measured."""
    overlap: list[list[Json]]
    """For each pair of studies: events ``shared``, their ``share`` of the row's events, and a ``shade``."""
    shared_rule: str
    verdict: str
    notes: list[Any]
    synthetic: bool
    paired: bool
    """Whether any study has a benchmark."""
    doubted: bool
    """Whether any look stands out by its adjusted p but does not hold."""
    words: str
    """What the studies judge: a spread, a return, or either."""
    n_simulated: int
    n_events: int
    n_drawn: int
    """Days of the timeline, at most as many as can be distinguished."""
    created: str
    version: str
    charts: Json

    @property
    def mixed(self) -> bool:
        """Whether both simulated and real studies are compared."""
        return 0 < self.n_simulated < len(self.studies)


def compare_figures(payload: Mapping[str, Any]) -> CompareFigures:
    """Arrange what `backtest compare` found for its page."""
    studies = [dict(study) for study in payload["studies"]]
    horizons = [int(horizon) for horizon in payload["horizons"]]
    results = [{row["horizon"]: with_judged(row) for row in study["horizons"]} for study in studies]
    labels = [str(study["label"]) for study in studies]
    simulated = [bool(study["dataset"].get("synthetic")) for study in studies]
    synthetic = bool(payload.get("synthetic")) or any(simulated)
    timeline = _timeline(studies)
    rows = [row for found in results for row in found.values()]
    by_horizon = [
        (horizon, [(study, found.get(horizon)) for study, found in zip(studies, results, strict=True)])
        for horizon in horizons
    ]
    return CompareFigures(
        studies=studies,
        differing=[str(key) for key in payload["differing"]],
        by_horizon=by_horizon,
        overlap=_overlap(payload["shared"], [int(study["n_events"]) for study in studies]),
        shared_rule=str(payload["shared_rule"]),
        verdict=str(payload["verdict"]),
        notes=list(payload.get("notes") or []),
        synthetic=synthetic,
        paired=any(row["paired"] for row in rows),
        doubted=any(stands_out(row.get("p_adjusted")) and bool(row.get("doubt")) for row in rows),
        words=" or ".join(dict.fromkeys(row["word"] for row in rows)),
        n_simulated=sum(simulated),
        n_events=sum(len(study["events"]) for study in studies),
        n_drawn=sum(len(days) for row in timeline for days in row.values()),
        created=str(payload["created"]),
        version=str(payload["version"]),
        charts={
            "kind": "compare",
            "synthetic": synthetic,
            "labels": labels,
            "simulated": simulated,
            "horizons": [{"horizon": horizon, "words": words.length(horizon)} for horizon in horizons],
            "excess": [[_excess(found.get(horizon)) for horizon in horizons] for found in results],
            "timeline": timeline,
        },
    )


def _excess(row: Mapping[str, Any] | None) -> Json:
    keys = ("excess", "n", "p_value", "p_adjusted")
    return {key: row.get(key) if row else None for key in keys}


def _overlap(shared: Sequence[Sequence[int]], totals: Sequence[int]) -> list[list[Json]]:
    def cell(count: int, total: int) -> Json:
        share = count / total if total else None
        return {"shared": count, "share": share, "shade": round(DARKEST * (share or 0.0))}

    return [[cell(int(count), total) for count in row] for row, total in zip(shared, totals, strict=True)]


def _timeline(studies: Sequence[Mapping[str, Any]]) -> list[dict[str, list[str]]]:
    rows = []
    for study in studies:
        days = [(words.day(day), shared) for day, shared in zip(study["events"], study["shared"], strict=True)]
        rows.append(
            {
                "own": _spread_out([day for day, shared in days if not shared]),
                "shared": _spread_out([day for day, shared in days if shared]),
            }
        )
    return rows


def _spread_out(days: Sequence[str]) -> list[str]:
    numbers = np.array(days, dtype="datetime64[D]").astype(np.int64)
    epoch = int(numbers.min()) if len(numbers) else 0
    return [days[at] for at in thin.spread_out((numbers - epoch).tolist(), DRAWN)]
