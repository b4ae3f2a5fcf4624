"""Fix a question in the ledger before it is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.errors import StudyRefused
from backtest.ledger.count import enter
from backtest.ledger.frozen import FREEZE, freeze_entry
from backtest.ledger.looked_at import Cell, Looks
from backtest.model import Asked
from backtest.plan import Plan
from backtest.study.looks_of_study import looks_of_plan
from backtest.untyped import Json
from backtest.workspace import Workspace


def freeze_plan(workspace: Workspace, plan: Plan, horizon: Asked, expect: str) -> tuple[Json, bool]:
    """Enter a question in the ledger; return its line, and whether it is new.

    Parameters
    ----------
    workspace : Workspace
        Whose ledger it is.
    plan : Plan
        What is asked, of one asset.
    horizon : int or str
        The one horizon that gives the answer.
    expect : str
        ``"positive"``, ``"negative"`` or ``"either"``: the sign of the excess that counts as yes.

    Raises
    ------
    StudyRefused
        There are several assets, or the same is fixed already with another expectation.
    BacktestError
        The ledger cannot be written.
    """
    assets = plan.strategy.measure.assets
    if len(assets) > 1:
        raise StudyRefused(
            f"a question is about one asset, and measure.asset names {len(assets)}.",
            f"Fix one after the other: --set measure.asset={assets[0]}",
        )
    looks = looks_of_plan(plan, FREEZE)
    (own,) = looks.hashes
    added = []

    def make(lines: Sequence[Json]) -> Json | None:
        if any(_is(entry, looks, (own, horizon)) for entry in lines):
            return None
        added.append(freeze_entry(looks, (own, horizon), expect, lines))
        return added[0]

    lines = enter(workspace, looks, make)
    entry = next(one for one in lines if _is(one, looks, (own, horizon)))
    if entry["expect"] != expect:
        raise StudyRefused(
            f"line {entry['line']} of the ledger fixed this question on {entry['at'][:10]} with --expect "
            f"{entry['expect']}, and not {expect}.",
            "What is fixed cannot be changed.",
        )
    return entry, bool(added)


def _is(entry: Json, looks: Looks, cell: Cell) -> bool:
    """Return whether a line fixed this look at these data."""
    same = entry["data_sha256"] == looks.sha256
    return entry["kind"] == FREEZE and same and (entry["set"], entry["horizon"]) == cell
