"""The events of a plan on a panel: detected on every asset, or listed, within the sample window."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from backtest.detect.event_pairs import table_of
from backtest.detect.tree import Single
from backtest.errors import NoEvents, StudyRefused
from backtest.format import plural
from backtest.model.accounts import reason_in_words
from backtest.model.panel import Panel, Universe
from backtest.panel.listed_events import lists_on_panel
from backtest.panel.on_every_asset import EpisodesOnPanel, PanelEvents, date_on_panel, episodes_on_panel
from backtest.plan import Plan
from backtest.spec.strategy import Strategy


def events_on_panel(plan: Plan, panel: Panel, events: Any = None) -> PanelEvents:  # noqa: ANN401  a DataFrame or path
    """Detect on every asset, within the sample window of the plan; `events` as of `study_panel`."""
    window = sample_window_of(panel, plan.strategy)
    found = date_on_panel(panel, episodes_of_plan(plan, panel, events), plan.strategy.episodes, window)
    with plan.errors_located():
        origin = found.origin.accounted(panel.universe, listed=isinstance(plan.recipe, Single))
    return replace(found, origin=origin)


def episodes_of_plan(plan: Plan, panel: Panel, events: Any = None) -> EpisodesOnPanel:  # noqa: ANN401  as above
    """Detect on every asset what `events_on_panel` then dates."""
    with plan.errors_located():
        lists = lists_on_panel(panel.universe, plan.recipe, None if events is None else table_of(events))
        return episodes_on_panel(panel, plan.recipe, lists)


def no_events(plan: Plan, panel: Panel | Universe, events: PanelEvents) -> NoEvents:
    """Say why a study has no event: of a list, what became of its rows."""
    none = f"{plan.strategy.place}: no event on {plural(len(panel), 'asset')}."
    if not events.origin.lists:
        return NoEvents(none, "Loosen the detector's threshold.")
    out = [
        (reason_in_words(one.reason), len(one.dates)) for account in events.origin.accounts for one in account.excluded
    ]
    left = "; ".join(f"{n:,} {reason}" for reason, n in out)
    return NoEvents(f"{none} Rows: {left or 'none meets the other conditions'}.", "Correct the list.")


def sample_window_of(panel: Panel | Universe, strategy: Strategy) -> tuple[int, int]:
    """Return the first and the last session position of ``since`` and ``until``.

    Raises
    ------
    StudyRefused
        No session lies between them.
    """
    sessions, rules = panel.common.sessions, strategy.episodes
    first, last = 0, len(sessions) - 1
    if rules.since is not None:
        first = int(np.searchsorted(sessions, np.datetime64(rules.since, "D")))
    if rules.until is not None:
        last = int(np.searchsorted(sessions, np.datetime64(rules.until, "D"), side="right")) - 1
    if first > last:
        raise StudyRefused(f"{strategy.place}: the sample window holds no session of the panel.")
    return first, last
