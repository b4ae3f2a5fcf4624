"""A study as looks: what the ledger counts, and what it finds."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

from backtest.ledger.count import Count, count_looks
from backtest.ledger.looked_at import Cell, Looks, Result, asked_of, by_horizons, set_hash
from backtest.model import Asked, Horizon, Sessions
from backtest.model.horizon import horizons_of
from backtest.plan import Plan
from backtest.study.export.origin import own_files
from backtest.study.export.summary import run_id_of
from backtest.study.result import StudyResult
from backtest.untyped import Json
from backtest.workspace import Workspace

MARGIN = 10
"""Sessions by which a calendar horizon may be longer than on average."""


def count_study(workspace: Workspace, study: StudyResult, kind: str = "run") -> Count:
    """Enter the looks of a study in the ledger of a workspace, and count all looks at its question."""
    return count_looks(workspace, looks_of_study(study, kind))


def looks_of_study(study: StudyResult, kind: str) -> Looks:
    """Return the looks of a study: each asset at each horizon where there was a test."""
    results: dict[Cell, Result] = {}
    for asset in study.assets:
        own = hash_of(study.plan, asset.name)
        for one in asset.results:
            test = one.null_test
            if test.p_value is not None and test.p_adjusted is not None and one.excess is not None:
                results[own, one.horizon.label] = Result(one.excess, test.p_value, test.p_adjusted)
    horizons = study.assets[0].base_rate.forward.horizons
    sessions = study.plan.dataset.prices.sessions
    order = [one.label for one in horizons]
    return looks_at(
        study.plan,
        kind,
        by_horizons(results, order),
        seen_until(sessions, study.detection.window[1], horizons),
        results,
    )


def looks_of_plan(plan: Plan, kind: str) -> Looks:
    """Return what a plan would look at, without looking: its parameter sets and no horizon."""
    sets = [hash_of(plan, name) for name in plan.strategy.measure.assets]
    return looks_at(plan, kind, {(): sets}, "", {})


def looks_at(plan: Plan, kind: str, sets: Any, last: str, results: dict[Cell, Result]) -> Looks:  # noqa: ANN401
    """Return looks of a plan, with the parameter sets by horizons, the last session seen, and the results."""
    return Looks(
        kind=kind,
        strategy=plan.strategy.name,
        dataset=plan.dataset.name,
        sha256=plan.dataset.sha256,
        study=run_id_of(plan, dt.datetime.now(dt.UTC)).rpartition("-")[2],
        last=last,
        sets=sets,
        parameters=asked_of(plan.parameters),
        results=results,
        origin=origin_of(plan),
    )


def origin_of(plan: Plan) -> str:
    """Return the strategy that a search on the dataset of a plan made its strategy of; empty if there is none."""
    origin = plan.strategy.origin
    return origin.strategy if origin is not None and origin.dataset == plan.dataset.name else ""


def hash_of(plan: Plan, asset: str) -> str:
    """Return the hash of what a plan asks of one asset."""
    return set_hash({**plan.parameters, "measure.asset": asset}, code_of(plan))


def code_of(plan: Plan) -> Json:
    """Return what tells the user's own detectors and files from others of the same name."""
    strategy = plan.asked
    return {"files": own_files(plan.recipe, strategy.path.parent), "functions": sorted(strategy.functions)}


def seen_until(sessions: Sessions, last: int, horizons: tuple[Horizon, ...]) -> str:
    """Return the last session that a study can see: the end of the longest window of its sample.

    Parameters
    ----------
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        Of the dataset.
    last : int
        Position of the last session of the sample.
    horizons : tuple of Horizon
        In order of their length.
    """
    longest = max(one.sessions + (MARGIN if one.word else 0) for one in horizons)
    return str(np.datetime_as_string(sessions[min(last + longest, len(sessions) - 1)], unit="D"))


def horizons_of_plan(plan: Plan) -> list[Asked]:
    """Return the horizons of a plan as they are written, in order of their length."""
    return [one.label for one in horizons_of(plan.strategy.measure.horizons, plan.dataset.prices.sessions_a_year)]
