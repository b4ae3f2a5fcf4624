"""What chosen sets on a panel gave in blocks that did not choose them, with the test of the verdict.

As for single series (`backtest.tuning.outside`), the blocks are joined to one circle, and the events of all of them are
moved around it together; each block keeps the measure and the direction of the set that was chosen for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from backtest.inference.circular_shift import shift_p_values
from backtest.inference.effect import ENOUGH
from backtest.inference.panel_shift import PanelShifts, shifts_of_sums
from backtest.inference.panel_squares import base_of
from backtest.inference.panel_sums import PanelCircle, PanelSums, base_changes, sums_of_block
from backtest.inference.result import NO_VARIATION, NO_WINDOW
from backtest.model import Floats, Ints
from backtest.panel.panel_inference import ends_of
from backtest.tuning.outside import Outside, Taken
from backtest.tuning.panel_base import PanelBase
from backtest.tuning.panel_pieces import PanelPieces
from backtest.tuning.panel_trials import PanelTrial


class _Block(NamedTuple):
    """A block that was chosen for: its sessions, the set, the sign, and the base rate of all blocks by its measure."""

    sessions: Ints
    trial: PanelTrial
    sign: int
    rate: float


def measure_outside_on_panel(pieces: PanelPieces, choices: Sequence[Taken]) -> tuple[Outside, list[tuple[int, float]]]:
    """Return the figures of all blocks together, and the events and the excess of each.

    The parameters are those of `backtest.tuning.outside.measure_outside`; weighted by date, event dates are counted.
    """
    blocks = _blocks(pieces, choices)
    column, each, rows = pieces.column, [], []
    offset = 0
    for block in blocks:
        of, first = block.trial, int(block.sessions[0]) if len(block.sessions) else 0
        spread = of.forward.spread[:, column]
        weight = np.full(len(spread), np.nan)
        weight[np.isfinite(spread)] = of.forward.weights(column)
        mine = np.isfinite(weight) & (of.day0 >= first) & (of.day0 < first + len(block.sessions))
        effect = block.sign * (spread[mine] - block.rate)
        n = float(weight[mine].sum())
        each.append((round(n), float((weight[mine] * effect).sum()) / n if n else float("nan")))
        rows.append((of.day0[mine] - first + offset, of.asset[mine], weight[mine]))
        offset += len(block.sessions)
    if not sum(len(at) for at, _, _ in rows):
        return Outside(0, None, None, None, None, NO_WINDOW), each
    place, asset, weight = (np.concatenate(parts) for parts in zip(*rows, strict=True))
    look = _moved(pieces, blocks, place, asset, weight)
    excess = float(look.effect[0]) / look.n
    if not np.isfinite(look.scale[0]):
        return Outside(round(look.n), excess, None, None, None, NO_VARIATION), each
    p = float(shift_p_values(np.nan_to_num(look.statistic)[None])[0])
    kept = _kept(blocks, column, len(place))
    ends = ends_of(look, kept) if kept >= ENOUGH else None
    low, high = (None, None) if ends is None else ends
    return Outside(round(look.n), excess, p, low, high, None), each


def _blocks(pieces: PanelPieces, choices: Sequence[Taken]) -> list[_Block]:
    found: list[tuple[Ints, PanelTrial, int]] = []
    for first, last, chosen, sign in choices:
        circle = (trial := pieces.found.trials[chosen]).base.circle
        end = circle.first + circle.sizes[pieces.column]
        found.append((np.arange(max(first, circle.first), min(last + 1, end)), trial, sign))
    together = np.concatenate([sessions for sessions, _, _ in found]) if found else np.zeros(0, dtype=np.int64)

    def rate(base: PanelBase) -> float:
        n, total = (float(values[together].sum()) for values in base.by_session(pieces.column))
        return total / n if n else 0.0

    return [_Block(sessions, trial, sign, rate(trial.base)) for sessions, trial, sign in found]


def _moved(pieces: PanelPieces, blocks: Sequence[_Block], place: Ints, asset: Ints, weight: Floats) -> PanelShifts:
    """Move the events of all blocks around the sessions of the blocks."""
    blocks = [block for block in blocks if len(block.sessions)]  # none where a set's sample ends before its block
    m = sum(len(block.sessions) for block in blocks)
    lengths = [block.trial.base.circle.lengths[pieces.column] for block in blocks]
    circle = PanelCircle(0, (m,), (max(lengths),))
    sums = PanelSums(circle)
    bases = list({id(block.trial.base): block.trial.base for block in blocks}.values())
    spreads = zip(*(base.spreads(pieces.column) for base in bases), strict=True)
    for of_bases in spreads:
        columns = of_bases[0][0]
        mine = np.flatnonzero((asset >= columns.start) & (asset < columns.stop))
        by_base = {id(base): spread for base, (_, spread) in zip(bases, of_bases, strict=True)}
        effects = [b.sign * (by_base[id(b.trial.base)][b.sessions] - b.rate) for b in blocks]
        changes = [b.sign * b.trial.base.changes[b.sessions, columns] for b in blocks]
        after = min(int(blocks[-1].sessions[-1]) + 1, len(blocks[-1].trial.base.changes) - 1)
        changes.append(blocks[-1].sign * blocks[-1].trial.base.changes[[after], columns])
        whole = np.concatenate(effects), np.concatenate(changes)
        held = place[mine], asset[mine] - columns.start, weight[mine, None]
        sums.add(sums_of_block(circle, [whole[0]], whole[1], *held))
        eligible = np.concatenate([b.trial.base.eligible[b.sessions, columns] for b in blocks])
        sums.add_base(*base_changes(whole[1], eligible))
    return shifts_of_sums(sums, 0, 0.0, base_of(sums, 0, blocks[0].trial.base.weight))


def _kept(blocks: Sequence[_Block], column: int, events: int) -> float:
    """Return about which share of an effect the excess keeps: the base rate holds the events' own windows."""
    sessions = sum(int(block.trial.base.each[block.sessions].sum()) for block in blocks)
    length = max(block.trial.base.circle.lengths[column] for block in blocks)
    return max(0.0, 1.0 - events * length / max(sessions, 1))
