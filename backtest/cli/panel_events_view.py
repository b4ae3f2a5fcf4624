"""``backtest events`` of a strategy on a panel: each asset and day 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from backtest.cli.console import print_table, print_text
from backtest.format import plural
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.panel.panel_run import PanelDetection
    from backtest.plan import Plan


def list_panel_events(plan: Plan, *, allow_lookahead: bool, as_json: bool) -> Json:
    """Detect on every asset of a panel, print the events unless JSON is asked for, and return them as JSON."""
    from backtest.panel.panel_run import detect_plan

    found = detect_plan(plan, allow_lookahead=allow_lookahead)
    content = _content(found)
    if not as_json:
        _print(found, content)
    return content


def _content(found: PanelDetection) -> Json:
    """Return the events in order of day 0 and then of the asset."""
    from backtest.study.export.listing import dataset_json, lookahead_json

    plan, panel, events = found.plan, found.panel, found.events
    sessions, (first, last) = panel.common.sessions, found.window
    order = np.lexsort((events.asset, events.day0))
    day0, knowable = (sessions[at[order]].astype(str).tolist() for at in (events.day0, events.knowable))
    names = [panel.assets[column] for column in events.asset[order].tolist()]
    return {
        "schema": 1,
        "strategy": plan.strategy.name,
        "dataset": dataset_json(plan.dataset),
        "parameters": plan.parameters,
        "lookahead": lookahead_json(found.passed.lookahead),
        "notes": [note.to_json() for note in (*plan.notes, *found.passed.notes)],
        "sample": {"first": str(sessions[first]), "last": str(sessions[last])},
        "n_events": len(events),
        "n_assets": len(np.unique(events.asset)),
        "n_dates": len(np.unique(events.day0)),
        "assets": len(panel),
        "events": [
            {"asset": name, "day0": day, "knowable": known}
            for name, day, known in zip(names, day0, knowable, strict=True)
        ],
    }


def _print(found: PanelDetection, content: Json) -> None:
    from backtest.cli.study_view import SIMULATED, print_lookahead, print_notes

    plan = found.plan
    print_text(plan.strategy.title, bold=True)
    first, last = content["sample"].values()
    of = f"{content['n_assets']:,} of {plural(content['assets'], 'asset')}"
    print_text(f"{plan.dataset.title} ({plan.dataset.name}), {first} to {last}")
    print_text(f"{plural(content['n_events'], 'event')} on {of}, on {plural(content['n_dates'], 'date')}")
    if plan.dataset.synthetic:
        print_text(SIMULATED, bold=True)
    print_lookahead(content["lookahead"])
    print_notes(content["notes"])
    rows = [(row["day0"], row["asset"], row["knowable"]) for row in content["events"]]
    print_table(("day 0", "asset", "known at the close of"), rows, left=(0, 1, 2))
