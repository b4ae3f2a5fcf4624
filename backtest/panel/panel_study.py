"""A study on a panel: its events, what came next, and whether it means anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backtest.errors import StudyRefused
from backtest.lookahead.guard import Passed, guard
from backtest.model import Dataset, horizons_of
from backtest.model.panel import OWN, Panel
from backtest.panel.asset_groups import with_groups
from backtest.panel.block_windows import windows_on
from backtest.panel.event_sums import in_passes, seen_on, sums_of_parts
from backtest.panel.listed_events import USE
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_abnormal import PanelAbnormal, abnormal_of_panel
from backtest.panel.panel_benchmark import Benchmark, benchmark_of
from backtest.panel.panel_detection import events_on_panel, no_events
from backtest.panel.panel_forward import PanelForward, measure_panel
from backtest.panel.panel_inference import PanelInference, infer_on_panel
from backtest.panel.panel_opinions import opinion_rows
from backtest.panel.panel_paths import PanelPaths, panel_paths
from backtest.panel.panel_rates import PanelRates
from backtest.panel.panel_result import PanelResult
from backtest.panel.panel_robustness import PanelRobustness, asked_of_rests, robustness_of
from backtest.panel.panel_windows import window_status
from backtest.panel.side_by_side import Of, PanelGroup, asked_groups, grouping_of, side_by_side
from backtest.plan import Plan
from backtest.spec.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class PanelStudy(PanelResult):
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

    scanned = False
    plan: Plan
    created: dt.datetime
    passed: Passed
    panel: Panel
    found: PanelEvents
    forward: PanelForward
    inference: PanelInference
    abnormal: PanelAbnormal | None = None

    @cached_property
    def status(self) -> NDArray[np.str_]:
        """The state of each event's window, of shape (n_events, n_horizons), as of `window_status`."""
        return window_status(self.panel.common, self.panel.spans[1], self.found, self.forward)

    @cached_property
    def paths(self) -> PanelPaths:
        """The average path around the events."""
        first, last = self.strategy.measure.window
        return panel_paths(self.panel, self.found, self._benchmark, (first, last))

    @property
    def _benchmark(self) -> Benchmark | None:
        return benchmark_of(self.panel, self.strategy.measure.benchmark)

    def groups(self, of: Of = "event") -> tuple[PanelGroup, ...]:
        """Return each group as a study; arguments and errors as of `by_group`."""
        case, days = (self.found, self.forward), self.found.day0
        asked = asked_groups(self.panel.universe, *case, seen_on(self.found.eligible), of)
        groups = list[PanelGroup]()
        for parts in in_passes(asked.parts, days):
            every = sums_of_parts(self.panel, *case, self._benchmark, list(parts.values()))
            groups += [asked.group(key, *case, self._rates, sums) for key, sums in zip(parts, every, strict=True)]
        return side_by_side(groups, of)

    @property
    def opinions(self) -> pd.DataFrame:
        """One row per horizon and classical test: its statistic and p, or why there is none, and what it assumes."""
        import pandas as pd

        return pd.DataFrame(opinion_rows(self.forward, self.inference))

    @cached_property
    def robustness(self) -> PanelRobustness:
        """What the finding rests on; it is computed when it is first asked for, and takes as long as the study."""
        universe, case = self.panel.universe, (self.found, self.forward)
        asked = asked_of_rests(universe, *case)
        every = sums_of_parts(self.panel, *case, self._benchmark, list(asked.parts.values()))
        sums = dict(zip(asked.parts, every, strict=True))
        return robustness_of(asked, universe, *case, self.inference, self._rates, sums)

    @cached_property
    def _rates(self) -> PanelRates:
        """Sums over all asset-sessions, and over those of each group of assets."""
        windows, groups = windows_on(self.panel.common, self.forward.horizons), grouping_of(self.panel, self.found)
        shape = len(self.panel.common), len(self.panel), len(windows)
        rates = PanelRates.none(shape, self.forward.weight, len(groups.names))
        rates.add_assets(self.panel, self.found.eligible, windows, self._benchmark, groups)
        return rates


