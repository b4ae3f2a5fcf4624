"""How firm a finding on a panel is, and its groups side by side, as rows with a cell a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backtest.model import measured_by
from backtest.untyped import Json

UNITS = {"date": "event date", "asset": "asset", "year": "year"}


@dataclass(frozen=True)
class PanelFirm:
    """What a finding rests on; a cell is None where there is no number."""

    ways: list[tuple[str, list[Json]]]
    """Groups of rows, each with its name and its cells: the excess measured in other ways."""
    left_out: list[Json]
    """What is left without one date, asset or year, a row each."""
    doubts: list[tuple[Json, str]]
    """Horizons at which the verdict's own p stands out but does not hold, and why."""


def firm_of_panel(run: Json) -> PanelFirm | None:
    """Collect what each horizon rests on; None for an older record, and where there is no test."""
    rests, rows = run.get("robustness"), run["horizons"]
    if rests is None or all(row["p_value"] is None for row in rows):
        return None
    ways = [("All events", [{"what": "beside all asset-sessions", "cells": [_cell(row) for row in rows]}])]
    like = [{"what": one["text"], "cells": _cells(one, len(rows))} for one in rests["matched"]]
    halves = [{"what": f"{one['first']} to {one['last']}", "cells": _cells(one, len(rows))} for one in rests["halves"]]
    ways += [(title, some) for title, some in (("Beside", like), ("Halves of the sample", halves)) if some]
    left = [_left_out(one, len(rows)) for one in rests["influence"]]
    doubts = [(row["horizon"], row["doubt"]) for row in rows if row.get("doubt")]
    return PanelFirm(ways, left, doubts)


def group_rows(run: Json) -> list[tuple[str, list[Json]]]:
    """Return the groups by what is grouped, each with a cell a horizon; empty without groups."""
    of = measured_by(run["legs"])
    found: dict[str, list[Json]] = {}
    for one in run.get("groups", []):
        cells = [{**row, "mean": row[of.mean], "base": row[of.base_mean]} for row in one["horizons"]]
        found.setdefault(one["of"], []).append({"name": one["group"], "cells": cells})
    return list(found.items())


def _cell(row: Json) -> Json:
    return {key: row[key] for key in ("n", "excess", "p_value")}


def _cells(one: Json, many: int) -> list[Json]:
    p: list[Any] = one.get("p_value") or [None] * many
    return [{"n": one["n"][at], "excess": one["excess"][at], "p_value": p[at]} for at in range(many)]


def _left_out(one: Json, many: int) -> Json:
    keys = ("excess_low", "excess_high", "p_high", "most", "changes_sign")
    cells = [{key: one[key][at] for key in keys} for at in range(many)]
    return {"unit": UNITS[one["unit"]], "groups": one["groups"], "cells": cells}
