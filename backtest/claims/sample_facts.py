"""The facts of the simulated sample that are as published: only they can confirm or contradict a claim."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from backtest.data.sample.facts import Facts, read_facts
from backtest.detect.tree import Single, singles
from backtest.model import Prices
from backtest.plan import Plan
from backtest.spec.figure import FigureTable
from backtest.untyped import Json
from backtest.workspace import DEFAULT_DATASET

INDEX_ROLES = ("small_index", "market_index", "tech_index")
"""The roles of the indices whose year-ends are pinned."""
STREAK = 5
LEAST, MOST = 0.009, 0.01
"""At thresholds between these, the sample has the true runs of five sessions, and no others."""


@dataclass(frozen=True)
class Pins:
    """The pinned facts of the sample."""

    facts: Facts

    def hold(self, figure: FigureTable, plan: Plan, day: np.datetime64) -> bool:
        """Return whether a figure comes from pinned facts alone.

        Three kinds do: the runs of five sessions at +1% of the small-cap index, its return over sessions that all
        belong to such a run, and the return of one of the three indices over a whole calendar year.
        """
        key = "detector" if figure.of == "detector" else f"conditions.{figure.of}"
        single = next((one for one in singles(plan.recipe) if one.key == key), None)
        if single is None or figure.over is not None or figure.find in ("outcome", "record"):
            return False
        prices, values = plan.dataset.prices, single.values
        if figure.find != "value":
            return _is_the_streak(single, prices)
        if single.use == "move":
            small = _plays(prices, values, INDEX_ROLES[:1])
            return small and values["against"] is None and self._in_a_run(prices, values["sessions"], day)
        if single.use == "year_to_date":
            whole = self._is_a_year_end(prices, day)
            return whole and values["share"] is None and _plays(prices, values, INDEX_ROLES)
        return False

    def _in_a_run(self, prices: Prices, sessions: int, day: np.datetime64) -> bool:
        at = int(np.searchsorted(prices.sessions, day))
        for streak in self.facts.streaks:
            end = int(np.searchsorted(prices.sessions, np.datetime64(streak.end, "D")))
            if end - len(streak.returns_pct) < at - sessions + 1 and at <= end:
                return True
        return False

    def _is_a_year_end(self, prices: Prices, day: np.datetime64) -> bool:
        year = day.astype("datetime64[Y]")
        number = int(year.astype(np.int64)) + 1970
        last = prices.sessions[np.searchsorted(prices.sessions, (year + 1).astype("datetime64[D]")) - 1]
        return bool(day == last) and {number - 1, number} <= set(self.facts.year_end)


def pins_of(folder: Path, name: str) -> Pins | None:
    """Return the pinned facts of a simulated dataset; None if it has none."""
    path = folder / "facts.toml"
    return Pins(read_facts(path)) if name == DEFAULT_DATASET and path.is_file() else None


def _plays(prices: Prices, values: Json, roles: tuple[str, ...]) -> bool:
    return prices.roles.get(values["series"], values["series"]) in {prices.roles.get(role) for role in roles}


def _is_the_streak(single: Single, prices: Prices) -> bool:
    values = single.values
    return (
        single.use == "streak"
        and _plays(prices, values, INDEX_ROLES[:1])
        and values["against"] is None
        and values["direction"] == "up"
        and values["sessions"] == STREAK
        and LEAST <= values["threshold"] <= MOST
    )