def study_panel(
    strategy: Any,  # noqa: ANN401  a strategy, or a DataFrame of any library that narwhals knows
    panel: Panel,
    *,
    events: Any = None,  # noqa: ANN401  a DataFrame
    allow_lookahead: bool = False,
    **tables: Mapping[str, Any],
) -> PanelStudy:
    """Run a strategy on every asset of a panel, or study a list of events.

    Parameters
    ----------
    strategy : Strategy, or list of events
        A list is as `events`, and `tables` are its study. A strategy's detectors read the asset as ``"close"``;
        ``measure.asset`` must be ``"close"``, and ``measure.benchmark``, if there is one, a common series, ``"rest"``
        (the equal-weighted other assets) or ``"group"`` (the equal-weighted other assets of the same group). Entry is
        the close of day 0. ``study.weight = "date"`` counts every event date once, shared by its events.
    panel : Panel
        The assets.
    events : DataFrame or Path, optional
        Events with their assets, dates and, if known, times of day and groups, in place of the file of the strategy's
        detector ``dates``.
    allow_lookahead : bool
        Run your own detector even if it looks ahead.
    **tables
        With a list of events: ``measure``, ``episodes``, ``study`` as in a strategy file, and ``detector`` for the keys
        of ``dates``, such as ``offset``. Without a benchmark in ``measure``, there is none.

    Raises
    ------
    StudyRefused
        The strategy measures something else than the asset itself, or the list cannot be read.
    LooksAhead
        A detector looks ahead, as sampled on the asset with most closes, and this is not allowed.
    NoEvents
        The detector found nothing.
    """
    if not isinstance(panel, Panel):
        raise TypeError(f"study_panel: a {type(panel).__name__} is no Panel: a stored one gives its assets by .read().")
    if not isinstance(strategy, Strategy):
        if events is not None:
            raise TypeError("study_panel: events stand in for the file of a strategy; the first argument is none.")
        return study_panel(_of_list(tables), panel, events=strategy, allow_lookahead=allow_lookahead)
    if tables:
        raise TypeError(f"study_panel: {next(iter(tables))} is for a list of events; a strategy has its own tables.")
    data = Dataset("panel", "panel", panel.simulated, "", panel.prices(0))
    return run_on_panel(Plan(strategy, data), panel, events=events, allow_lookahead=allow_lookahead)


def _of_list(tables: Mapping[str, Mapping[str, Any]]) -> Strategy:
    """Return the strategy of a list of events."""
    measure = {"asset": OWN, "benchmark": "", **tables.get("measure", {})}
    detector = {"use": USE, **tables.get("detector", {})}
    others = {name: table for name, table in tables.items() if name not in ("measure", "detector")}
    return Strategy.of(detector, name="events", title="", **{**others, "measure": measure})


def run_on_panel(
    plan: Plan,
    panel: Panel,
    *,
    events: Any = None,  # noqa: ANN401  a DataFrame
    allow_lookahead: bool = False,
) -> PanelStudy:
    """Run a plan on every asset of a panel; as `study_panel`, with the plan's dataset in what it says."""
    plan, passed = plan_on_panel(plan, panel, allow_lookahead=allow_lookahead)
    panel = with_groups(panel, plan.strategy)
    measure = plan.strategy.measure
    events = events_on_panel(plan, panel, events)
    if not len(events):
        raise no_events(plan, panel, events)
    with plan.errors_located():
        benchmark = benchmark_of(panel, measure.benchmark)
    horizons = horizons_of(measure.horizons, panel.common.sessions_a_year)
    rules = plan.strategy.study
    abnormal = None if rules is None or rules.model is None else abnormal_of_panel(panel, events, plan.strategy)
    forward = measure_panel(panel, events, horizons, benchmark, "event" if rules is None else rules.weight)
    return PanelStudy(
        plan=plan,
        created=dt.datetime.now(dt.UTC).replace(microsecond=0),
        passed=passed,
        panel=panel,
        found=events,
        forward=forward,
        inference=infer_on_panel(panel, events, forward, benchmark),
        abnormal=abnormal,
    )


def plan_on_panel(plan: Plan, panel: Panel, *, allow_lookahead: bool = False) -> tuple[Plan, Passed]:
    """Return a plan whose data hold one asset of the panel, the one with most closes, after the look-ahead guard.

    Raises
    ------
    StudyRefused
        The strategy measures something else than the asset itself.
    LooksAhead
        A detector looks ahead on that asset, and this is not allowed.
    """
    refuse_other_measure(plan.strategy)
    longest = int(np.isfinite(panel.close).sum(axis=0).argmax())
    simulated = panel.simulated or plan.dataset.synthetic
    data = replace(plan.dataset, prices=panel.prices(longest), synthetic=simulated, reference=None)
    whole = plan.on(data)
    return whole, guard(whole, allow=allow_lookahead)


def refuse_other_measure(strategy: Strategy) -> None:
    """Refuse a strategy that measures something else than each asset itself, from the close of day 0.

    Raises
    ------
    StudyRefused
        The message says what to write.
    """
    if strategy.measure.assets != (OWN,) or strategy.measure.entry != "close":
        raise StudyRefused(
            f"{strategy.place}: on a panel each asset is measured itself, from the close of day 0.",
            f'Write asset = "{OWN}" and entry = "close" in [measure]; benchmark is a common series, "rest" or "group".',
        )
