"""What a worker does with some blocks of a panel for the verdict: it moves their events by every shift."""

from __future__ import annotations

from dataclasses import dataclass

from backtest.detect.tree import make_recipe
from backtest.inference.panel_sums import PanelSums
from backtest.model import Floats
from backtest.model.panel_source import PanelBlock
from backtest.panel.block_windows import Windows, windows_on
from backtest.panel.event_sums import EventsPart, add_assets
from backtest.panel.panel_paths import PathParts, path_parts
from backtest.panel.panel_rates import Grouping, PanelRates
from backtest.panel.scan_blocks import BlockTask, columns_of


@dataclass(frozen=True, eq=False)
class ShiftTask:
    """What all pieces of a pass of the verdict share.

    Attributes
    ----------
    task : BlockTask
        What the scan asked.
    path : (int, int) or None
        First and last offset of the average path; None in a later pass, which sums parts of the events alone.
    groups : Grouping
        The groups of assets whose base rates are asked for.
    """

    task: BlockTask
    path: tuple[int, int] | None
    groups: Grouping


@dataclass(frozen=True, eq=False)
class ShiftPiece:
    """Blocks, the parts of their events that are summed, and what each event counts in the study."""

    blocks: tuple[PanelBlock, ...]
    parts: tuple[EventsPart, ...]
    weights: Floats


@dataclass(frozen=True, eq=False)
class BlockShift:
    """What the events of some assets give under every shift.

    Attributes
    ----------
    sums : list of PanelSums
        One a part.
    paths : list of PathParts
        One a block; none in a later pass.
    rates : PanelRates or None
        Over all asset-sessions of the blocks; None in a later pass.
    """

    sums: list[PanelSums]
    paths: list[PathParts]
    rates: PanelRates | None


def shift_blocks(given: ShiftTask, piece: ShiftPiece) -> BlockShift:
    """Sum what parts of the events of some blocks give; in the first pass, follow their paths and sum base rates."""
    task, done, horizons = given.task, 0, given.task.horizons
    sums, paths, rates = [PanelSums(part.circle) for part in piece.parts], list[PathParts](), None
    recipe, windows, begin = make_recipe(task.strategy), list[Windows](), piece.blocks[0].first
    for block in piece.blocks:
        panel, events = task.detected(block, recipe)
        benchmark, mine = task.benchmark(block, panel), slice(done, done + len(events))
        columns = slice(block.first - begin, block.first - begin + len(block))
        parts = [part.among(mine, columns) for part in piece.parts]
        add_assets(sums, parts, panel, events, horizons, benchmark, piece.weights[mine])
        done += len(events)
        if given.path is not None:
            paths.append(path_parts(panel, events, benchmark, given.path))
            groups = given.groups.among(slice(*columns_of(block)))
            if rates is None:  # all blocks have the same sessions
                windows = windows_on(panel.common, horizons)
                shape = len(panel.common), sum(map(len, piece.blocks)), len(horizons)
                rates = PanelRates.none(shape, task.weight, len(groups.names))
            rates.add_assets(panel, events.eligible, windows, benchmark, groups, columns.start)
    return BlockShift(sums, paths, rates)
