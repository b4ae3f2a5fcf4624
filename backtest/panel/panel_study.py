"""A study on a panel: its events, what came next, and whether it means anything."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from backtest.errors import NoEvents, StudyRefused
from backtest.lookahead.guard import Passed, guard
from backtest.model import Dataset, horizons_of
from backtest.model.panel import OWN, Panel
from backtest.model.rounding import are_hits
from backtest.panel.on_every_asset import PanelEvents, detect_on_panel
from backtest.panel.panel_benchmark import benchmark_of
from backtest.panel.panel_forward import PanelForward, measure_panel
from backtest.panel.panel_inference import PanelInference, infer_on_panel
from backtest.panel.panel_opinions import opinion_rows
from backtest.panel.panel_robustness import PanelRobustness, robustness_on_panel
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
    """

    plan: Plan
    created: dt.datetime
    passed: Passed
    panel: Panel
    found: PanelEvents
    forward: PanelForward
    inference: PanelInference

    @property
    def strategy(self) -> Strategy:
        """What was asked, with its overrides."""
        return self.plan.strategy

    @property
    def events(self) -> pd.DataFrame:
        """One row per event: asset, day 0, and its spread at every horizon as a fraction; missing if not complete."""
        import pandas as pd

        frame = pd.DataFrame(
            {
                "asset": np.array(self.panel.assets, dtype=object)[self.found.asset],
                "day0": self.panel.common.sessions[self.found.day0].astype("datetime64[s]"),
            }
        )
        for column, horizon in enumerate(self.forward.horizons):
            frame[f"spread_{horizon.label}"] = self.forward.spread[:, column]
        return frame

    @property
    def horizons(self) -> pd.DataFrame:
        """One row per horizon: events, their spread, the base rate, the excess, its interval, own and adjusted p.

        ``mde`` is the smallest effect that 80% of such studies would find. Weighted by date, the mean, median and hit
        rate are those of the event dates' mean spreads.
        """
        import pandas as pd

        complete = [self.forward.values(column) for column in range(len(self.forward.horizons))]
        return pd.DataFrame(
            {
                "horizon": [one.label for one in self.forward.horizons],
                "n": self.forward.n,
                "mean": self.forward.mean,
                "median": [np.median(values) if len(values) else np.nan for values in complete],
                "hit_rate": [are_hits(values).mean() if len(values) else np.nan for values in complete],
                "base_mean": self.forward.base,
                "excess": self.forward.mean - self.forward.base,
                "ci_low": self.inference.low,
                "ci_high": self.inference.high,
                "mde": self.inference.detectable,
                "p_value": self.inference.p_value,
                "p_adjusted": self.inference.p_adjusted,
            }
        )

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


def study_panel(strategy: Strategy, panel: Panel, *, allow_lookahead: bool = False) -> PanelStudy:
    """Run a strategy on every asset of a panel.

    Parameters
    ----------
    strategy : Strategy
        Its detectors read the asset as ``"close"``; ``measure.asset`` must be ``"close"``, and ``measure.benchmark``,
        if there is one, a common series, ``"rest"`` (the equal-weighted other assets) or ``"group"`` (the
        equal-weighted other assets of the same group). Entry is the close of day 0. ``study.weight = "date"`` counts
        every event date once, shared by its events.
    panel : Panel
        The assets.
    allow_lookahead : bool
        Run your own detector even if it looks ahead.

    Raises
    ------
    StudyRefused
        The strategy measures something else than the asset itself.
    LooksAhead
        A detector looks ahead, as sampled on the asset with most closes, and this is not allowed.
    NoEvents
        The detector found nothing.
    """
    data = Dataset("panel", "panel", panel.simulated, "", panel.common)
    return run_on_panel(Plan(strategy, data), panel, allow_lookahead=allow_lookahead)


def run_on_panel(plan: Plan, panel: Panel, *, allow_lookahead: bool = False) -> PanelStudy:
    """Run a plan on every asset of a panel; as `study_panel`, with the plan's dataset in what it says."""
    plan, passed = plan_on_panel(plan, panel, allow_lookahead=allow_lookahead)
    measure = plan.strategy.measure
    events = events_on_panel(plan, panel)
    if not len(events):
        raise NoEvents(f"{plan.strategy.place}: no event on {len(panel):,} assets.", "Loosen the detector's threshold.")
    with plan.errors_located():
        benchmark = benchmark_of(panel, measure.benchmark)
    horizons = horizons_of(measure.horizons, panel.common.sessions_a_year)
    weight = plan.strategy.study.weight if plan.strategy.study is not None else "event"
    forward = measure_panel(panel, events, horizons, benchmark, weight)
    return PanelStudy(
        plan=plan,
        created=dt.datetime.now(dt.UTC).replace(microsecond=0),
        passed=passed,
        panel=panel,
        found=events,
        forward=forward,
        inference=infer_on_panel(panel, events, forward, benchmark),
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


def events_on_panel(plan: Plan, panel: Panel) -> PanelEvents:
    """Detect on every asset, within the sample window of the plan."""
    window = sample_window_of(panel, plan.strategy)
    with plan.errors_located():
        return detect_on_panel(panel, plan.recipe, plan.strategy.episodes, window)


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
