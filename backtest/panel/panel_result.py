"""What a study on a panel found, whether the panel is held in memory or read block by block."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from backtest.format import plural
from backtest.lookahead.guard import Passed
from backtest.model.panel import Panel, Universe
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_abnormal import PanelAbnormal
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_frames import events_frame, horizons_frame
from backtest.panel.panel_inference import PanelInference
from backtest.panel.panel_paths import PanelPaths
from backtest.panel.panel_robustness import PanelRobustness
from backtest.panel.row_outcomes import groups_of_events, listed_frame
from backtest.panel.side_by_side import Of, PanelGroup, labels_of, names_of
from backtest.plan import Plan
from backtest.spec.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

NO_VERDICT = "a scan without a verdict has no average path, no groups side by side and no record."
ASK_FOR_IT = "Ask for it: verdict=True."


class PanelResult(ABC):
    """What the record of a study on a panel is made from.

    Attributes
    ----------
    plan : Plan
        What was asked; its dataset holds the common series and, as ``"close"``, one asset.
    created : datetime
        The time of the study, in UTC.
    passed : Passed
        What the look-ahead guard found.
    panel : Panel or Universe
        The assets.
    found : PanelEvents
        The events.
    forward : PanelForward
        What came next, and the base rate.
    inference : PanelInference or None
        By horizon; None where no verdict was asked for, and then there is no record.
    abnormal : PanelAbnormal or None
        Abnormal returns and the classical tests; None where the strategy names no model in ``[study]``.
    """

    scanned: ClassVar[bool]
    """Whether the panel was read block by block; the record says so, as sums then differ by rounding."""
    plan: Plan
    created: dt.datetime
    passed: Passed
    panel: Panel | Universe
    found: PanelEvents
    forward: PanelForward
    inference: PanelInference | None
    abnormal: PanelAbnormal | None

    @property
    @abstractmethod
    def status(self) -> NDArray[np.str_]:
        """The state of each event's window, of shape (n_events, n_horizons), as of `window_status`."""

    @property
    @abstractmethod
    def paths(self) -> PanelPaths:
        """The average path around the events."""

    @property
    @abstractmethod
    def robustness(self) -> PanelRobustness | None:
        """What the finding rests on; None where no verdict was asked for."""

    @abstractmethod
    def groups(self, of: Of = "event") -> tuple[PanelGroup, ...]:
        """Return each group as a study; arguments and errors as of `by_group`."""

    def group_names(self, of: Of) -> tuple[str, ...]:
        """Return the groups that events are in, in order, by their list or by their assets."""
        return names_of(labels_of(self.panel, self.found, of))

    def by_group(self, of: Of = "event") -> pd.DataFrame:
        """Set groups side by side: the columns of `horizons`, one row per group and horizon.

        The adjusted p count all horizons of all groups. Events without a group are in none.

        Parameters
        ----------
        of : {"event", "asset"}
            The groups of the list, each against the base rate of the study; or the groups of the panel's assets, each
            against the base rate of its own assets.

        Raises
        ------
        StudyRefused
            There are no such groups, or more than 50; or a scan was asked for no verdict.
        """
        import pandas as pd

        groups = self.groups(of)
        frames = [horizons_frame(group.forward, group.inference) for group in groups]
        return pd.concat(frames, keys=[group.label for group in groups], names=["group"]).reset_index(level="group")

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
        rate are those of the event dates' mean spreads. Without a verdict, no intervals, no ``mde`` and no p.
        """
        return horizons_frame(self.forward, self.inference)

    def __repr__(self) -> str:
        assets, dates = len(np.unique(self.found.asset)), len(np.unique(self.found.day0))
        label = "SIMULATED DATA, " if self.panel.simulated else ""
        return (
            f"{type(self).__name__}({label}{self.strategy.name}: {plural(len(self.found), 'event')} on {assets:,} "
            f"of {plural(len(self.panel), 'asset')}, {plural(dates, 'date')})"
        )
