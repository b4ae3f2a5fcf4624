"""The verdict on one claim: every figure on every basis, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from backtest.claims.evidence import NotMeasured, Spell, Spells, Value, measure
from backtest.claims.sample_facts import Pins
from backtest.errors import LooksAhead, NoEvents, NotFound, StudyRefused
from backtest.lookahead.guard import Passed, guard
from backtest.plan import Plan
from backtest.spec.claim import ClaimTable, FigureTable, Settings
from backtest.study.detect_events import Cache
from backtest.study.export.summary import horizons_json
from backtest.study.run import run_plan
from backtest.untyped import Json

Verdict = Literal["holds", "holds on another basis", "does not hold", "cannot be checked", "open"]
DUST = 1e-12
"""A figure exactly at the edge of its tolerance is near enough, whatever binary fractions make of it."""
SIMULATED = "The values are simulated."
SHOWN = ("horizon", "n", "spread_mean", "base_spread_mean", "excess", "p_value", "p_adjusted")


@dataclass(frozen=True)
class Bench:
    """What the claims of one strategy are judged with.

    Attributes
    ----------
    pins : Pins or None
        What of simulated data is pinned.
    cache : dict
        Conditions found so far for the strategy on the same data.
    """

    pins: Pins | None = None
    cache: Cache = field(default_factory=dict)


def judge(claim: ClaimTable, plan: Plan, bench: Bench) -> Json:
    """Judge a claim; what looks ahead, as far as a sample of histories shows, bears out and contradicts nothing.

    Parameters
    ----------
    claim : ClaimTable
        What was said.
    plan : Plan
        The strategy it belongs to, on the data to check it on.
    bench : Bench
        What it is judged with.

    Returns
    -------
    dict
        ``verdict``; ``basis``, on which it holds; ``why`` it cannot be checked; ``figures``; for an open question
        ``horizons`` and ``study``, its verdict in words; ``cautions``, such as that a series is a proxy. Fractions;
        null where there is no number.

    Raises
    ------
    BacktestError
        The claim asks for what the strategy does not have, or a detector fails.
    """
    judged = not_checked(claim, plan.strategy.name, claim.unchecked)
    if claim.open:
        return {**judged, **_open(plan)}
    if claim.unchecked is not None:
        return judged
    bases: list[tuple[str, Settings]] = [(claim.basis, {}), *((basis.name, basis.set_) for basis in claim.bases)]
    figures = [_figure(figure, claim, plan, bases, bench) for figure in claim.figures]
    cautions = [text for figure in figures for result in figure["results"] for text in result["cautions"]]
    return {**judged, "figures": figures, "cautions": list(dict.fromkeys(cautions)), **verdict_of(figures)}


def not_checked(claim: ClaimTable, strategy: str, why: str | None) -> Json:
    """Return a claim as `judge` does, of which nothing could be checked, and why."""
    return {
        "strategy": strategy,
        "number": claim.number,
        "said": claim.said,
        "on": claim.on.isoformat(),
        "note": claim.note,
        "verdict": "cannot be checked",
        "basis": None,
        "why": why,
        "figures": [],
        "horizons": [],
        "study": None,
        "cautions": [],
    }


def verdict_of(figures: Sequence[Json]) -> Json:
    """Return ``verdict``, ``basis`` and ``why`` of judged figures: all that decide must hold on one basis."""
    deciding = [figure["results"] for figure in figures if figure["decides"]]
    by_basis = list(zip(*deciding, strict=True))
    held = [all(result["holds"] for result in results) for results in by_basis]
    own = by_basis[0]
    if any(held):
        basis = own[0]["basis"] if held[0] else by_basis[held.index(True)][0]["basis"]
        return {"verdict": "holds" if held[0] else "holds on another basis", "basis": basis, "why": None}
    if any(result["holds"] is False for result in own):
        return {"verdict": "does not hold", "basis": None, "why": None}
    reasons = list(dict.fromkeys(result["why"] for result in own if result["why"]))
    return {"verdict": "cannot be checked", "basis": None, "why": " ".join(reasons)}


def _figure(
    figure: FigureTable, claim: ClaimTable, plan: Plan, bases: Sequence[tuple[str, Settings]], bench: Bench
) -> Json:
    results = []
    for name, settings in bases:
        on_basis = plan.vary({**settings, **figure.set_}) if settings or figure.set_ else plan
        results.append({"basis": name, **_result(figure, claim, on_basis, bench)})
    units = [result.pop("unit") for result in results]
    return {
        "name": figure.name,
        "find": figure.find,
        "on": (figure.on or claim.on).isoformat() if figure.find == "value" else None,
        "since": figure.since.isoformat() if figure.since else None,
        "said": figure.bounds or figure.said,
        "tolerance": figure.tolerance,
        "unit": next((unit for unit in units if unit), None),
        "decides": figure.decides,
        "results": results,
    }


def _result(figure: FigureTable, claim: ClaimTable, plan: Plan, bench: Bench) -> Json:
    day = np.datetime64(figure.on or claim.on, "D")
    try:
        passed = _guarded(plan)
        found = measure(figure, plan, claim.on, bench.cache, passed)
        cautions = [*found.cautions, *(note.text for note in passed.notes)]
        if plan.dataset.synthetic and not (bench.pins and bench.pins.hold(figure, plan, day)):
            raise NotMeasured(SIMULATED)
    except NotMeasured as error:
        return {"found": None, "before": None, "holds": None, "why": str(error), "cautions": [], "unit": None}
    if isinstance(found, Value):
        holds = within_bounds(figure, found.number) if figure.decides else None
        return {
            "found": found.number,
            "before": None,
            "holds": holds,
            "why": None,
            "cautions": cautions,
            "unit": found.unit,
        }
    holds = matches(figure.said, found.inside, figure.find == "periods") if figure.said is not None else None
    return {**_spells(found), "holds": holds, "why": None, "cautions": cautions, "unit": None}


def _spells(found: Spells) -> Json:
    return {"found": [spell.json for spell in found.inside], "before": [spell.json for spell in found.before]}


def within_bounds(figure: FigureTable, number: float) -> bool:
    """Tell whether a number is what was said: near enough to `about`, or within the bounds."""
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
    """Tell whether the spells found are those said, one for one in order of time, and no others.

    A trigger must lie in the year, month or day said; a period must hold some of it.
    """
    if len(said) != len(found):
        return False
    return all(
        (spell.trigger[: len(text)] <= text <= spell.end[: len(text)]) if periods else spell.trigger.startswith(text)
        for text, spell in zip(sorted(said), found, strict=True)
    )


def _guarded(plan: Plan) -> Passed:
    """Return what the look-ahead guard found; refuse to measure with what looks ahead."""
    try:
        return guard(plan)
    except LooksAhead as error:
        raise NotMeasured(f"{error.statement} 'backtest audit {plan.strategy.name}' says more.") from error
    except (NotFound, StudyRefused) as error:
        raise NotMeasured(error.statement) from error


def _open(plan: Plan) -> Json:
    if plan.dataset.synthetic:
        return {"why": SIMULATED}
    try:
        passed = _guarded(plan)
        study = run_plan(plan)
    except NotMeasured as error:
        return {"why": str(error)}
    except (NoEvents, NotFound, StudyRefused) as error:
        return {"why": error.message}
    rows = [{key: row[key] for key in SHOWN} for row in horizons_json(study)]
    cautions = [*study.detection.condition.notes, *(note.text for note in passed.notes)]
    return {"verdict": "open", "horizons": rows, "study": study.verdict, "cautions": cautions}
