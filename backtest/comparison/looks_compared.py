"""A comparison as looks: the studies that were run for it, by question, for the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.comparison.entries import Entry
from backtest.files import sha256_of
from backtest.ledger.count import Count, count_looks
from backtest.ledger.looked_at import Cell, Looks, Result, asked_of, by_horizons
from backtest.model import Asked
from backtest.study.looks_of_study import hash_of, seen_until
from backtest.study.study import Study
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
    of: dict[tuple[str, str], list[tuple[Study, Entry, Json]]] = {}
    for entry, shown in zip(entries, content["studies"], strict=True):
        study = entry.study
        if study is not None and len(study):
            of.setdefault((study.plan.strategy.name, study.plan.dataset.name), []).append((study, entry, shown))
    return [_looks(some) for some in of.values()]


def _looks(some: Sequence[tuple[Study, Entry, Json]]) -> Looks:
    results: dict[Cell, Result] = {}
    order: dict[Asked, None] = {}
    for study, entry, shown in some:
        own = hash_of(study.plan, entry.asset or study.assets[0].name)
        for row in shown["horizons"]:
            order[row["horizon"]] = None
            if None not in (row["excess"], row["p_value"], row["p_adjusted"]):
                results[own, row["horizon"]] = Result(row["excess"], row["p_value"], row["p_adjusted"])
    plan = some[0][0].plan
    sets = by_horizons(results, list(order))
    return Looks(
        kind="compare",
        strategy=plan.strategy.name,
        dataset=plan.dataset.name,
        sha256=plan.dataset.sha256,
        study=sha256_of(repr(sorted(results, key=str)).encode())[:STUDY_DIGITS],
        last=max(_last(study) for study, _, _ in some),
        sets=sets,
        parameters=asked_of(plan.parameters),
        results=results,
    )


def _last(study: Study) -> str:
    horizons = study.assets[0].base_rate.forward.horizons
    return seen_until(study.plan.dataset.prices.sessions, study.detection.window[1], horizons)
