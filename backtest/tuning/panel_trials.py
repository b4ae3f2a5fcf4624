"""The events of every parameter set on a panel; what sets share is detected and measured once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest.errors import ValueExcluded
from backtest.model import Ints, horizons_of
from backtest.model.panel import Panel
from backtest.panel.on_every_asset import EpisodesOnPanel, PanelEvents, date_on_panel
from backtest.panel.panel_detection import episodes_of_plan, sample_window_of
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_study import refuse_other_measure
from backtest.plan import Plan
from backtest.tuning.panel_base import PanelBase
from backtest.tuning.trials import ParameterSets, Skipped, parts_of, refuse_none_left
from backtest.untyped import Parameters


@dataclass(frozen=True, eq=False)
class PanelTrial:
    """One parameter set on a panel.

    Attributes
    ----------
    parameters : dict
        Dotted keys to values.
    asset, day0 : ndarray of shape (n_events,)
        Columns of the assets and session positions, in order of the assets and then of day 0.
    base : PanelBase
        What its events are compared with; the same object for sets that share it.
    forward : PanelForward
        What came next.
    """

    parameters: Parameters
    asset: Ints
    day0: Ints
    base: PanelBase
    forward: PanelForward
    cautions: tuple[str, ...] = ()

    @property
    def n_events(self) -> int:
        """How many events it has."""
        return len(self.day0)

    @property
    def key(self) -> tuple[int, bytes, bytes]:
        """The same for sets with the same events over the same asset-sessions."""
        return id(self.base), self.asset.tobytes(), self.day0.tobytes()


@dataclass(frozen=True, eq=False)
class PanelTrials:
    """The sets of a search in order, without those that are skipped, because rules exclude their values."""

    tried: list[PanelTrial]
    skipped: tuple[Skipped, ...]


def panel_trials(
    plan: Plan, panel: Panel, sets: Sequence[Mapping[str, Any]], tell: Callable[[int], None]
) -> PanelTrials:
    """Detect and measure the events of each set.

    Parameters
    ----------
    plan : Plan
        As `plan_on_panel` returns it.
    panel : Panel
        The assets.
    sets : sequence of mapping
        Dotted keys to values, one mapping per set.
    tell : callable
        Called with the number of sets whose events are known.

    Raises
    ------
    StudyRefused
        The sets differ in their horizons or in what is judged, or one measures something else than each asset.
    StrategyInvalid
        A key is unknown, a value is of the wrong type, or no set is left.
    """
    ParameterSets(plan).checked(sets)
    plans, skipped = dict[int, Plan](), dict[int, Skipped]()
    for at, parameters in enumerate(sets):
        try:
            plans[at] = plan.vary(parameters)
        except ValueExcluded as error:
            skipped[at] = Skipped(dict(parameters), error)
        else:
            refuse_other_measure(plans[at].strategy)
    bases: dict[tuple[str, bytes], PanelBase] = {}
    found: dict[int, tuple[PanelBase, Ints, Ints]] = {}
    detected: dict[str, EpisodesOnPanel] = {}  # of the last condition only: those of a whole panel are large
    for at in sorted(plans, key=lambda at: parts_of(sets[at]).condition):
        condition, _, rest = parts_of(sets[at])
        try:
            if condition not in detected:
                detected = {condition: episodes_of_plan(plans[at], panel)}
        except ValueExcluded as error:
            skipped[at] = Skipped(dict(sets[at]), error)
            continue
        with plans[at].errors_located():
            window = sample_window_of(panel, plans[at].strategy)
            events = date_on_panel(panel, detected[condition], plans[at].strategy.episodes, window)
            found[at] = _base_for(plans[at], panel, rest, events, bases), events.asset, events.day0
        tell(len(found))
    refuse_none_left(len(sets), skipped)
    forward: dict[int, PanelForward] = {}
    for base in bases.values():
        mine = [at for at, (of, _, _) in found.items() if of is base]
        forward |= dict(zip(mine, base.measured([found[at][1:] for at in mine]), strict=True))
    tried = [PanelTrial(dict(sets[at]), *found[at][1:], found[at][0], forward[at]) for at in sorted(found)]
    return PanelTrials(tried, tuple(skipped[at] for at in sorted(skipped)))


def _base_for(
    plan: Plan, panel: Panel, rest: str, events: PanelEvents, bases: dict[tuple[str, bytes], PanelBase]
) -> PanelBase:
    key = rest, np.packbits(events.eligible).tobytes()
    if key not in bases:
        horizons = horizons_of(plan.strategy.measure.horizons, panel.common.sessions_a_year)
        bases[key] = PanelBase(panel, plan.strategy, horizons, np.asarray(events.eligible, dtype=np.bool_))
    return bases[key]
