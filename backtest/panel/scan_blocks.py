"""What a worker does with some blocks of a panel: it reads them, detects, measures, and adds up.

A result depends on the blocks alone, and not on who computed it: blocks are put together by their rows, and results are
added in the order of the blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backtest.detect.tree import make_recipe, singles
from backtest.errors import StudyRefused
from backtest.inference.panel_sums import PanelCircle, PanelSums
from backtest.model import Floats, Horizon, Ints
from backtest.model.panel import OWN, Panel
from backtest.model.panel_source import PanelBlock, PanelSource
from backtest.panel.base_rates import BaseRates, Weight
from backtest.panel.listed_events import USE
from backtest.panel.on_block import works_by_block
from backtest.panel.on_every_asset import PanelEvents, detect_on_panel
from backtest.panel.panel_benchmark import GROUP, REST, Benchmark, benchmark_of
from backtest.panel.panel_forward import BLOCK, measure_block
from backtest.panel.panel_inference import sums_of_assets
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
    """

    strategy: Strategy
    source: PanelSource
    window: tuple[int, int]
    horizons: tuple[Horizon, ...]
    weight: Weight

    def detected(self, blocks: Sequence[PanelBlock]) -> Iterator[tuple[int, Panel, PanelEvents, Benchmark | None]]:
        """Read one block after another; yield its first column, its assets, their events, and the benchmark."""
        recipe = make_recipe(self.strategy)
        for block in blocks:
            panel = self.source.read_block(block)
            if not works_by_block(recipe, panel) and len(self.source.fields) > 1:
                panel = self.source.read_block(block, self.source.fields)
            events = detect_on_panel(panel, recipe, self.strategy.episodes, self.window)
            yield block.first, panel, events, benchmark_of(panel, self.strategy.measure.benchmark)


@dataclass(frozen=True, eq=False)
class BlockScan:
    """Events of some assets, and what came next; columns are those of the whole panel.

    Attributes
    ----------
    asset, day0, knowable : ndarray of shape (n_events,)
        As of `PanelEvents`.
    returns, benchmark : ndarray of shape (n_events, n_horizons)
        As of `PanelForward`.
    base : BaseRates
        Over these assets.
    eligible : ndarray of shape (n_sessions,)
        On how many of them an event could have been seen on each session.
    """

    asset: Ints
    day0: Ints
    knowable: Ints
    returns: Floats
    benchmark: Floats
    base: BaseRates
    eligible: Ints


def scan_blocks(task: BlockTask, blocks: Sequence[PanelBlock]) -> BlockScan:
    """Detect on some blocks, and measure what came next."""
    parts: list[tuple[Ints, Ints, Ints, Floats, Floats]] = []
    base, eligible = BaseRates(0, 0, task.weight), np.zeros(0, dtype=np.int64)
    for first, panel, events, benchmark in task.detected(blocks):
        if not parts:
            base = BaseRates(len(panel.common), len(task.horizons), task.weight)
            eligible = np.zeros(len(panel.common), dtype=np.int64)
        measured = measure_block(panel, events, task.horizons, benchmark, base)
        parts.append((events.asset + first, events.day0, events.knowable, *measured))
        eligible += np.count_nonzero(events.eligible, axis=1)
    asset, day0, knowable, returns, compared = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return BlockScan(asset, day0, knowable, returns, compared, base, eligible)


@dataclass(frozen=True, eq=False)
class ShiftPiece:
    """Blocks, and what their events count: `weights` has the shape (n_events, n_horizons)."""

    blocks: tuple[PanelBlock, ...]
    weights: Floats


def shift_blocks(given: tuple[BlockTask, PanelCircle], piece: ShiftPiece) -> PanelSums:
    """Sum what the events of some blocks give under every shift."""
    (task, circle), done = given, 0
    sums = PanelSums(circle)
    for _, panel, events, benchmark in task.detected(piece.blocks):
        weights = piece.weights[done : done + len(events)]
        for begin in range(0, len(panel), BLOCK):
            block = slice(begin, begin + BLOCK)
            sums.add(sums_of_assets(panel, events, circle, task.horizons, benchmark, block, weights))
        done += len(events)
    return sums


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


def refuse_whole_panel(strategy: Strategy) -> None:
    """Refuse what needs all assets at the same time.

    Raises
    ------
    StudyRefused
        The benchmark is the rest of the panel or of a group, a file lists the events, or there is a model.
    """
    if any(one.use == USE and one.values["file"] for one in singles(make_recipe(strategy))):
        raise StudyRefused(
            f"{strategy.place}: a file lists the events, and a scan reads one block of assets after another.",
            "Use study_panel on the whole panel.",
        )
    if strategy.study is not None and strategy.study.model is not None:
        raise StudyRefused(
            f'{strategy.place}: study.model = "{strategy.study.model}": a scan measures no abnormal returns.',
            "Leave the model out, or use study_panel on the whole panel.",
        )
    name = strategy.measure.benchmark
    if name in (REST, GROUP):
        raise StudyRefused(
            f'{strategy.place}: measure.benchmark = "{name}" needs all assets at the same time, and a scan reads one '
            "block after another.",
            f"Name a common series, or use study_panel on the whole panel; {OWN} alone needs no benchmark.",
        )
