"""The content of ``run.json`` of a study on a panel: the question, the data, and the results."""

from __future__ import annotations

import numpy as np

from backtest.inference.result import finite
from backtest.model import SeriesInfo
from backtest.model.panel import Panel, Universe
from backtest.panel.event_concentration import concentration_of
from backtest.panel.panel_detection import sample_window_of
from backtest.panel.panel_groups import groups_json
from backtest.panel.panel_horizons import PanelHorizons
from backtest.panel.panel_notes import notes_on_panel
from backtest.panel.panel_result import PanelResult
from backtest.panel.panel_sentences import panel_headline, panel_verdict
from backtest.plan import Plan
from backtest.record.schema import PANEL
from backtest.study.export.listing import lookahead_json
from backtest.study.export.robustness import rests_json
from backtest.study.export.summary import asked_json, series_json
from backtest.untyped import Json

MADE_UP = {
    "rest": "the equal-weighted other assets of the panel",
    "group": "the equal-weighted other assets of its group",
}
"""What the benchmarks are that are made of the panel itself."""


def summary_of_panel(figures: PanelHorizons) -> Json:
    """Build ``run.json``; numbers that cannot be given are null. The events are in their table alone."""
    study, plan = figures.study, figures.study.plan
    return {
        "schema": PANEL,
        **asked_json(plan, study.created),
        "sample": sample_json(study),
        "legs": legs_json(plan, study.panel),
        "n_events": len(study.found),
        "panel": panel_json(study),
        "scanned": study.scanned,
        "reconciliation": [account.to_json() for account in study.found.origin.accounts],
        "horizons": horizons_json(figures),
        "robustness": _robustness(figures),
        "groups": groups_json(figures.groups, figures.measured),
        "trade": None,
        "headline": panel_headline(figures),
        "verdict": panel_verdict(figures),
        "lookahead": lookahead_json(study.passed.lookahead),
        "notes": [note.to_json() for note in notes_on_panel(figures)],
    }


def sample_json(study: PanelResult) -> Json:
    """Return the sample window, its sessions, and on how many asset-sessions an event could have been seen."""
    first, last = sample_window_of(study.panel, study.strategy)
    sessions = study.panel.common.sessions
    return {
        "first": str(sessions[first]),
        "last": str(sessions[last]),
        "sessions": last - first + 1,
        "asset_sessions": int(study.found.eligible.sum()),
    }


def panel_json(study: PanelResult) -> Json:
    """Return how many assets there are, and how the events are spread over dates, years and assets."""
    counted = {one.kind: one.to_json() for one in concentration_of(study)}
    return {
        "assets": len(study.panel),
        "set_aside": sum(one.assets for one in study.panel.findings if one.set_aside),
        "by": counted,
    }


def horizons_json(figures: PanelHorizons) -> list[Json]:
    """Return one object per horizon: what the terminal and the page show."""
    rows: list[Json] = []
    for at, result in enumerate(figures.results):
        row: Json = {"horizon": result.horizon.label}
        for name, values in figures.columns.items():
            value = values[at]
            row[name] = int(value) if np.issubdtype(values.dtype, np.integer) else finite(float(value))
        doubt, remarks = figures.doubts.get(result.horizon, ""), figures.remarks[at]
        rows.append(row | {"kept": result.inference.effect.kept, "doubt": doubt, "remarks": remarks})
    return rows


def _robustness(figures: PanelHorizons) -> Json | None:
    found = figures.study.robustness
    if found is None:
        return None
    horizons = [one.label for one in figures.study.forward.horizons]
    return {"horizons": horizons, **rests_json(found.matched, found.influence, found.halves, figures.measured)}


def legs_json(plan: Plan, panel: Panel | Universe) -> Json:
    """Return what is held: the assets, and what each is compared with."""
    benchmark, common = plan.strategy.measure.benchmark, panel.common
    legs = {"asset": panel.info}
    if benchmark:
        legs["benchmark"] = common.info(benchmark) if common.knows(benchmark) else _made_up(benchmark)
    return {leg: series_json(info) for leg, info in legs.items()}


def _made_up(benchmark: str) -> SeriesInfo:
    """Describe a benchmark that is no series of the dataset but made of the panel."""
    return SeriesInfo(benchmark, MADE_UP.get(benchmark, benchmark), "total_return_index", "index")
