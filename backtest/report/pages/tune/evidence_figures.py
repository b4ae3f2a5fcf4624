"""What the page of a search shows beside the grid: outside its own years, all specifications, overfitting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest import format as words
from backtest.model.significance import stands_out
from backtest.report.kit.plot.drawn import Drawn
from backtest.report.pages.tune.charts.curve_chart import Specifications, choices_chart, curve_chart
from backtest.report.pages.tune.charts.logit_chart import logit_chart
from backtest.report.pages.tune.charts.row_names import are_long
from backtest.report.pages.tune.charts.slice_chart import slice_chart
from backtest.report.pages.tune.charts.walk_chart import walk_chart
from backtest.untyped import Json

CURVE = 240
"""Sets of the curve at most; of more, as many, evenly spread, with the strategy's own and the recommended one."""
SLICE = 60
"""Values at most of a parameter whose slice is drawn."""


@dataclass(frozen=True)
class EvidenceFigures:
    """Ready to be drawn.

    Attributes
    ----------
    walk, logits, curve : Drawn or None
        The charts.
    choices, slices : list of (str, Drawn)
        By parameter.
    importance : list of (str, float or None)
        By parameter, the most important first.
    drawn : int
        Sets of the curve that are drawn.
    long_names : bool
        Whether values of a parameter need more room beside their rows.
    own : mapping or None
        The row of the strategy's own set at the chosen horizon, with its number and parameters.
    """

    walk: Drawn | None
    logits: Drawn | None
    curve: Drawn | None
    choices: list[tuple[str, Drawn]]
    slices: list[tuple[str, Drawn]]
    importance: list[tuple[str, float | None]]
    drawn: int
    long_names: bool
    own: Json | None


def evidence_figures(payload: Mapping[str, Any], stamp: str) -> EvidenceFigures | None:
    """Arrange what a search found beside its grid; None for a record that holds no such thing."""
    if "specification_curve" not in payload:
        return None
    rows = {one["set"]: _row(one, payload["horizon"]) for one in payload["sets"]}
    taken = payload["recommended"]
    recommended = taken["set"] if taken else None
    specifications = _specifications(payload, rows, recommended)
    shares = payload["importance"]["shares"]
    return EvidenceFigures(
        walk=walk_chart(payload["walk_forward"]["blocks"], stamp),
        logits=logit_chart(payload["overfitting"]["logits"], stamp),
        curve=curve_chart(specifications, stamp),
        choices=_choices(payload, rows, specifications),
        slices=_slices(payload, rows, recommended, stamp),
        importance=sorted(shares.items(), key=lambda item: -(item[1] or 0.0)),
        drawn=len(specifications.numbers),
        long_names=are_long(words.parameter(value) for values in payload["grid"].values() for value in values),
        own=rows.get(payload["own"]),
    )


def _row(one: Mapping[str, Any], horizon: int | str) -> Json:
    found: Json = next((row for row in one["horizons"] if row["horizon"] == horizon), {})
    return {"set": one["set"], "parameters": one["parameters"], **found}


def _specifications(payload: Mapping[str, Any], rows: Mapping[int, Json], recommended: int | None) -> Specifications:
    order: Sequence[int] = payload["specification_curve"]["order"]
    kept = set(np.linspace(0, len(order) - 1, min(len(order), CURVE)).astype(int).tolist()) if order else set()
    marked = {payload["own"], recommended}
    numbers = [number for at, number in enumerate(order) if at in kept or number in marked]
    of = {key: _array([rows[number].get(key) for number in numbers]) for key in ("excess", "ci_low", "ci_high")}
    out = [stands_out(rows[number].get("p_adjusted")) for number in numbers]
    return Specifications(numbers, of["excess"], of["ci_low"], of["ci_high"], out, payload["own"], recommended)


def _choices(payload: Mapping[str, Any], rows: Mapping[int, Json], of: Specifications) -> list[tuple[str, Drawn]]:
    if not of.numbers:
        return []
    return [
        (
            key,
            choices_chart(
                of,
                key,
                [words.parameter(value) for value in values],
                [_place(values, rows[number]["parameters"].get(key)) for number in of.numbers],
            ),
        )
        for key, values in payload["grid"].items()
    ]


def _slices(
    payload: Mapping[str, Any], rows: Mapping[int, Json], recommended: int | None, stamp: str
) -> list[tuple[str, Drawn]]:
    """Draw, for each parameter that has numbers, the sets that differ from the recommended one in it alone."""
    if recommended is None:
        return []
    found: list[tuple[str, Drawn]] = []
    chosen = rows[recommended]["parameters"]
    for key, values in payload["grid"].items():
        if len(values) > SLICE or not all(type(value) in (int, float) for value in values):
            continue
        others = [item for item in chosen.items() if item[0] != key]
        line = [row for row in rows.values() if [(k, row["parameters"].get(k)) for k, _ in others] == others]
        by_value = {row["parameters"][key]: row for row in line}
        ordered = sorted(values)
        of = {name: _array([by_value.get(value, {}).get(name) for value in ordered]) for name in NAMES}
        numbers = [by_value.get(value, {}).get("set") for value in ordered]
        marked = (_place(numbers, recommended), _place(numbers, payload["own"]))
        texts = [words.parameter(value) for value in ordered]
        drawn = slice_chart(texts, of["excess"], of["ci_low"], of["ci_high"], marked, stamp)
        if drawn is not None:
            found.append((key, drawn))
    return found


NAMES = ("excess", "ci_low", "ci_high")


def _place(values: Sequence[Any], value: object) -> int | None:
    return values.index(value) if value is not None and value in values else None


def _array(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
