"""The lines of a history: what the detector watches, its indicator, the cuts priced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest.model import Floats, Ints, Record
from backtest.report.kit.plot.scale import wants_log
from backtest.report.pages.run.expectations import cuts_priced
from backtest.report.pages.run.of_asset import label


@dataclass(frozen=True, eq=False)
class Line:
    """One line: a value for each session, NaN where there is none."""

    name: str
    unit: str
    role: str
    """Its colour, by name."""
    log: bool
    """Whether it is better read on a logarithmic axis."""
    values: Floats
    threshold: float | None = None
    side: str = "above"
    """Of an indicator: on which side of the threshold the condition is met."""

    def at(self, sessions: Ints) -> Line:
        """Return the same line on these sessions, by position."""
        return replace(self, values=self.values[sessions])


def lines_of(record: Record) -> tuple[list[Line], Line | None, Line | None]:
    """Return what is watched, the indicator and the cuts priced, each where it is recorded."""
    table, about = record.tables["history"], record.run.get("indicator")
    indicator = _line(about, arrow.to_floats(table["indicator"]), "indicator")
    if about is not None and indicator is not None:
        side = str(about.get("side") or "above")
        indicator = replace(indicator, threshold=about.get("threshold"), side=side)
    cuts = cuts_priced(record)
    priced = None if cuts is None else Line(*cuts[:2], "observed", False, cuts[2])
    return _watched(record.run, table), indicator, priced


def _watched(run: Mapping[str, Any], table: pa.Table) -> list[Line]:
    """Return the series the detector watches; where there is none, the legs from a common start of 100."""
    observed = run.get("observed")
    line = _line(observed, arrow.to_floats(table["observed"]), "observed")
    if observed is not None and line is not None:
        same = [leg for leg, held in run["legs"].items() if held["name"] == observed["name"]]
        return [replace(line, role=same[0] if same else "observed")]
    legs = {leg: arrow.to_floats(table[leg]) for leg in run["legs"]}
    known = np.flatnonzero(np.isfinite(list(legs.values())).all(axis=0))
    if not len(known):
        return []
    about = {"unit": "100 at the common start"}
    rebased = {leg: 100 * values / values[known[0]] for leg, values in legs.items()}
    found = [_line({"name": label(run, leg), **about}, rebased[leg], leg) for leg in rebased]
    return [line for line in found if line is not None]


def _line(about: Mapping[str, Any] | None, values: Floats, role: str) -> Line | None:
    if about is None or not np.isfinite(values).any():
        return None
    log = wants_log(values) and about.get("kind") != "rate" and role != "indicator"
    return Line(str(about.get("title") or about["name"]), str(about.get("unit") or ""), role, log, values)
