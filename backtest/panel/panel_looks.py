"""A study on a panel as looks: what the ledger counts, and what it finds."""

from __future__ import annotations

from backtest.ledger.looked_at import Cell, Looks, Result, by_horizons
from backtest.model.panel import OWN
from backtest.panel.panel_detection import sample_window_of
from backtest.panel.panel_horizons import PanelHorizons
from backtest.panel.panel_result import PanelResult
from backtest.study.looks_of_study import hash_of, looks_at, seen_until


def looks_of_panel(figures: PanelHorizons, kind: str) -> Looks:
    """Return the looks of a study: each horizon where there was a test."""
    study = figures.study
    plan, horizons = study.plan, study.forward.horizons
    own = hash_of(plan, OWN)
    results: dict[Cell, Result] = {}
    for one in figures.results:
        test = one.null_test
        if test.p_value is not None and test.p_adjusted is not None and one.excess is not None:
            results[own, one.horizon.label] = Result(one.excess, test.p_value, test.p_adjusted)
    order = [one.label for one in horizons]
    return looks_at(plan, kind, by_horizons(results, order), last_seen(study), results)


def last_seen(study: PanelResult) -> str:
    """Return the last session that a study can see: the end of the longest window of its sample; ISO."""
    last = sample_window_of(study.panel, study.strategy)[1]
    return seen_until(study.panel.common.sessions, last, study.forward.horizons)
