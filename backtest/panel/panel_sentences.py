"""The finding and the verdict of a study on a panel in words, true of its table of horizons."""

from __future__ import annotations

from backtest.format import plural
from backtest.inference.verdict import most_remarkable, verdict
from backtest.panel.panel_horizons import ASSETS, BENCHMARKS, PanelHorizons
from backtest.study.headline import luck, what_came


def panel_headline(figures: PanelHorizons) -> str:
    """Say what came after the events at the look that the verdict speaks of, and how often luck does as much."""
    study = figures.study
    said = _said(figures)
    if study.plan.dataset.synthetic:
        said = f"SIMULATED: {said}"
    return f"LOOKS AHEAD: {said}" if study.passed.lookahead else said


def panel_verdict(figures: PanelHorizons) -> str:
    """Return the verdict in plain words."""
    return verdict([figures.looks], len(figures.study.found), figures.measured.word)


def _said(figures: PanelHorizons) -> str:
    study, looks = figures.study, figures.looks
    found = most_remarkable([looks])
    if found is None:
        measured = any(one.n for one in looks.results)
        why = f"the {figures.measured.word} does not vary" if measured else "no event has a complete window"
        return f"Nothing can be said: of {plural(len(study.found), 'event')}, {why}."
    result = found[1]
    at = looks.results.index(result)
    mean, base = float(study.forward.mean[at]), float(study.forward.base[at])
    benchmark = study.strategy.measure.benchmark
    came = what_came(ASSETS, BENCHMARKS.get(benchmark, benchmark), mean, base, result, len(study.found))
    return f"{came} {luck(result, [looks], looks.doubts.get(result.horizon, ''))}"
