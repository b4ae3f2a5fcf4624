"""Detect the events of a plan on a panel, after the look-ahead guard and within the sample window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backtest.detect.event_pairs import table_of
from backtest.errors import StudyRefused
from backtest.lookahead.guard import Passed, guard
from backtest.model.panel import OWN, Panel
from backtest.panel.listed_events import lists_on_panel
from backtest.panel.on_every_asset import PanelEvents, detect_on_panel
from backtest.plan import Plan
from backtest.spec.strategy import Strategy

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, eq=False)
class PanelDetection:
    """What a plan found on a panel.

    Attributes
    ----------
    plan : Plan
        On data that hold one asset of the panel.
    panel : Panel
        The assets.
    passed : Passed
        What the look-ahead guard found.
    window : (int, int)
        First and last session position of the sample window.
    events : PanelEvents
        The events.
    """

    plan: Plan
    panel: Panel
    passed: Passed
    window: tuple[int, int]
    events: PanelEvents


def detect_plan_on_panel(
    plan: Plan,
    panel: Panel,
    events: Any = None,  # noqa: ANN401  a DataFrame
    *,
    allow_lookahead: bool = False,
) -> PanelDetection:
    """Detect on every asset of a panel, within the sample window of a plan; `events` as of `study_panel`.

    Raises
    ------
    StudyRefused
        The strategy measures something else than the asset itself, or the sample window holds no session.
    LooksAhead
        A detector looks ahead, and this is not allowed.
    """
    plan, passed = plan_on_panel(plan, panel, allow_lookahead=allow_lookahead)
    window = sample_window_of(panel, plan.strategy)
    return PanelDetection(plan, panel, passed, window, events_on_panel(plan, panel, events))


def plan_on_panel(plan: Plan, panel: Panel, *, allow_lookahead: bool = False) -> tuple[Plan, Passed]:
    """Return a plan whose data hold one asset of the panel, the one with most closes, after the look-ahead guard.

    Raises
    ------
    StudyRefused
        The strategy measures something else than the asset itself.
    LooksAhead
        A detector looks ahead on that asset, and this is not allowed.
    """
    measure = plan.strategy.measure
    if measure.assets != (OWN,) or measure.entry != "close":
        raise StudyRefused(
            f"{plan.strategy.place}: on a panel each asset is measured itself, from the close of day 0.",
            f'Write asset = "{OWN}" and entry = "close" in [measure]; benchmark is a common series, "rest" or "group".',
        )
    longest = int(np.isfinite(panel.close).sum(axis=0).argmax())
    simulated = panel.simulated or plan.dataset.synthetic
    data = replace(plan.dataset, prices=panel.prices(longest), synthetic=simulated, reference=None)
    whole = plan.on(data)
    return whole, guard(whole, allow=allow_lookahead)


def events_on_panel(plan: Plan, panel: Panel, events: Any = None) -> PanelEvents:  # noqa: ANN401  a DataFrame or path
    """Detect on every asset, within the sample window of the plan; `events` as of `study_panel`."""
    window = sample_window_of(panel, plan.strategy)
    with plan.errors_located():
        lists = lists_on_panel(panel, plan.recipe, None if events is None else table_of(events))
        return detect_on_panel(panel, plan.recipe, plan.strategy.episodes, window, lists)


def sample_window_of(panel: Panel, strategy: Strategy) -> tuple[int, int]:
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
