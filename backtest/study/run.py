"""Run a plan: detect, measure, test, and examine what the finding depends on."""

from __future__ import annotations

import datetime as dt

import numpy as np

from backtest.errors import NoEvents
from backtest.model import Detection
from backtest.outlook.at_events import expectations_of
from backtest.plan import Plan
from backtest.study.asset_result import measure_assets
from backtest.study.detect_events import detect_events
from backtest.study.left_out import sums_of
from backtest.study.notes import notes_on
from backtest.study.robustness.rarity import rarity_of
from backtest.study.study import Study


def run_plan(plan: Plan, *, allow_lookahead: bool = False) -> Study:
    """Run a study; a user's own Python passes the look-ahead guard first. The trade and the record come afterwards.

    Parameters
    ----------
    plan : Plan
        What to run.
    allow_lookahead : bool
        Run a detector that was caught looking ahead; the study's ``lookahead`` describes the leak.

    Raises
    ------
    LooksAhead
        A detector looks ahead, and this is not allowed.
    NoEvents
        The detector found nothing in the sample window.
    StudyRefused
        The strategy has the table [study], which needs a panel.
    """
    detection = detect_events(plan, allow_lookahead=allow_lookahead)
    if not len(detection.events):
        raise _no_events(plan, detection)
    assets = measure_assets(plan, detection)
    return Study(
        plan=plan,
        created=dt.datetime.now(dt.UTC).replace(microsecond=0),
        detection=detection,
        assets=assets,
        rarity=rarity_of(plan, detection),
        expectations=expectations_of(plan, detection),
        notes=(*detection.notes, *notes_on(plan, detection, assets)),
    )


def _no_events(plan: Plan, detection: Detection) -> NoEvents:
    first, last = (plan.dataset.prices.sessions[i] for i in detection.window)
    known = int(np.count_nonzero(detection.condition.known[detection.window[0] : detection.window[1] + 1]))
    none = f"{plan.strategy.place}: no event between {first} and {last} on {plan.dataset.name}"
    # The caller's own frame is not in any workspace.
    show = f"; 'backtest show {plan.dataset.name}' says which series run from when" if plan.dataset.reference else ""
    if sums := sums_of([account.to_json() for account in detection.accounts]):
        return NoEvents(f"{none}. {' '.join(sums)}", f"List dates within{show}.")
    return NoEvents(
        f"{none} ({known:,} sessions could be judged).",
        "Loosen the detector's threshold with --set, or widen the sample window."
        if known
        else f"An input is missing throughout{show}.",
    )
