"""A comparison as looks: the studies that were run for it, by question, for the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.comparison.entries import Entry
from backtest.comparison.what_was_found import Found
from backtest.files import sha256_of
from backtest.ledger.count import Count, count_looks
from backtest.ledger.looked_at import Cell, Looks, Result, asked_of, by_horizons
from backtest.model import Asked
from backtest.plan import Plan
from backtest.study.looks_of_study import hash_of
from backtest.untyped import Json
from backtest.workspace import Workspace

STUDY_DIGITS = 8
"""Characters of the hash of a study, as at the end of the id of a run."""


def count_compared(workspace: Workspace, entries: Sequence[Entry], content: Json) -> list[Count]:
    """Enter what a comparison has run in the ledger of a workspace, and count all looks at each question.

    Recorded runs were counted when they were run.

    Parameters
    ----------
    workspace : Workspace
        Whose ledger it is.
    entries : sequence of Entry
        What is compared.
    content : dict
        As `compare_json` gives it: its adjusted p count the whole comparison.
    """
    return [count_looks(workspace, looks) for looks in looks_compared(entries, content)]


def looks_compared(entries: Sequence[Entry], content: Json) -> list[Looks]:
    """Return the looks of the studies that were run for a comparison, together for each strategy on each dataset."""
    of: dict[tuple[str, str], list[tuple[Plan, Found, Json]]] = {}
    for entry, shown in zip(entries, content["studies"], strict=True):
        if entry.study is not None and entry.found is not None and len(entry.study):
            plan = entry.study.plan
            of.setdefault((plan.strategy.name, plan.dataset.name), []).append((plan, entry.found, shown))
    return [_looks(some) for some in of.values()]


def _looks(some: Sequence[tuple[Plan, Found, Json]]) -> Looks:
    results: dict[Cell, Result] = {}
    order: dict[Asked, None] = {}
    for asked, found, shown in some:
        own = hash_of(asked, found.name)
        for row in shown["horizons"]:
            order[row["horizon"]] = None
            if None not in (row["excess"], row["p_value"], row["p_adjusted"]):
                results[own, row["horizon"]] = Result(row["excess"], row["p_value"], row["p_adjusted"])
    plan = some[0][0]
    sets = by_horizons(results, list(order))
    return Looks(
        kind="compare",
        strategy=plan.strategy.name,
        dataset=plan.dataset.name,
        sha256=plan.dataset.sha256,
        study=sha256_of(repr(sorted(results, key=str)).encode())[:STUDY_DIGITS],
        last=max(found.seen for _, found, _ in some),
        sets=sets,
        parameters=asked_of(plan.parameters),
        results=results,
    )
