"""A study on a panel that need not fit into memory: its blocks are read and scanned by workers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest.detect.event_pairs import table_of
from backtest.detect.tree import Recipe, Single, singles
from backtest.errors import StudyRefused
from backtest.execution.choose import executor_of
from backtest.execution.executor import Executor, in_order
from backtest.lookahead.guard import Passed
from backtest.model import Dataset, Ints, horizons_of
from backtest.model.panel import Panel, Universe
from backtest.model.panel_source import PanelBlock, PanelSource
from backtest.panel.asset_groups import with_groups
from backtest.panel.base_rates import BaseRates
from backtest.panel.listed_events import lists_on_panel
from backtest.panel.on_every_asset import PanelEvents, joined_events
from backtest.panel.panel_benchmark import GroupSums, groups_compared
from backtest.panel.panel_detection import no_events, sample_window_of
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import PanelInference
from backtest.panel.panel_paths import PanelPaths
from backtest.panel.panel_result import ASK_FOR_IT, NO_VERDICT, PanelResult
from backtest.panel.panel_robustness import PanelRobustness
from backtest.panel.panel_study import plan_on_panel
from backtest.panel.panel_windows import window_status
from backtest.panel.scan_blocks import BlockTask, pieces_of, refuse_model, scan_blocks, sum_groups
from backtest.panel.scan_shifts import shift_blocks
from backtest.panel.scan_verdict import Judged, Verdict
from backtest.panel.side_by_side import Of, PanelGroup, refuse_groups
from backtest.plan import Plan
from backtest.spec.strategy import Strategy

SCAN_ROWS, SHIFT_ROWS = 16_000_000, 4_000_000
"""Closes of a piece of work: about a second each, with built-in detectors."""
OWN_ROWS = 1_000_000
"""Closes of a piece with a user's own detector, which takes a third of a second in pandas, or many in plain Python."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False, repr=False)
class PanelScan(PanelResult):
    """What a detector found on the assets of a panel that is read in blocks, and what came next.

    Attributes
    ----------
    plan, created, passed, found, forward, inference, abnormal
        As of `PanelResult`. The eligible asset-sessions of `found` have one column, how many assets are on each
        session. There are no abnormal returns.
    panel : Universe
        The assets, without their values.
    last : ndarray of shape (n_assets,)
        Session position of each asset's last close; -1 without any.
    judged : Judged or None
        What moving the events gave; None where no verdict was asked for.
    """

    scanned = True
    plan: Plan
    created: dt.datetime
    passed: Passed
    panel: Universe
    found: PanelEvents
    forward: PanelForward
    inference: PanelInference | None
    last: Ints
    judged: Judged | None
    abnormal: None = None

    @cached_property
    def status(self) -> NDArray[np.str_]:
        """The state of each event's window, of shape (n_events, n_horizons), as of `window_status`."""
        return window_status(self.panel.common, self.last, self.found, self.forward)

    @property
    def robustness(self) -> PanelRobustness | None:
        """What the finding rests on; None where no verdict was asked for."""
        return None if self.judged is None else self.judged.robustness

    def groups(self, of: Of = "event") -> tuple[PanelGroup, ...]:
        """Return each group as a study; arguments and errors as of `by_group`."""
        refuse_groups(self.group_names(of), of)
        return self._verdict.groups[of]

    @property
    def paths(self) -> PanelPaths:
        """The average path around the events.

        Raises
        ------
        StudyRefused
            The scan was asked for no verdict.
        """
        return self._verdict.path

    @property
    def _verdict(self) -> Judged:
        if self.judged is None:
            raise StudyRefused(f"{self.strategy.place}: {NO_VERDICT}", ASK_FOR_IT)
        return self.judged


def scan_panel(
    strategy: Strategy,
    source: PanelSource | None,
    *,
    events: Any = None,  # noqa: ANN401  a DataFrame
    workers: int | None = None,
    cluster: str | None = None,
    verdict: bool = True,
    allow_lookahead: bool = False,
    progress: Progress | None = None,
) -> PanelScan:
    """Run a strategy on every asset of a panel, reading one block of assets after another.

    The numbers are those of `study_panel` on the whole panel, but for rounding, and the same bytes whatever the number
    of workers and whoever they are.

    Parameters
    ----------
    strategy : Strategy
        As of `study_panel`.
    source : PanelSource
        ``load_dataset(folder).panel``; a dataset without a panel has none, which is refused.
    events : DataFrame or Path, optional
        A list of events, as of `study_panel`.
    workers : int, optional
        Processes of this machine; by default one per core.
    cluster : str, optional
        The address of a Dask scheduler instead, as ``tcp://10.0.0.1:8786``: its workers read the blocks themselves, so
        the dataset's folder must have the same path there. Needs the extra ``scale``.
    verdict : bool
        Move the events by every shift, too, and ask what the finding rests on, which reads all blocks once more; and
        again for every gigabyte that large groups of events take.
    allow_lookahead : bool
        Run your own detector even if it looks ahead.
    progress : callable, optional
        Called with the number of finished pieces of work and of all pieces.

    Raises
    ------
    StudyRefused
        The strategy measures something else than the asset itself, or abnormal returns; or there is no panel.
    LooksAhead
        A detector looks ahead, as sampled on the asset of the first block with most closes, and this is not allowed.
    NoEvents
        The detector found nothing.
    ExecutionRefused
        Workers were lost again and again, or the cluster cannot be used.
    """
    if isinstance(source, Panel):
        raise TypeError("scan_panel: a Panel is in memory, where study_panel studies it; a scan reads a stored one.")
    if source is None or not source.blocks:
        raise StudyRefused(
            f"{strategy.place}: the dataset has no panel to scan.", "Name one that has, as sample-panel."
        )
    sample = source.read_block(source.blocks[0], source.fields)
    plan = Plan(strategy, Dataset("panel", "panel", sample.simulated, "", sample.prices(0)))
    asked = {"events": events, "verdict": verdict, "allow_lookahead": allow_lookahead, "progress": progress}
    return scan_plan(plan, source, sample, workers=workers, cluster=cluster, **asked)


