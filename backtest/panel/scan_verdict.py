"""The verdict of a scan: its blocks are read once more, and more often where large groups of events are asked for.

A pass sums parts of the events as long as their rows take bounded memory: all events and what their finding rests on
first, and then groups of events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.inference.panel_sums import PanelSums
from backtest.model import Ints
from backtest.model.panel import Universe
from backtest.model.panel_source import PanelBlock
from backtest.panel.event_sums import EventsPart, Key, in_passes, weights_of
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import PanelInference, inference_of
from backtest.panel.panel_paths import PanelPaths, PathParts, average_path_of
from backtest.panel.panel_rates import PanelRates
from backtest.panel.panel_robustness import ALL, PanelRobustness, asked_of_rests, robustness_of
from backtest.panel.scan_blocks import BlockTask
from backtest.panel.scan_shifts import BlockShift, ShiftPiece, ShiftTask
from backtest.panel.side_by_side import (
    KINDS,
    MOST,
    Of,
    PanelGroup,
    asked_groups,
    grouping_of,
    labels_of,
    names_of,
    side_by_side,
)

Run = Callable[[ShiftTask, Sequence[ShiftPiece]], Iterator[BlockShift]]
"""Has workers do all pieces of a pass, and yields what they return, in order."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What a scan found by moving its events.

    Attributes
    ----------
    inference, robustness
        As of `PanelStudy`.
    path : PanelPaths
        The average path around the events.
    groups : dict of Of to tuple of PanelGroup
        What is set side by side; no entry where events have no groups, or more than 50.
    """

    inference: PanelInference
    robustness: PanelRobustness
    path: PanelPaths
    groups: dict[Of, tuple[PanelGroup, ...]]


class Verdict:
    """Divides what must be summed into passes over the blocks, has workers do them, and says what the sums mean.

    Parameters
    ----------
    task : BlockTask
        What the scan asked.
    universe, found, forward : Universe, PanelEvents, PanelForward
        The study so far.
    seen : ndarray of shape (2, n_assets)
        First and last session on which an event could have been seen on each asset, as `seen_on` returns them; none
        without groups of assets.
    pieces : sequence of tuple of PanelBlock
        All blocks, divided among workers.
    """

    def __init__(
        self,
        task: BlockTask,
        universe: Universe,
        found: PanelEvents,
        forward: PanelForward,
        seen: Ints,
        pieces: Sequence[tuple[PanelBlock, ...]],
    ) -> None:
        self._task, self._universe, self._study, self._pieces = task, universe, (found, forward), pieces
        self._rests = asked_of_rests(universe, found, forward)
        kinds = [of for of in KINDS if 0 < len(names_of(labels_of(universe, found, of))) <= MOST]
        self._groups = [asked_groups(universe, found, forward, seen, of) for of in kinds]
        parts = dict(self._rests.parts)
        for one in self._groups:
            parts |= one.parts
        self.passes = list(in_passes(parts, found.day0, len(self._rests.parts)))
        """The parts that are summed in each pass over the blocks."""

    def judged(self, run: Run) -> Judged:
        """Return what the events give under every shift, and what that rests on."""
        universe, (found, forward) = self._universe, self._study
        begin, end = self._task.strategy.measure.window
        first = ShiftTask(self._task, (begin, end), grouping_of(universe, found))
        shape = len(universe.common), len(universe), len(forward.horizons)
        rates, paths = PanelRates.none(shape, forward.weight, len(first.groups.names)), list[PathParts]()
        sums = self._summed(run, first, self.passes[0], rates, paths)
        inference = inference_of(sums[ALL], forward, found)
        robustness = robustness_of(self._rests, universe, found, forward, inference, rates, sums)
        groups = self._groups_of(sums, rates)
        for parts in self.passes[1:]:
            del sums
            sums = self._summed(run, replace(first, path=None), parts, rates, paths)
            groups += self._groups_of(sums, rates)
        by_kind = {of: side_by_side([group for kind, group in groups if kind == of], of) for of, _ in groups}
        return Judged(inference, robustness, average_path_of(paths, (begin, end)), by_kind)

    def _groups_of(self, sums: Mapping[Key, PanelSums], rates: PanelRates) -> list[tuple[Of, PanelGroup]]:
        """Return the groups whose events a pass has summed."""
        return [
            (asked.of, asked.group(key, *self._study, rates, sums[key]))
            for asked in self._groups
            for key in asked.parts
            if key in sums
        ]

    def _summed(
        self, run: Run, shared: ShiftTask, parts: Mapping[Key, EventsPart], rates: PanelRates, paths: list[PathParts]
    ) -> dict[Key, PanelSums]:
        """Do a pass: return the sums of its parts; the first one adds to base rates and paths."""
        (found, forward), every = self._study, {key: PanelSums(part.circle) for key, part in parts.items()}
        weights = weights_of(forward)
        pieces = [
            ShiftPiece(blocks, tuple(part.among(mine, assets) for part in parts.values()), weights[mine])
            for blocks, assets, mine in ((blocks, *_of(found.asset, blocks)) for blocks in self._pieces)
        ]
        for blocks, part in zip(self._pieces, run(shared, pieces), strict=True):
            for sums, more in zip(every.values(), part.sums, strict=True):
                sums.add(more)
            paths += part.paths
            if part.rates is not None:
                rates.include(part.rates, blocks[0].first)
        return every


def _of(asset: Ints, blocks: Sequence[PanelBlock]) -> tuple[slice, slice]:
    """Return the columns of some blocks, and their events, which are in the order of the assets."""
    first, stop = blocks[0].first, blocks[-1].first + len(blocks[-1])
    begin, end = np.searchsorted(asset, [first, stop])
    return slice(first, stop), slice(int(begin), int(end))
