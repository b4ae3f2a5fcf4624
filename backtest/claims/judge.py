"""The verdict on one claim: every figure on every basis, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from backtest.claims.evidence import measure
from backtest.claims.found import Found, NotMeasured, Outcome, Record, Spell, Spells
from backtest.claims.judged import Conclusion, FigureResult, JudgedClaim, JudgedFigure, conclude, not_checked
from backtest.claims.readings import Reading, readings_of
from backtest.claims.sample_facts import Pins
from backtest.errors import LooksAhead, NoEvents, NotFound, StudyRefused
from backtest.lookahead.guard import Passed, guard
from backtest.plan import Plan
from backtest.spec.claim import ClaimTable
from backtest.spec.figure import FigureTable
from backtest.study.detect_events import Cache
from backtest.study.run import run_plan

DUST = 1e-12
"""A figure exactly at the edge of its tolerance is close enough, despite binary rounding."""
SIMULATED = "The values are simulated."


@dataclass(frozen=True)
class JudgeContext:
    """The context in which the claims of one strategy are judged.

    Attributes
    ----------
    pins : Pins or None
        The pinned facts of simulated data.
    cache : dict
        Conditions computed so far for the strategy on the same data.
    """

    pins: Pins | None = None
    cache: Cache = field(default_factory=dict)


def judge(claim: ClaimTable, plan: Plan, context: JudgeContext) -> JudgedClaim:
    """Judge a claim; a detector that looks ahead, as far as a sample of histories shows, proves nothing.

    Parameters
    ----------
    claim : ClaimTable
        What was said.
    plan : Plan
        The strategy it belongs to, on the data that check it.
    context : JudgeContext
        Pinned facts and cache.

    Raises
    ------
    BacktestError
        The claim needs something that the strategy does not have, or a detector fails.
    """
    strategy = plan.strategy.name
    if claim.open:
        return _open(claim, plan)
    if claim.unchecked is not None:
        return not_checked(claim, strategy, claim.unchecked)
    readings = readings_of(claim)
    plans = [plan.vary(reading.settings) if reading.settings else plan for reading in readings]
    figures = tuple(_figure(figure, claim, plans, readings, context) for figure in claim.figures)
    cautions = tuple(dict.fromkeys(text for one in figures for result in one.results for text in result.cautions))
    return JudgedClaim(strategy, claim, conclude(figures, readings), figures, readings, cautions=cautions)


def _figure(
    figure: FigureTable,
    claim: ClaimTable,
    plans: Sequence[Plan],
    readings: Sequence[Reading],
    context: JudgeContext,
) -> JudgedFigure:
    results = []
    for plan, reading in zip(plans, readings, strict=True):
        on_basis = plan.vary(figure.set_) if figure.set_ else plan
        results.append(_result(figure, reading, claim, on_basis, context))
    return JudgedFigure(figure, tuple(results))


def _result(
    figure: FigureTable, reading: Reading, claim: ClaimTable, plan: Plan, context: JudgeContext
) -> FigureResult:
    day = np.datetime64(figure.on or claim.on, "D")
    try:
        passed = _guarded(plan)
        found = measure(figure, plan, claim.on, context.cache, passed, reading)
        if plan.dataset.synthetic and not (context.pins and context.pins.hold(figure, plan, day)):
            raise NotMeasured(SIMULATED)
    except NotMeasured as error:
        return FigureResult(reading.name, None, None, str(error))
    cautions = (*found.cautions, *(note.text for note in passed.notes))
    if isinstance(found, Outcome) and _counts_before_the_data(figure, found):
        why = f"Events can be seen from {found.covers} on; the claim counts from {figure.since} on."
        return FigureResult(reading.name, found, None, why, cautions, beyond=True)
    return FigureResult(reading.name, found, _holds(figure, found), None, cautions)


def _holds(figure: FigureTable, found: Found) -> bool | None:
    if not figure.decides:
        return None
    if isinstance(found, Spells):
        return matches(figure.said or [], found.inside, figure.find == "periods")
    near = within_bounds(figure, found.number)
    return near and set_by(figure.said, found) if isinstance(found, Record) else near


def _counts_before_the_data(figure: FigureTable, found: Outcome) -> bool:
    """Return whether a count is too small for the claim, and events before the data could make up for it."""
    if figure.what != "n" or found.covers is None:
        return False
    least = max((figure.bounds[key] for key in ("about", "at_least", "above") if key in figure.bounds), default=0.0)
    return found.number < least


def set_by(said: Sequence[str] | None, record: Record) -> bool:
    """Return whether the most extreme values were those of the days of the claim, in order, the record first."""
    days = record.days[: len(said or [])]
    return len(days) == len(said or []) and all(
        day.startswith(text) for text, day in zip(said or [], days, strict=True)
    )


def within_bounds(figure: FigureTable, number: float) -> bool:
    """Return whether a number matches the claim: close enough to `about`, or within the bounds."""
    tolerance = (figure.tolerance or 0.0) + DUST
    tests: dict[str, Callable[[float], bool]] = {
        "about": lambda bound: abs(number - bound) <= tolerance,
        "at_least": lambda bound: number >= bound,
        "above": lambda bound: number > bound,
        "at_most": lambda bound: number <= bound,
        "below": lambda bound: number < bound,
    }
    return all(tests[key](bound) for key, bound in figure.bounds.items())


def matches(said: Sequence[str], found: Sequence[Spell], periods: bool) -> bool:
    """Return whether the spells found match those of the claim, one for one in order of time, and no others.

    A trigger must lie in the year, month or day of the claim; a period must overlap it.
    """
    if len(said) != len(found):
        return False
    return all(
        (spell.trigger[: len(text)] <= text <= spell.end[: len(text)]) if periods else spell.trigger.startswith(text)
        for text, spell in zip(sorted(said), found, strict=True)
    )


def _guarded(plan: Plan) -> Passed:
    """Return what the look-ahead guard found; refuse to measure with a detector that looks ahead."""
    try:
        return guard(plan)
    except LooksAhead as error:
        raise NotMeasured(f"{error.statement} 'backtest audit {plan.strategy.name}' says more.") from error
    except (NotFound, StudyRefused) as error:
        raise NotMeasured(error.statement) from error


def _open(claim: ClaimTable, plan: Plan) -> JudgedClaim:
    strategy = plan.strategy.name
    if plan.dataset.synthetic:
        return not_checked(claim, strategy, SIMULATED)
    try:
        passed = _guarded(plan)
        study = run_plan(plan)
    except NotMeasured as error:
        return not_checked(claim, strategy, str(error))
    except (NoEvents, NotFound, StudyRefused) as error:
        return not_checked(claim, strategy, error.message)
    cautions = (*study.detection.condition.cautions, *(note.text for note in (*passed.notes, *plan.notes)))
    return JudgedClaim(strategy, claim, Conclusion("open"), study=study, cautions=cautions)