def scan_plan(
    plan: Plan,
    source: PanelSource,
    sample: Panel | None = None,
    *,
    events: Any = None,  # noqa: ANN401  a DataFrame
    workers: int | None = None,
    cluster: str | None = None,
    verdict: bool = True,
    allow_lookahead: bool = False,
    progress: Progress | None = None,
) -> PanelScan:
    """Scan the panel of a plan's dataset; as `scan_panel`, with the plan's dataset in what it says.

    Parameters
    ----------
    plan : Plan
        What is asked.
    source : PanelSource
        The panel; it has blocks.
    sample : Panel, optional
        Its first block, if it was read.
    events, workers, cluster, verdict, allow_lookahead, progress
        As of `scan_panel`.
    """
    refuse_model(plan.strategy)
    if sample is None:
        sample = source.read_block(source.blocks[0], source.fields)
    plan, passed = plan_on_panel(plan, sample, allow_lookahead=allow_lookahead)
    strategy = plan.strategy
    universe = with_groups(replace(sample.universe, assets=tuple(source.assets), groups=source.groups), strategy)
    with plan.errors_located():
        group = groups_compared(universe, strategy.measure.benchmark)
        lists = lists_on_panel(universe, plan.recipe, None if events is None else table_of(events))
    weight = strategy.study.weight if strategy.study is not None else "event"
    horizons = horizons_of(strategy.measure.horizons, universe.common.sessions_a_year)
    window, grouped = sample_window_of(universe, strategy), any(universe.groups)
    task = BlockTask(strategy, source, window, horizons, weight, lists, group, grouped=grouped)
    passes = _passes(source, plan.recipe, verdict)
    with executor_of(workers, cluster) as executor, plan.errors_located():
        return _Scanner(executor, task, universe, progress, passes).scan(plan, passed)


@dataclass(frozen=True)
class _Passes:
    """The pieces of work of the first pass, and of the second; none without a verdict."""

    scans: list[tuple[PanelBlock, ...]]
    shifts: list[tuple[PanelBlock, ...]]


def _passes(source: PanelSource, recipe: Recipe, verdict: bool) -> _Passes:
    own = any(one.detector.own for one in singles(recipe))
    scan_rows, shift_rows = (OWN_ROWS, OWN_ROWS) if own else (SCAN_ROWS, SHIFT_ROWS)
    shifts = pieces_of(source.blocks, shift_rows) if verdict else []
    return _Passes(pieces_of(source.blocks, scan_rows), shifts)


class _Scanner:
    """Runs the passes over the blocks."""

    def __init__(
        self, executor: Executor, task: BlockTask, universe: Universe, progress: Progress | None, passes: _Passes
    ) -> None:
        self._executor, self._task, self._universe = executor, task, universe
        self._scans, self._shifts = passes.scans, passes.shifts
        self._progress, self._done = progress, 0
        self._total = len(self._scans) * (1 if task.group is None else 2) + len(self._shifts)

    def scan(self, plan: Plan, passed: Passed) -> PanelScan:
        """Return the result of all blocks."""
        if self._task.group is not None:
            self._task = replace(self._task, others=self._others())
        found, forward, last, seen = self._events(plan)
        judged = self._judged(found, forward, seen) if self._shifts else None
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        inference = None if judged is None else judged.inference
        return PanelScan(plan, now, passed, self._universe, found, forward, inference, last, judged)

    def _others(self) -> GroupSums:
        """Sum what the assets of each group earned."""
        parts = in_order(self._executor, sum_groups, self._task, self._scans, self._tell)
        first = next(parts)
        for part in parts:
            first.add(part)
        return first

    def _events(self, plan: Plan) -> tuple[PanelEvents, PanelForward, Ints, Ints]:
        """Return the events, what came next, each asset's last close, and the sessions on which it was seen."""
        task = self._task
        base = BaseRates(len(self._universe.common), len(task.horizons), task.weight)
        parts = []
        for part in in_order(self._executor, scan_blocks, task, self._scans, self._tell):
            base.include(part.base)
            parts.append(part)
        found = joined_events([part.events for part in parts], [0] * len(parts))
        origin = replace(found.origin, lists=task.lists)
        origin = origin.accounted(self._universe, listed=isinstance(plan.recipe, Single))
        found = replace(found, origin=origin)
        if not len(found):
            raise no_events(plan, self._universe, found)
        mean, rate = base.rates()
        asset, benchmark = (
            np.concatenate([getattr(part, name) for part in parts]) for name in ("returns", "benchmark")
        )
        rates = mean, base.complete, rate
        forward = PanelForward(task.horizons, asset, benchmark, *rates, found.day0, task.weight)
        last, seen = (np.concatenate([getattr(part, name) for part in parts], axis=-1) for name in ("last", "seen"))
        return found, forward, last, seen

    def _judged(self, found: PanelEvents, forward: PanelForward, seen: Ints) -> Judged:
        verdict = Verdict(self._task, self._universe, found, forward, seen, self._shifts)
        self._total += (len(verdict.passes) - 1) * len(self._shifts)
        return verdict.judged(lambda task, pieces: in_order(self._executor, shift_blocks, task, pieces, self._tell))

    def _tell(self) -> None:
        self._done += 1
        if self._progress is not None:
            self._progress(self._done, self._total)
