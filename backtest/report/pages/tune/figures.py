"""The figures of a tuned grid: every set of parameters at every horizon, small enough for one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backtest.model import Asked, Measured, measured_in
from backtest.model.significance import stands_out
from backtest.model.value_groups import groups_of
from backtest.report.kit.plot.drawn import STAMP
from backtest.report.pages.tune.evidence_figures import EvidenceFigures, evidence_figures
from backtest.report.pages.tune.groups import is_grouped, label_of
from backtest.report.pages.tune.heat import Heat, first_heat
from backtest.report.pages.tune.ready_charts import View, histograms, is_ordered, value_charts
from backtest.report.pages.tune.set_figures import Figure, figures_of
from backtest.untyped import Json

CELLS = 40_000
"""Sets times horizons that fit a page; beyond, horizons are left out, the one tuned for last."""
DOTS = 5_000
"""Sets times horizons times figures that fit a page whose charts are all drawn beforehand."""

SHOWN_SETS = 500
ROW = ("n", "excess", "mean", "base", "hit_rate", "p_value", "p_adjusted")


@dataclass(frozen=True)
class TuneFigures:
    """The figures of one tuned grid, ready to be drawn."""

    payload: Mapping[str, Any]
    word: str
    """What is judged: a spread, or a return."""
    horizons: list[Asked]
    keys: list[str]
    rows: list[Json]
    """The sets of the table at the horizon tuned for, the best by the objective first."""
    survivors: list[Json]
    """The looks whose adjusted p stands out, the most remarkable first."""
    n_survivors: int
    doubted: list[Json]
    """The looks whose adjusted p stands out but which do not hold, each with its ``doubt``, in the same order."""
    n_sets: int
    looks: int
    """Number of sets times horizons with a p value: how many chances there were for a false finding."""
    left_out: list[Asked]
    """Horizons that are left out of the charts to save space."""
    synthetic: bool
    shown: dict[str, Figure]
    """The figures that can be chosen, by their names in the record."""
    heat: Heat | None
    """Of two or more parameters."""
    values: list[View]
    """Of one parameter: a chart for each horizon and figure."""
    spread_of_sets: list[View]
    """For each horizon, the sets by their excess."""
    charts: Json
    evidence: EvidenceFigures | None
    """What there is beside the grid; None in records of earlier versions."""

    @property
    def figures_left_out(self) -> list[str]:
        """Figures that have no chart of their own, for want of room."""
        return [
            one.name for key, one in figures_of(self.word, self.evidence is not None).items() if key not in self.shown
        ]

    @property
    def ordered(self) -> bool:
        """Whether the values of the one parameter are numbers, which lie from left to right."""
        return is_ordered(self.payload["grid"])

    @property
    def compared(self) -> bool:
        """Whether there are sets to compare: some that differ in their events."""
        return int(self.payload.get("event_sets", 2)) > 1

    @property
    def n_doubted(self) -> int:
        """How many looks stand out but do not hold, on the page or not."""
        return len(self.payload.get("doubted") or [])


def tune_figures(payload: Mapping[str, Any]) -> TuneFigures:
    """Arrange what `backtest tune` found for its page."""
    sets: Sequence[Mapping[str, Any]] = payload["sets"]
    of = measured_in({key for item in sets for row in item["horizons"] for key in row})
    cells = [_cells(item["horizons"], of) for item in sets]
    horizons = list(dict.fromkeys(horizon for found in cells for horizon in found))
    chosen, n_keys = payload["horizon"], len(payload["grid"])
    drawn = _drawn(horizons, chosen, len(sets), CELLS if n_keys > 1 else DOTS)
    shown = _shown(figures_of(of.word, "specification_curve" in payload), n_keys, len(sets) * len(drawn))
    synthetic = bool(payload.get("synthetic"))
    stamp = STAMP if synthetic else ""
    alive, fallen = payload["survivors"], payload.get("doubted") or []
    charts = _charts(payload, cells, shown, drawn)
    looks = sum(row.get("p_value") is not None for found in cells for row in found.values())
    return TuneFigures(
        payload=payload,
        word=of.word,
        horizons=horizons,
        keys=[key for key, _ in charts["grid"]],
        rows=_rows(sets, cells, [(number, chosen) for number in payload["order"][:SHOWN_SETS]], payload["best"]),
        survivors=_listed(sets, cells, alive),
        n_survivors=len(alive),
        doubted=_listed(sets, cells, fallen),
        n_sets=len(sets),
        looks=looks,
        left_out=[horizon for horizon in horizons if horizon not in drawn],
        synthetic=synthetic,
        shown=shown,
        heat=first_heat(charts, shown["excess"]) if n_keys > 1 and looks else None,
        values=[] if n_keys > 1 else value_charts(payload["grid"], charts, cells, drawn, shown, stamp),
        spread_of_sets=histograms(charts, cells, drawn, stamp),
        charts=charts if n_keys > 1 else {"kind": "tune"},
        evidence=evidence_figures(payload, stamp),
    )


def _charts(
    payload: Mapping[str, Any],
    cells: Sequence[Mapping[Asked, Mapping[str, Any]]],
    shown: Mapping[str, Figure],
    drawn: Sequence[Asked],
) -> Json:
    """Return what a script needs to fill the heat map with anything else than what it first shows."""
    sets = payload["sets"]
    grid = {str(key): list(values) for key, values in payload["grid"].items()}
    grouped = is_grouped(payload)
    groups = {key: groups_of(values) if grouped else [[value] for value in values] for key, values in grid.items()}
    return {
        "kind": "tune",
        "figures": {key: figure.listed() for key, figure in shown.items()},
        "grid": [[key, [label_of(group) for group in of]] for key, of in groups.items()],
        "grouped": grouped,
        "sets": [item["set"] for item in sets],
        "at": _places(groups, sets),
        "best": next((at for at, item in enumerate(sets) if item["set"] == payload["best"]), None),
        "own": next((at for at, item in enumerate(sets) if item["set"] == payload.get("own")), None),
        "chosen": payload["horizon"],
        "starred": {str(horizon): _starred(cells, horizon) for horizon in drawn},
        "horizons": {str(horizon): _columns(cells, horizon, shown) for horizon in drawn},
    }


def _cells(rows: Sequence[Mapping[str, Any]], of: Measured) -> dict[Asked, Json]:
    """Return a set's figures by horizon, with mean and base rate under the same name for spreads and returns."""
    return {row["horizon"]: {**row, "mean": row[of.mean], "base": row.get(of.base_mean)} for row in rows}


