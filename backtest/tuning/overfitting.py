r"""The probability of backtest overfitting, by combinatorially symmetric cross-validation.

The history is cut into S blocks. Each choice of S/2 of them is a half to choose in, the other half one to test in. The
set that is best inside has the relative rank :math:`\omega` among all sets outside, and
:math:`\lambda = \ln(\omega / (1 - \omega))`. PBO is the share of halves with :math:`\lambda < 0`, ties with zero
counted half: how often the best of the past is worse than the median afterwards.

References
----------
Bailey, D. H., Borwein, J. M., Lopez de Prado, M. and Zhu, Q. J. (2017), The probability of backtest overfitting.
Journal of Computational Finance 20(4).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from backtest.format import ALONE
from backtest.model import Floats
from backtest.tuning.in_pieces import Cut, InPieces
from backtest.tuning.objective import N, is_two_sided, score
from backtest.tuning.plateau import ENOUGH

MOST, LEAST = 16, 4
"""Blocks: at most, and what is too few."""
WINDOWS_A_BLOCK = 4
"""A block is at least so many windows long, so that few of them cross its end."""
ROOM = 4_000_000
"""Numbers that are held at a time."""


@dataclass(frozen=True, eq=False)
class Overfitting:
    """What the best set of each half was worth in the other.

    Attributes
    ----------
    blocks, halves : int
        S, and how many halves could be chosen and tested in.
    pbo : float or None
        The probability of backtest overfitting; None if no half could.
    logits : ndarray of shape (halves,)
        Lambda of each of them.
    inside, outside : ndarray of shape (halves,)
        The score of the chosen set in its half, and in the other.
    unchosen, untested : int
        Halves in which no set had enough events, and those whose chosen set, or all others, had no event in the other.
    crossing : int
        Windows of events that reach into another block and are left out, over all sets.
    reason : str or None
        Why there is no answer.
    """

    blocks: int
    halves: int
    pbo: float | None
    logits: Floats
    inside: Floats
    outside: Floats
    unchosen: int = 0
    untested: int = 0
    crossing: int = 0
    reason: str | None = None

    @property
    def slope(self) -> float | None:
        """What one more point inside was worth outside: the slope of a line through all halves; None without one."""
        if self.halves < 2 or float(np.ptp(self.inside)) == 0.0:
            return None
        return float(np.polyfit(self.inside, self.outside, 1)[0])

    @property
    def loss(self) -> float | None:
        """How often the chosen set lost outside: the share of halves with a score at or below zero."""
        return float(np.mean(self.outside <= 0)) if self.halves else None


def overfitting(pieces: InPieces, blocks: int | None = None) -> Overfitting:
    """Estimate the probability of backtest overfitting.

    Parameters
    ----------
    pieces : Pieces
        The sets at one horizon. Sets with the same events are one.
    blocks : int, optional
        An even number; by default 16, or fewer if windows are long or events few.
    """
    size = blocks if blocks is not None else blocks_for(pieces)
    nothing, distinct = np.zeros(0), np.unique(pieces.distinct)
    if len(distinct) < 2:
        return Overfitting(size, 0, None, nothing, nothing, nothing, reason=ALONE[1])
    if size < LEAST:
        reason = "the windows are too long, or the events too few, for four blocks"
        return Overfitting(size, 0, None, nothing, nothing, nothing, reason=reason)
    cut = block_cut(pieces, size)
    sums = pieces.sums(cut)[distinct]
    crossing = sum(len(pieces.days(at)) for at in distinct.tolist()) - int(sums[..., N].sum())
    return over_halves(sums, pieces.objective, crossing)


def over_halves(sums: Floats, objective: str, crossing: int = 0) -> Overfitting:
    """Choose in every half and test in the other; `sums` are of shape (n_sets, n_blocks, n_columns)."""
    n, blocks, columns = sums.shape
    flat = sums.transpose(1, 0, 2).reshape(blocks, n * columns)
    whole = flat.sum(axis=0)
    halves = np.array([_flags(part, blocks) for part in itertools.combinations(range(blocks), blocks // 2)])
    step = max(1, ROOM // (n * columns))
    found, unchosen, untested = [], 0, 0
    for begin in range(0, len(halves), step):
        inside = halves[begin : begin + step] @ flat
        scored = [one.reshape(-1, n, columns) for one in (inside, whole - inside)]
        rows, none, no_test = _tested(scored[0], scored[1], objective)
        found.append(rows)
        unchosen, untested = unchosen + none, untested + no_test
    inner, outer, omega = np.concatenate(found, axis=1)
    logits = np.log(omega / (1.0 - omega))
    pbo = float(np.mean(logits < 0) + np.mean(logits == 0) / 2) if len(logits) else None
    reason = None if len(logits) else "in no half was there a set with enough events and an event in the other"
    return Overfitting(blocks, len(logits), pbo, logits, inner, outer, unchosen, untested, crossing, reason)


def blocks_for(pieces: InPieces) -> int:
    """Return the number of blocks that a history can have: even, at most 16; 2 or 0 where it can have none."""
    first, last = pieces.span
    events = max((len(pieces.days(at)) for at in np.unique(pieces.distinct).tolist()), default=0)
    room = min(MOST, (last - first + 1) // (WINDOWS_A_BLOCK * pieces.longest), events // 2)
    return max(room, 0) // 2 * 2


def block_cut(pieces: InPieces, blocks: int) -> Cut:
    """Cut the history into blocks of one length; a window that reaches into another block counts in none."""
    first, last = pieces.span
    edges = np.linspace(first, last + 1, blocks + 1).astype(np.int64)
    at = np.arange(pieces.n_sessions)
    lies = np.where((at >= first) & (at <= last), np.searchsorted(edges, at, side="right") - 1, -1)
    stays = lies >= 0
    stays[stays] &= pieces.ends[stays] < np.append(edges[1:-1], len(at))[lies[stays]]
    return Cut(np.where(stays, lies, -1), lies, blocks)


def _tested(inside: Floats, outside: Floats, objective: str) -> tuple[Floats, int, int]:
    """Return the score inside, the score outside and the relative rank of each half's choice, and what was left out."""
    enough = inside[..., N] >= ENOUGH
    first, then = np.where(enough, score(objective, inside), np.nan), score(objective, outside)
    order = np.abs(first) if is_two_sided(objective) else first
    can = np.asarray(np.isfinite(order).any(axis=1))
    first, then, order = first[can], then[can], order[can]
    rows, best = np.arange(len(order)), np.argmax(np.where(np.isfinite(order), order, -np.inf), axis=1)
    sign = np.sign(first[rows, best]) if is_two_sided(objective) else np.ones(len(order))
    sign = np.where(sign == 0, 1.0, sign)
    then = then * sign[:, None]
    own = then[rows, best]
    ranked = np.isfinite(then).sum(axis=1)
    below = (then < own[:, None]).sum(axis=1)
    alike = (then == own[:, None]).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        omega = (below + (alike + 1) / 2) / (ranked + 1)
    tested = np.isfinite(own) & (ranked > 1)
    rows_of = np.stack([(first[rows, best] * sign)[tested], own[tested], omega[tested]])
    return rows_of, int((~can).sum()), int((~tested).sum())


def _flags(part: tuple[int, ...], blocks: int) -> Floats:
    flags = np.zeros(blocks)
    flags[list(part)] = 1.0
    return flags
