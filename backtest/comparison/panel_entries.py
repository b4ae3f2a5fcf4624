"""What a comparison shows of a study on a panel: its ``run.json``, with the events."""

from __future__ import annotations

import numpy as np

from backtest.comparison.entries import Entry
from backtest.errors import NoEvents
from backtest.lookahead.guard import Passed
from backtest.model import Note
from backtest.model.panel import Panel, Universe
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_detection import sample_window_of
from backtest.panel.panel_run import PanelRun
from backtest.panel.panel_study import plan_on_panel
from backtest.panel.panel_summary import legs_json
from backtest.plan import Plan
from backtest.study.export.listing import dataset_json, lookahead_json
from backtest.untyped import Json

Events = list[dict[str, str]]
"""Each event's asset and day 0, in order of day 0 and then of the asset."""


def panel_entry(run: PanelRun, variant: Json | None) -> Entry:
    """Return the entry of a study that was run now; `variant` is what tells it from others of its strategy."""
    study = run.study
    return Entry(run.summary | {"events": events_of(study.panel, study.found)}, run, variant=variant)


def events_of(panel: Panel | Universe, found: PanelEvents) -> Events:
    """List the events of a study."""
    order = np.lexsort((found.asset, found.day0))
    days = panel.common.sessions[found.day0[order]].astype(str).tolist()
    names = [panel.assets[column] for column in found.asset[order].tolist()]
    return [{"asset": name, "day0": day} for name, day in zip(names, days, strict=True)]


def empty_panel_entry(plan: Plan, panel: Panel, error: NoEvents, variant: Json | None, *, allow: bool) -> Entry:
    """Return the entry of a study that found no event: what was asked, and that nothing was found.

    Parameters
    ----------
    plan : Plan
        The study.
    panel : Panel
        The panel of its dataset.
    error : NoEvents
        What was said when it was run; it becomes a note.
    variant : dict or None
        The settings that tell it from other studies of its strategy.
    allow : bool
        Whether it may look ahead, as when it was run.
    """
    whole, passed = plan_on_panel(plan, panel, allow_lookahead=allow)
    return Entry(_empty(whole, panel, passed, error), None, variant=variant)


def _empty(plan: Plan, panel: Panel, passed: Passed, error: NoEvents) -> Json:
    first, last = sample_window_of(panel, plan.strategy)
    sessions = panel.common.sessions
    return {
        "run_id": "",
        "strategy": plan.strategy.name,
        "title": plan.strategy.title,
        "dataset": dataset_json(plan.dataset),
        "parameters": plan.parameters,
        "legs": legs_json(plan, panel),
        "sample": {"first": str(sessions[first]), "last": str(sessions[last]), "sessions": last - first + 1},
        "lookahead": lookahead_json(passed.lookahead),
        "n_events": 0,
        "events": [],
        "panel": {"assets": len(panel), "by": {"date": {"n": 0}, "asset": {"n": 0}}},
        "horizons": [],
        "notes": [Note("no_events", "events", str(error)).to_json()],
    }
