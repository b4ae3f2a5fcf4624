"""A search as looks: every parameter set at every horizon, for the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backtest.format import probability
from backtest.ledger.count import Count, count_looks
from backtest.ledger.looked_at import Cell, Looks, Result, asked_of, by_horizons
from backtest.plan import Plan
from backtest.study.looks_of_study import hash_of, origin_of, seen_until
from backtest.tuning.ranking import remarkable
from backtest.tuning.searched import Searched
from backtest.untyped import Json
from backtest.workspace import Workspace


def count_search(workspace: Workspace, found: Searched, summary: Json) -> Count:
    """Enter the looks of a search in the ledger of a workspace, and count all looks at its question.

    Parameters
    ----------
    workspace : Workspace
        Whose ledger it is.
    found : Search
        The search; a set at a horizon without a complete window is no look.
    summary : dict
        Its record, for its ``run_id``.
    """
    return count_looks(workspace, looks_of_search(found, summary["run_id"]))


def counted_json(counted: Count, summary: Json) -> Json:
    """Return the keys that a record has of its count: ``ledger`` and, where there is a p, ``which_p`` in words.

    Parameters
    ----------
    counted : Count
        As `count_search` returns it.
    summary : dict
        The record, with its ``noise`` and, where it has evidence, its ``walk_forward``.
    """
    ledger = {"ledger": counted.to_json()}
    if counted.p_value is None or summary["noise"] is None:
        return ledger
    own = "the one look" if counted.own == 1 else f"the {counted.own:,} looks"
    here = f"{probability(summary['noise'])}, the smallest adjusted p, counts {own} of this search"
    if counted.total == counted.own and not counted.reasons:
        ever = "the only ones" if counted.own > 1 else "the only one"
        parts = [f"{here}, {ever} that the ledger has of this question"]
    else:
        bound = f"at most {probability(counted.p_value) if counted.p_value < 1 else 1}"
        all_looks = f"all {counted.total:,} that were ever taken at this question"
        known = f"the {counted.total:,} that are known of this question, and there may be more"
        parts = [here, f"{bound} counts {known if counted.reasons else all_looks}"]
    outside = summary.get("walk_forward", {}).get("p_value")
    if outside is not None and summary["event_sets"] > 1:
        parts.append(f"{probability(outside)} counts none: it tests what was chosen in blocks that did not choose it")
    return {**ledger, "which_p": f"Which p counts what: {'; '.join(parts)}."}


def looks_of_search(found: Searched, run_id: str) -> Looks:
    """Return the looks of a search, with the most remarkable's result."""
    plan = found.plan
    hashes = [_hash(plan, trial.parameters) for trial in found.trials]
    cells: list[Cell] = [(hashes[i], found.horizons[j]) for i, j in np.argwhere(np.isfinite(found.p_value)).tolist()]
    best = remarkable(found)[:1]
    results = {
        (hashes[i], found.horizons[j]): Result(
            float(found.excess[i, j]), float(found.p_value[i, j]), float(found.p_adjusted[i, j])
        )
        for i, j in best
    }
    return Looks(
        kind="tune",
        strategy=plan.strategy.name,
        dataset=plan.dataset.name,
        sha256=plan.dataset.sha256,
        study=run_id.rpartition("-")[2],
        last=seen_until(plan.dataset.prices.sessions, found.last, found.lengths),
        sets=by_horizons(cells, found.horizons),
        parameters=asked_of(plan.parameters),
        results=results,
        origin=origin_of(plan),
    )


def _hash(plan: Plan, parameters: Mapping[str, Any]) -> str:
    made = plan.vary(parameters)
    (asset,) = made.strategy.measure.assets
    return hash_of(made, asset)
