"""The figures of a tuned grid: every set of parameters at every horizon, small enough for one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest import format as words
from backtest.model import Asked, Measured, measured_in
from backtest.model.significance import stands_out
from backtest.untyped import Json

DECIMALS = {"excess": 4, "p_adjusted": 3, "p_value": 3, "n": 0, "hit_rate": 2, "mean": 4, "base": 4}
"""Figures that the heatmap can show, with the decimals that are printed; the page holds them as whole numbers."""

P_VALUES = ("p_adjusted", "p_value")
CELLS = 40_000
"""Sets times horizons that fit on a page; beyond that, horizons are left out, but never the one tuned for."""

SHOWN_SETS = 500
ROW = ("n", "excess", "mean", "base", "hit_rate", "p_value", "p_adjusted")
BINS = 40


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
    charts: Json

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
    chosen = payload["horizon"]
    drawn = _drawn(horizons, chosen, len(sets))
    synthetic = bool(payload.get("synthetic"))
    alive, fallen = payload["survivors"], payload.get("doubted") or []
    grid = {str(key): list(values) for key, values in payload["grid"].items()}
    best = next((at for at, item in enumerate(sets) if item["set"] == payload["best"]), None)
    return TuneFigures(
        payload=payload,
        word=of.word,
        horizons=horizons,
        keys=list(grid),
        rows=_rows(sets, cells, [(number, chosen) for number in payload["order"][:SHOWN_SETS]], payload["best"]),
        survivors=_listed(sets, cells, alive),
        n_survivors=len(alive),
        doubted=_listed(sets, cells, fallen),
        n_sets=len(sets),
        looks=sum(row.get("p_value") is not None for found in cells for row in found.values()),
        left_out=[horizon for horizon in horizons if horizon not in drawn],
        synthetic=synthetic,
        charts={
            "kind": "tune",
            "word": of.word,
            "synthetic": synthetic,
            "grid": [[key, [words.parameter(value) for value in values]] for key, values in grid.items()],
            "ordered": [_ordered(values) for values in grid.values()],
            "sets": [item["set"] for item in sets],
            "at": [_places(grid, item["parameters"]) for item in sets],
            "best": best,
            "chosen": chosen,
            "decimals": DECIMALS,
            "starred": {str(horizon): _starred(cells, horizon) for horizon in drawn},
            "horizons": {str(horizon): _columns(cells, horizon) for horizon in drawn},
            "histograms": {str(horizon): _histogram(cells, horizon, best) for horizon in drawn},
        },
    )


def _cells(rows: Sequence[Mapping[str, Any]], of: Measured) -> dict[Asked, Json]:
    """Return a set's figures by horizon, with mean and base rate under the same name for spreads and returns."""
    return {row["horizon"]: {**row, "mean": row[of.mean], "base": row.get(of.base_mean)} for row in rows}


def _ordered(values: Sequence[Any]) -> bool:
    """Tell whether values lie on a scale: a line may connect numbers, but not names."""
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def _drawn(horizons: Sequence[Asked], chosen: Asked, n_sets: int) -> list[Asked]:
    room = max(1, CELLS // max(n_sets, 1))
    first = sorted(horizons, key=lambda horizon: horizon != chosen)[:room]
    return [horizon for horizon in horizons if horizon in first]


def _places(grid: Mapping[str, Sequence[Any]], parameters: Mapping[str, Any]) -> list[int | None]:
    """Return the position of each parameter's value in the grid."""
    return [
        values.index(parameters[key]) if key in parameters and parameters[key] in values else None
        for key, values in grid.items()
    ]


def _columns(cells: Sequence[Mapping[Asked, Mapping[str, Any]]], horizon: Asked) -> dict[str, list[int | None]]:
    def whole(key: str, value: float | None) -> int | None:
        if value is None:
            return None
        if key in P_VALUES and value < 0.001:  # printed as below 0.001, even if it would round to 0.001
            return 0
        return round(round(value, DECIMALS[key]) * 10.0 ** DECIMALS[key])

    return {key: [whole(key, _figure(found, horizon, key)) for found in cells] for key in DECIMALS}


def _starred(cells: Sequence[Mapping[Asked, Mapping[str, Any]]], horizon: Asked) -> list[int]:
    """Return the positions of the starred sets: by p itself, not by its printed form."""
    return [at for at, found in enumerate(cells) if stands_out(_figure(found, horizon, "p_adjusted"))]


def _figure(found: Mapping[Asked, Mapping[str, Any]], horizon: Asked, key: str) -> float | None:
    value = found.get(horizon, {}).get(key)
    return None if value is None else float(value)


def _histogram(cells: Sequence[Mapping[Asked, Mapping[str, Any]]], horizon: Asked, best: int | None) -> Json:
    """Count the sets by their excess; the best set's own excess is given as well."""
    known = [value for value in (_figure(found, horizon, "excess") for found in cells) if value is not None]
    if not known:
        return {"edges": [], "counts": [], "best": None, "median": None}
    bins = int(np.clip(2 * np.sqrt(len(known)), 5, BINS))
    counts, edges = np.histogram(known, bins=bins)
    return {
        "edges": [round(float(edge), 6) for edge in edges],
        "counts": counts.tolist(),
        "best": None if best is None else _figure(cells[best], horizon, "excess"),
        "median": float(np.median(known)),
    }


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
