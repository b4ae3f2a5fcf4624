"""How the tables of each leg and of each event read in a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backtest.cli.console import print_table, print_text
from backtest.errors import StudyRefused
from backtest.format import count, joined, outcome, percent, period, points, share
from backtest.model import Measured, measured_by
from backtest.model.by_asset import asset_runs, spoken_of
from backtest.model.horizon import column_head
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.plan import Plan

LEGEND = (
    "Below each horizon stands its base rate: the same of all eligible sessions. hits: the share above zero; "
    "drawdown: the largest fall from a high to a later low within the window, its mean and the deepest."
)
BEAT = "spread, in points; hits: the share in which the asset beat the benchmark"


def refuse_other_horizons(asked: str, plans: Sequence[Plan]) -> None:
    """Refuse a horizon that a strategy does not measure, before anything is run.

    Raises
    ------
    StudyRefused
        A strategy has no such horizon.
    """
    for plan in plans:
        known = [str(horizon) for horizon in plan.strategy.measure.horizons]
        if asked not in known:
            raise StudyRefused(
                f"{plan.strategy.name}: --events {asked}: not a horizon of the strategy, which has {joined(known)}.",
                "Write --events behind the names, alone or with one of these horizons.",
            )


def print_legs(run: Json) -> None:
    """Print a table for each leg of each asset, every horizon above its base rate.

    Parameters
    ----------
    run : dict
        The content of ``run.json``.
    """
    runs = asset_runs(run)
    print_text()
    print_text(LEGEND)
    for one in runs:
        of = measured_by(one["legs"])
        for leg in of.legs:
            print_text()
            print_text(_title(one, leg, several=len(runs) > 1))
            head = column_head(row["horizon"] for row in one["horizons"])
            print_table(
                (head, "n", "mean", "median", "hits", "best", "worst", "drawdown", "deepest"),
                [line for row in one["horizons"] for line in _lines(row, leg)],
                left=(),
            )


def _title(run: Mapping[str, Any], leg: str, *, several: bool) -> str:
    name = f"{run['parameters']['measure.asset']}, " if several else ""
    return f"{name}{BEAT}" if leg == "spread" else f"{name}{leg}: {run['legs'][leg]['title']}"


def _lines(row: Mapping[str, Any], leg: str) -> list[tuple[str, ...]]:
    """Return the line of the events, and that of the base rate."""
    figures = row["legs"][leg]
    return [
        (
            head,
            count(figures[f"{prefix}n"]),
            *(_bare(figures[f"{prefix}{key}"], leg) for key in ("mean", "median")),
            share(figures[f"{prefix}hit_rate"]),
            *(_bare(figures[f"{prefix}{key}"], leg) for key in ("best", "worst", "drawdown_mean", "drawdown_worst")),
        )
        for head, prefix in ((str(row["horizon"]), ""), ("base", "base_"))
    ]


def _bare(value: float | None, leg: str) -> str:
    """Write points without their unit, which the title names."""
    return points(value).removesuffix(" pp") if leg == "spread" else percent(value)


def print_events(run: Json, asked: str) -> None:
    """Print what came after each event over one horizon, by date, with mean and median beside the base rate.

    Parameters
    ----------
    run : dict
        As `backtest.study.export.leg_tables.with_outcomes` returns it.
    asked : str
        The horizon; empty for the one that the verdict speaks of or, where there is none, the longest.
    """
    runs = asset_runs(run)
    rows = runs[0]["horizons"]
    look = spoken_of(runs)
    at = len(rows) - 1 if look is None else look[1]
    if asked:
        at = [str(row["horizon"]) for row in rows].index(asked)
    for one in runs:
        name = f", {one['parameters']['measure.asset']}" if len(runs) > 1 else ""
        print_text()
        print_text(f"After each event, over {period(rows[at]['horizon'])}{name}:")
        _print_events(one, at)


def _print_events(run: Json, at: int) -> None:
    of, figures = measured_by(run["legs"]), run["horizons"][at]["legs"]
    found = [(one["day0"], one["horizons"][at]) for one in run["outcomes"]]
    unfinished = {cell["status"]: cell["reason"] for _, cell in found if cell["reason"]}
    heads = {"benchmark": "bench."}
    lines = [(day0, *_returns(cell, of), percent(cell["asset_drawdown"]), cell["status"]) for day0, cell in found]
    for key in ("mean", "median"):
        for prefix in ("", "base_"):
            middle = {leg: figures[leg][f"{prefix}{key}"] for leg in of.legs}
            fallen = percent(figures["asset"][f"{prefix}drawdown_{key}"])
            head, n = f"{prefix}{key}".replace("_", " "), count(figures["asset"][f"{prefix}n"])
            lines.append((head, *_returns(middle, of), fallen, f"n = {n}"))
    print_table(("day 0", *(heads.get(leg, leg) for leg in of.legs), "drawdown", "window"), lines, left=(0,))
    for status, reason in unfinished.items():
        print_text(f"{status}: {reason}.")


def _returns(values: Mapping[str, Any], of: Measured) -> tuple[str, ...]:
    return tuple(outcome(values[leg], leg) for leg in of.legs)
