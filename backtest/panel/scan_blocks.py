"""What a worker does with some blocks of a panel: it reads them, detects, measures, and adds up.

A result depends on the blocks alone, and not on who computed it: blocks are put together by their rows, and results are
added in the order of the blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from backtest.detect.tree import Recipe, make_recipe, singles
from backtest.errors import StudyRefused
from backtest.model import Floats, Horizon, Ints
from backtest.model.panel import Panel, Weight
from backtest.model.panel_source import PanelBlock, PanelSource
from backtest.panel.base_rates import BaseRates
from backtest.panel.block_windows import Windows, windows_on
from backtest.panel.event_sums import seen_on
from backtest.panel.listed_events import ListedEvents
from backtest.panel.on_every_asset import PanelEvents, detect_on_panel, joined_events
from backtest.panel.panel_benchmark import Benchmark, GroupSums, RestBenchmark, benchmark_of, many_groups
from backtest.panel.panel_forward import measure_block
from backtest.spec.strategy import Strategy


@dataclass(frozen=True, eq=False)
class BlockTask:
    """What all blocks of a panel share; it can be pickled.

    Attributes
    ----------
    strategy : Strategy
        Complete: nothing is left open.
    source : PanelSource
        The panel; a worker reads its blocks itself.
    window : (int, int)
        First and last session position at which day 0 may lie.
    horizons : tuple of Horizon
        In order of their length.
    weight : {"event", "date"}
        Whether every event counts the same, or every event date.
    lists : mapping of str to ListedEvents
        The lists of events that the detectors read, of all assets.
    group : ndarray of shape (n_assets,), optional
        The number of the group in which each asset is compared with the others; None where a common series, or
        nothing, is what all are compared with.
    others : GroupSums, optional
        What the assets of each group earned together; None before it is known.
    grouped : bool
        Whether assets have groups that may be set side by side.
    """

    strategy: Strategy
    source: PanelSource
    window: tuple[int, int]
    horizons: tuple[Horizon, ...]
    weight: Weight
    lists: Mapping[str, ListedEvents] = field(default_factory=dict)
    group: Ints | None = None
    others: GroupSums | None = None
    grouped: bool = False

    def detected(self, block: PanelBlock, recipe: Recipe) -> tuple[Panel, PanelEvents]:
        """Read a block; return its assets and the events that the strategy's recipe gives."""
        own = any(one.detector.own for one in singles(recipe))  # built-in detectors read closes alone
        panel = self.source.read_block(block, self.source.fields if own else ("close",))
        lists = {key: one.between(*columns_of(block)) for key, one in self.lists.items()}
        return panel, detect_on_panel(panel, recipe, self.strategy.episodes, self.window, lists)

    def benchmark(self, block: PanelBlock, panel: Panel) -> Benchmark | None:
        """Return what the assets of a block are compared with."""
        if self.group is None:
            return benchmark_of(panel, self.strategy.measure.benchmark)
        if self.others is None:
            raise ValueError("the sums of all assets must be there before one is compared with the others")
        return RestBenchmark(panel.close, self.group[slice(*columns_of(block))], self.others, panel.member)


def sum_groups(task: BlockTask, blocks: Sequence[PanelBlock]) -> GroupSums:
    """Sum what the assets of each group earned on each session."""
    group = task.group
    assert group is not None  # nobody asks otherwise
    sums = None
    for block in blocks:
        panel = task.source.read_block(block)
        part = GroupSums.of(panel, group[slice(*columns_of(block))], many_groups(group))
        if sums is None:
            sums = part
        else:
            sums.add(part)
    assert sums is not None  # a piece has a block
    return sums


@dataclass(frozen=True, eq=False)
class BlockScan:
    """Events of some assets, and what came next.

    Attributes
    ----------
    events : PanelEvents
        Their columns are those of the whole panel.
    returns, benchmark : ndarray of shape (n_events, n_horizons)
        As of `PanelForward`.
    base : BaseRates
        Over these assets.
    last : ndarray of shape (n_assets,)
        Session position of each asset's last close; -1 without any.
    seen : ndarray of shape (2, n_assets)
        First and last session on which an event could have been seen on each asset, as `seen_on` returns them; of no
        asset where none has a group.
    """

    events: PanelEvents
    returns: Floats
    benchmark: Floats
    base: BaseRates
    last: Ints
    seen: Ints


def scan_blocks(task: BlockTask, blocks: Sequence[PanelBlock]) -> BlockScan:
    """Detect on some blocks, and measure what came next."""
    scan = _Scan(task)
    found, returns, compared, last, seen = zip(*(scan.of(block) for block in blocks), strict=True)
    events = joined_events(found, [0] * len(found))
    measured = np.concatenate(returns), np.concatenate(compared)
    return BlockScan(events, *measured, scan.base, np.concatenate(last), np.concatenate(seen, axis=1))


class _Scan:
    """Scans one block after another; only one is held, so each finds its memory where the one before left it."""

    def __init__(self, task: BlockTask) -> None:
        self._task, self._recipe = task, make_recipe(task.strategy)
        self._windows: list[Windows] = []

    def of(self, block: PanelBlock) -> tuple[PanelEvents, Floats, Floats, Ints, Ints]:
        """Return of a block what `BlockScan` has of several, but for the base rates, which it adds to."""
        task = self._task
        panel, events = task.detected(block, self._recipe)
        if not self._windows:  # all blocks have the same sessions
            self._windows = windows_on(panel.common, task.horizons)
            self.base = BaseRates(len(panel.common), len(task.horizons), task.weight)
        measured = measure_block(panel, events, self._windows, task.benchmark(block, panel), self.base)
        seen = seen_on(events.eligible[:, : len(panel) if task.grouped else 0])
        return joined_events([events], [block.first]), *measured, panel.spans[1], seen


def pieces_of(blocks: Sequence[PanelBlock], rows: int) -> list[tuple[PanelBlock, ...]]:
    """Put blocks together until they have so many rows: the same pieces whatever the number of workers."""
    pieces: list[tuple[PanelBlock, ...]] = []
    held: list[PanelBlock] = []
    for block in blocks:
        held.append(block)
        if sum(one.rows for one in held) >= rows:
            pieces.append(tuple(held))
            held = []
    return [*pieces, tuple(held)] if held else pieces


def refuse_model(strategy: Strategy) -> None:
    """Refuse abnormal returns, whose tests need all assets at the same time.

    Raises
    ------
    StudyRefused
        The strategy names a model.
    """
    if strategy.study is not None and strategy.study.model is not None:
        raise StudyRefused(
            f'{strategy.place}: study.model = "{strategy.study.model}": a scan measures no abnormal returns.',
            "Leave the model out, or study the whole panel in memory: without --workers and --cluster, or study_panel.",
        )


def columns_of(block: PanelBlock) -> tuple[int, int]:
    """Return the first column of a block, and the one behind its last."""
    return block.first, block.first + len(block)
