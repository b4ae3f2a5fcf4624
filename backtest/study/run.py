"""Run a plan: detect, measure, test, and look at what the finding depends on."""

from __future__ import annotations

import datetime as dt

import numpy as np

from backtest.errors import NoEvents
from backtest.inference.horizons import shift_tests
from backtest.model import Detection
from backtest.outlook.at_events import expectations_of
from backtest.plan import Plan
from backtest.study.base_rate import base_rate_of, eligible_sessions, measure_every_session
from backtest.study.detect_events import detect_events
from backtest.study.left_out import sums_of
from backtest.study.measurement import measure_events
from backtest.study.notes import notes_on
from backtest.study.reconcile import check_windows
from backtest.study.result import Robustness
from backtest.study.robustness.counting_rules import count_by_rules, rules_for
from backtest.study.robustness.rarity import rarity_of
from backtest.study.study import Study


def run_plan(plan: Plan, *, allow_lookahead: bool = False) -> Study:
    """Run a study; its own Python passes the look-ahead guard first. The trade and the record come after.

    Parameters
    ----------
    plan : Plan
        What to run.
    allow_lookahead : bool
        Run a detector that was caught looking ahead; the study's ``lookahead`` says what was found.

    Raises
    ------
    LooksAhead
        A detector looks ahead, and that is not allowed.
    NoEvents
        The detector found nothing in the sample window.
    """
    detection = detect_events(plan, allow_lookahead=allow_lookahead)
    if not len(detection.events):
        raise _no_events(plan, detection)
    measure = plan.strategy.measure
    with plan.errors_located():
        every = measure_every_session(plan.dataset.prices, measure)
    base_rate = base_rate_of(every, eligible_sessions(detection, plan.strategy.episodes.day0, every))
    day0 = detection.events.day0
    measurement = measure_events(base_rate, day0, (measure.window[0], measure.window[1]))
    check_windows(measurement)
    tests = shift_tests(base_rate.circles, day0, measurement.summary.n)
    by_session = detection.condition.by_session
    rules = rules_for(plan.strategy.episodes, base_rate.forward.horizons, detection.pattern, by_session=by_session)
    return Study(
        plan=plan,
        created=dt.datetime.now(dt.UTC).replace(microsecond=0),
        detection=detection,
        base_rate=base_rate,
        measurement=measurement,
        tests=tests,
        robustness=Robustness(count_by_rules(detection, base_rate, tests, rules), rarity_of(plan, detection)),
        expectations=expectations_of(plan, detection),
        notes=(*detection.notes, *notes_on(plan, detection, base_rate, measurement, tests)),
    )


def _no_events(plan: Plan, detection: Detection) -> NoEvents:
    first, last = (plan.dataset.prices.sessions[i] for i in detection.window)
    known = int(np.count_nonzero(detection.condition.known[detection.window[0] : detection.window[1] + 1]))
    none = f"{plan.strategy.place}: no event between {first} and {last} on {plan.dataset.name}"
    # A frame of the caller's own is in no workspace.
    show = f"; 'backtest show {plan.dataset.name}' says which series run from when" if plan.dataset.reference else ""
    if sums := sums_of([account.to_json() for account in detection.accounts]):
        return NoEvents(f"{none}. {' '.join(sums)}", f"List dates within{show}.")
    return NoEvents(
        f"{none} ({known:,} sessions could be judged).",
        "Loosen the detector's threshold with --set, or widen the sample window."
        if known
        else f"An input is missing throughout{show}.",
    )
