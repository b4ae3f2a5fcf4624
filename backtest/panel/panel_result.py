"""The result of a study on a panel: its events, what came next, and whether it means anything."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backtest.lookahead.guard import Passed
from backtest.model.panel import Panel
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_abnormal import PanelAbnormal
from backtest.panel.panel_benchmark import benchmark_of
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_frames import events_frame, horizons_frame
from backtest.panel.panel_inference import PanelInference
from backtest.panel.panel_opinions import opinion_rows
from backtest.panel.panel_robustness import PanelRobustness, robustness_on_panel
from backtest.panel.row_outcomes import groups_of_events, listed_frame
from backtest.plan import Plan
from backtest.spec.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class PanelStudy:
    """What a detector found on the assets of a panel, and what came next.

    Attributes
    ----------
    plan : Plan
        What was asked; its dataset holds the common series and, as ``"close"``, the asset with most closes.
    created : datetime
        The time of the study, in UTC.
    passed : Passed
        What the look-ahead guard found.
    panel : Panel
        The assets.
    found : PanelEvents
        The events.
    forward : PanelForward
        What came next, and the base rate.
    inference : PanelInference
        By horizon.
    abnormal : PanelAbnormal or None
        Abnormal returns and the classical tests; None where the strategy names no model in ``[study]``.
    """

    plan: Plan
    created: dt.datetime
    passed: Passed
    panel: Panel
    found: PanelEvents
    forward: PanelForward
    inference: PanelInference
    abnormal: PanelAbnormal | None = None

    @property
    def strategy(self) -> Strategy:
        """What was asked, with its overrides."""
        return self.plan.strategy

    @property
    def events(self) -> pd.DataFrame:
        """One row per event: asset, day 0, and its spread at every horizon as a fraction; missing if not complete.

        Events of a list with groups have a column `group`.
        """
        frame = events_frame(self.panel.assets, self.panel.common.sessions, self.found, self.forward)
        if any(one.listed.group is not None for one in self.found.origin.lists.values()):
            frame.insert(2, "group", groups_of_events(self.found))
        return frame

    @property
    def listed(self) -> pd.DataFrame:
        """One row per row of a list of events: line, asset, date, group, session, and what became of it.

        The outcome is ``"event"``, or why the row is none: ``"unknown_asset"``, ``"outside_history"``,
        ``"no_session"``, ``"closed_unforeseen"``, ``"merged"``, ``"outside_life"``, ``"not_a_member"``,
        ``"outside_sample"``, ``"cooldown"``, ``"no_end"``, or ``"other_conditions"`` where the list is one condition of
        several.
        """
        return listed_frame(self.panel, self.found)

    @property
    def horizons(self) -> pd.DataFrame:
        """One row per horizon: events, their spread, the base rate, the excess, its interval, own and adjusted p.

        ``mde`` is the smallest effect that 80% of such studies would find. Weighted by date, the mean, median and hit
        rate are those of the event dates' mean spreads.
        """
        return horizons_frame(self.forward, self.inference)

    @property
    def opinions(self) -> pd.DataFrame:
        """One row per horizon and classical test: its statistic and p, or why there is none, and what it assumes."""
        import pandas as pd

        return pd.DataFrame(opinion_rows(self.forward, self.inference))

    @cached_property
    def robustness(self) -> PanelRobustness:
        """What the finding rests on; it is computed when it is first asked for, and takes longer than the study."""
        benchmark = benchmark_of(self.panel, self.strategy.measure.benchmark)
        return robustness_on_panel(self.panel, self.found, self.forward, benchmark)

    def __repr__(self) -> str:
        assets, dates = len(np.unique(self.found.asset)), len(np.unique(self.found.day0))
        label = "SIMULATED DATA, " if self.panel.simulated else ""
        return (
            f"PanelStudy({label}{self.strategy.name}: {len(self.found):,} events on {assets:,} of "
            f"{len(self.panel):,} assets, {dates:,} dates)"
        )
