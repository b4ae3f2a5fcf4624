"""A study on a panel: its events, what came next, and whether it means anything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from backtest.errors import NoEvents
from backtest.model import Dataset, horizons_of
from backtest.model.accounts import reason_in_words
from backtest.model.panel import OWN, Panel
from backtest.panel.listed_events import USE
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_abnormal import abnormal_of_panel
from backtest.panel.panel_benchmark import benchmark_of
from backtest.panel.panel_detection import detect_plan_on_panel
from backtest.panel.panel_forward import measure_panel
from backtest.panel.panel_inference import infer_on_panel
from backtest.panel.panel_result import PanelStudy
from backtest.plan import Plan
from backtest.spec.strategy import Strategy


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
    if not isinstance(strategy, Strategy):
        return study_panel(_of_list(tables), panel, events=strategy if events is None else events)
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
    found = detect_plan_on_panel(plan, panel, events, allow_lookahead=allow_lookahead)
    plan, measure = found.plan, found.plan.strategy.measure
    events = found.events
    if not len(events):
        raise _no_events(plan, panel, events)
    with plan.errors_located():
        benchmark = benchmark_of(panel, measure.benchmark)
    horizons = horizons_of(measure.horizons, panel.common.sessions_a_year)
    rules = plan.strategy.study
    abnormal = None if rules is None or rules.model is None else abnormal_of_panel(panel, events, plan.strategy)
    forward = measure_panel(panel, events, horizons, benchmark, "event" if rules is None else rules.weight)
    return PanelStudy(
        plan=plan,
        created=dt.datetime.now(dt.UTC).replace(microsecond=0),
        passed=found.passed,
        panel=panel,
        found=events,
        forward=forward,
        inference=infer_on_panel(panel, events, forward, benchmark),
        abnormal=abnormal,
    )


def _no_events(plan: Plan, panel: Panel, events: PanelEvents) -> NoEvents:
    none = f"{plan.strategy.place}: no event on {len(panel):,} assets."
    if not events.origin.lists:
        return NoEvents(none, "Loosen the detector's threshold.")
    out = [
        (reason_in_words(one.reason), len(one.dates)) for account in events.origin.accounts for one in account.excluded
    ]
    left = "; ".join(f"{n:,} {reason}" for reason, n in out)
    return NoEvents(f"{none} Rows: {left or 'none meets the other conditions'}.", "Correct the list.")