def _drawn(horizons: Sequence[Asked], chosen: Asked, n_sets: int, most: int) -> list[Asked]:
    room = max(1, most // max(n_sets, 1))
    first = sorted(horizons, key=lambda horizon: horizon != chosen)[:room]
    return [horizon for horizon in horizons if horizon in first]


def _shown(figures: dict[str, Figure], n_keys: int, looks: int) -> dict[str, Figure]:
    """Return the figures that fit: of one parameter each is a chart that is drawn beforehand; the excess always."""
    room = len(figures) if n_keys > 1 else max(1, DOTS // max(looks, 1))
    return dict(list(figures.items())[:room])


def _places(groups: Mapping[str, Sequence[Sequence[Any]]], sets: Sequence[Mapping[str, Any]]) -> list[list[int | None]]:
    """Return, for each set, the group in which each parameter's value is."""
    of = {key: {repr(value): at for at, group in enumerate(found) for value in group} for key, found in groups.items()}
    return [[places.get(repr(item["parameters"].get(key))) for key, places in of.items()] for item in sets]


def _columns(
    cells: Sequence[Mapping[Asked, Mapping[str, Any]]], horizon: Asked, shown: Mapping[str, Figure]
) -> dict[str, list[int | None]]:
    return {key: [one.whole(found.get(horizon, {}).get(key)) for found in cells] for key, one in shown.items()}


def _starred(cells: Sequence[Mapping[Asked, Mapping[str, Any]]], horizon: Asked) -> list[int]:
    """Return the positions of the sets that are starred: by the p itself, not by what is printed of it."""
    return [at for at, found in enumerate(cells) if stands_out(found.get(horizon, {}).get("p_adjusted"))]


def _listed(
    sets: Sequence[Mapping[str, Any]], cells: Sequence[Mapping[Asked, Mapping[str, Any]]], looks: Sequence[Json]
) -> list[Json]:
    """Return one row per listed look, as many as a page can hold, with its remark."""
    shown = looks[:SHOWN_SETS]
    rows = _rows(sets, cells, [(look["set"], look["horizon"]) for look in shown], None)
    return [{**row, **look} for row, look in zip(rows, shown, strict=True)]


def _rows(
    sets: Sequence[Mapping[str, Any]],
    cells: Sequence[Mapping[Asked, Mapping[str, Any]]],
    looks: Sequence[tuple[int, int]],
    best: int | None,
) -> list[Json]:
    """Return one row per look, given as a set's number and a horizon, in the order given."""
    places = {item["set"]: at for at, item in enumerate(sets)}
    rows = []
    for number, horizon in looks:
        item, found = sets[places[number]], cells[places[number]].get(horizon, {})
        rows.append(
            {
                "set": number,
                "horizon": horizon,
                "parameters": item["parameters"],
                "n_events": item["n_events"],
                "best": number == best,
                **{key: found.get(key) for key in ROW},
            }
        )
    return rows
