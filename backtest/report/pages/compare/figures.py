"""The figures of a comparison: what its page shows, arranged by study, by horizon and by pair of studies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backtest.model import Asked
from backtest.model.significance import stands_out
from backtest.report.kit.result_rows import with_judged
from backtest.report.pages.compare.axes_and_strips import (
    Axis,
    Days,
    Interval,
    days_of,
    excess_axis,
    interval_of,
    time_axis,
    years_on,
)
from backtest.untyped import Json

DARKEST = 45
"""Percentage of colour in the darkest cell of the overlap table; text on it remains legible."""
NAMED = 8
"""Number of studies whose names fit above the columns of a table."""
PAIRS = 10
"""Number of differences that are visible at once."""

Cells = list[tuple[Json, Json | None]]
"""Each study and its results at a horizon, or None if it was not measured."""
SORTED_BY = {
    "p": "the most remarkable first, by adjusted p",
    "excess": "the highest excess first",
    "hits": "the highest hit rate first",
    "n": "the most events first",
    "name": "by name",
    "given": "as they were named",
}


@dataclass(frozen=True)
class CompareFigures:
    """The figures of one comparison, ready to be drawn."""

    studies: list[Json]
    horizon: Asked | None
    ranking: list[tuple[str, list[tuple[Json, Json, Interval | None]]]]
    """By what is judged: each study, its row of the ranking, and its interval as drawn."""
    sorted_by: str
    axis: Axis
    differing: list[str]
    upright: bool
    """Whether each differing setting has a column, because there are more studies than settings."""
    differences: list[Json]
    further: list[Json]
    """Less remarkable differences, folded away."""
    by_horizon: list[tuple[Asked, Cells]]
    overlap: list[list[Json]]
    """For each pair of studies: events ``shared``, their ``share`` of the row's events, and a ``shade``."""
    panel: bool
    """Whether the studies are on panels."""
    crowded: bool
    """Whether the studies are too many for their names to stand above columns."""
    shared_rule: str
    verdict: str
    differences_verdict: str
    ledger: list[str]
    """What the ledger says of each question that was looked at."""
    notes: list[Any]
    synthetic: bool
    paired: bool
    """Whether any study has a benchmark."""
    doubted: bool
    """Whether any look stands out by its adjusted p but does not hold."""
    words: str
    """What the studies judge: a spread, a return, or either."""
    n_simulated: int
    n_days: int
    n_drawn: int
    """Days of the timeline, at most as many as can be distinguished."""
    timeline: list[tuple[Json, Days]]
    years: list[tuple[str, float]]
    created: str
    version: str

    @property
    def counted(self) -> bool:
        """Whether every horizon is a number of sessions, none by the calendar."""
        return all(isinstance(horizon, int) for horizon, _ in self.by_horizon)

    @property
    def mixed(self) -> bool:
        """Whether both simulated and real studies are compared."""
        return 0 < self.n_simulated < len(self.studies)


def compare_figures(payload: Mapping[str, Any]) -> CompareFigures:
    """Arrange what `backtest compare` found for its page."""
    studies = [dict(study) for study in payload["studies"]]
    results = [{row["horizon"]: with_judged(row) for row in study["horizons"]} for study in studies]
    rows = [row for found in results for row in found.values()]
    n_simulated = sum(bool(study["dataset"].get("synthetic")) for study in studies)
    differing = [str(key) for key in payload["differing"]]
    differences = list(payload["differences"])
    axis, time = excess_axis(payload["ranking"]), time_axis(studies)
    timeline = [(study, days_of(study, time)) for study in studies]
    return CompareFigures(
        studies=studies,
        horizon=payload["horizon"],
        ranking=_ranking(payload["ranking"], studies, axis),
        sorted_by=SORTED_BY[payload["sort"]],
        axis=axis,
        differing=differing,
        upright=len(studies) > max(len(differing), 3),
        differences=differences[:PAIRS],
        further=differences[PAIRS:],
        by_horizon=_by_horizon(payload["horizons"], studies, results),
        overlap=_overlap(payload["shared"], [int(study["n_events"]) for study in studies]),
        panel=any("panel" in study for study in studies),
        crowded=len(studies) > NAMED,
        shared_rule=str(payload["shared_rule"]),
        verdict=str(payload["verdict"]),
        differences_verdict=str(payload["differences_verdict"]),
        ledger=_ledger(payload),
        notes=list(payload.get("notes") or []),
        synthetic=bool(payload.get("synthetic")) or n_simulated > 0,
        paired=any(row["paired"] for row in rows),
        doubted=any(stands_out(row.get("p_adjusted")) and bool(row.get("doubt")) for row in rows),
        words=" or ".join(dict.fromkeys(row["word"] for row in rows)) or "return",
        n_simulated=n_simulated,
        n_days=sum(days.n for _, days in timeline),
        n_drawn=sum(days.drawn for _, days in timeline),
        timeline=timeline,
        years=years_on(time),
        created=str(payload["created"]),
        version=str(payload["version"]),
    )


def _ledger(payload: Mapping[str, Any]) -> list[str]:
    return [one["text"] for said in payload.get("ledger", ()) for one in (said, *said["frozen"], *said["holdouts"])]


def _ranking(
    rows: Sequence[Json], studies: Sequence[Json], axis: Axis
) -> list[tuple[str, list[tuple[Json, Json, Interval | None]]]]:
    groups: dict[str, list[tuple[Json, Json, Interval | None]]] = {}
    for row in rows:
        groups.setdefault(row["judges"], []).append((studies[row["at"]], row, interval_of(row, axis)))
    return list(groups.items())


def _by_horizon(
    horizons: Sequence[Asked], studies: Sequence[Json], results: Sequence[Mapping[Asked, Json]]
) -> list[tuple[Asked, Cells]]:
    return [
        (horizon, [(study, found.get(horizon)) for study, found in zip(studies, results, strict=True)])
        for horizon in horizons
    ]


def _overlap(shared: Sequence[Sequence[int]], totals: Sequence[int]) -> list[list[Json]]:
    def cell(count: int, total: int) -> Json:
        share = count / total if total else None
        return {"shared": count, "share": share, "shade": round(DARKEST * (share or 0.0))}

    return [[cell(int(count), total) for count in row] for row, total in zip(shared, totals, strict=True)]
