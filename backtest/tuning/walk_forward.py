"""Walk-forward: choose a set on the past, measure what it chose in the next block, and go on.

The choice is made by the rule that recommends a set on the whole history (`backtest.tuning.plateau.choose`): what is
measured outside is the rule itself, neighbours and all.

What is known when a block begins decides: an event counts in the choice if its window ended before (purged), with
`embargo` sessions in between; so does a session in the base rate, and the variance that a past session led to expect is
fitted on the past alone. Events are detected on the whole history. They are those that were known at the time, because
a detector looks at no later session: the guard has tested that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np

from backtest.errors import StudyRefused
from backtest.format import plural
from backtest.model import Floats, Ints
from backtest.tuning.either import outside_of
from backtest.tuning.in_pieces import Cut, InPieces
from backtest.tuning.objective import N, excess, is_two_sided, score
from backtest.tuning.outside import Outside, Taken
from backtest.tuning.plateau import ENOUGH, Choice, choose

BLOCKS = 8
MOST_BLOCKS = 200


@dataclass(frozen=True)
class Rules:
    """How the history is walked through.

    Attributes
    ----------
    blocks : int
        Into how many blocks the history is cut; the first are for choosing only.
    rolling : int or None
        The choice looks back on so many blocks; None on all of the past.
    embargo : int
        Sessions between the end of the last window that counts in the choice and the block.
    events : int or None
        A block ends after so many days with an event of any set, whatever `blocks` is; None for blocks of one length.
    """

    blocks: int = BLOCKS
    rolling: int | None = None
    embargo: int = 0
    events: int | None = None

    def refuse_impossible(self) -> None:
        """Refuse what no history can be cut into, before a search is made for it.

        Raises
        ------
        StudyRefused
            Too many blocks, or none is left to choose for.
        """
        if self.events is None and not self.behind < self.blocks <= MOST_BLOCKS:
            _refuse_blocks(self, self.blocks, "")

    @property
    def behind(self) -> int:
        """How many blocks only choose."""
        return self.rolling or 1


def _refuse_blocks(rules: Rules, blocks: int, history: str) -> NoReturn:
    behind = rules.behind
    first = f"first {behind}" if behind > 1 else "first"
    by = "--blocks" if rules.events is None else f"--block-events {rules.events}"
    raise StudyRefused(
        f"walk-forward, {by}: {plural(blocks, 'block')}{history}, the {first} of which only "
        f"{'chooses' if behind == 1 else 'choose'}; there must be {behind + 1} to {MOST_BLOCKS} blocks, with sessions.",
        f"Use {'another' if behind == 1 else 'a smaller --rolling, or another'} "
        f"{'--blocks' if rules.events is None else '--block-events'}.",
    )


@dataclass(frozen=True)
class Step:
    """One block: what its past chose, and what came of it; returns are fractions.

    Attributes
    ----------
    first, last : int
        Session positions of the block.
    chosen : int or None
        The set, by position; None if the past has no set with enough events.
    sign : int
        -1 where the choice was made for a loss, else 1; the figures below are in this direction.
    n_past, n : int
        Events in the choice, and in the block.
    inside, excess : float
        The excess in the choice, and in the block over the base rate of all blocks; NaN without an event.
    """

    first: int
    last: int
    chosen: int | None
    sign: int = 1
    n_past: int = 0
    n: int = 0
    inside: float = float("nan")
    excess: float = float("nan")


@dataclass(frozen=True, eq=False)
class WalkForward:
    """All blocks, and their events together.

    Attributes
    ----------
    steps : list of Step
        The blocks that were chosen for, in order.
    outside : Outside
        The events of the chosen sets in their blocks.
    inside : float
        The excess that the choices had when they were made, each weighted by its events outside; NaN without any.
    own : Outside or None
        The strategy's own set in the same blocks; None if it is not among the sets.
    best_alone : Outside
        The sets that were best by themselves, whatever their neighbours gave, in the same blocks.
    recommended : Outside or None
        The set that the whole history recommends, in those blocks alone that their pasts chose it for; None if there is
        none.
    """

    rules: Rules
    steps: list[Step]
    outside: Outside
    inside: float
    own: Outside | None
    best_alone: Outside
    recommended: Outside | None = None

    @property
    def unchosen(self) -> int:
        """Blocks for which no set had enough events."""
        return sum(step.chosen is None for step in self.steps)


def walk_forward(pieces: InPieces, rules: Rules, own: int | None = None, recommended: int | None = None) -> WalkForward:
    """Choose before each block by the rule of the recommendation, and measure the choice in it.

    Parameters
    ----------
    pieces : Pieces
        The sets at one horizon.
    rules : Rules
        The blocks.
    own, recommended : int, optional
        The strategy's own set and the one that the whole history recommends, by position.

    Raises
    ------
    StudyRefused
        The history cannot be cut so.
    """
    edges = block_edges(pieces, rules)
    begin = rules.behind
    steps: list[Step] = []
    peaks: list[Taken] = []
    for at in range(begin, len(edges) - 1):
        since = int(edges[at - rules.rolling]) if rules.rolling else 0
        step, peak = _choice(pieces, since, int(edges[at]), int(edges[at + 1]) - 1, rules.embargo)
        steps.append(step)
        peaks += [] if peak is None else [peak]
    chosen = [(step.first, step.last, step.chosen, step.sign) for step in steps if step.chosen is not None]
    outside, each = outside_of(pieces, chosen)
    done = iter(each)
    steps = [step if step.chosen is None else _measured(step, *next(done)) for step in steps]
    same = [one for one in chosen if one[2] == recommended]
    itself = outside_of(pieces, same)[0] if same else None
    alone = None if own is None else outside_of(pieces, [(a, b, own, 1) for a, b, _, _ in chosen])[0]
    told = [(step.n, step.inside) for step in steps if step.n]
    total = sum(n for n, _ in told)
    inside = sum(n * value for n, value in told) / total if total else float("nan")
    return WalkForward(rules, steps, outside, inside, alone, outside_of(pieces, peaks)[0], itself)


def block_edges(pieces: InPieces, rules: Rules) -> Ints:
    """Return the first session position of each block and, last, the one after the end.

    Raises
    ------
    StudyRefused
        There are fewer sessions, or events, than blocks, or nothing is left to choose for.
    """
    first, last = pieces.span
    if rules.events is not None:
        days = np.unique(np.concatenate([pieces.days(at) for at in range(len(pieces.found.trials))]))
        edges = np.append(days[:: rules.events], last + 1)
        edges[0] = first
    else:
        edges = np.linspace(first, last + 1, rules.blocks + 1).astype(np.int64)
    blocks = len(edges) - 1
    if not rules.behind < blocks <= MOST_BLOCKS or last - first < blocks:
        _refuse_blocks(rules, blocks, f" of {plural(max(last - first + 1, 0), 'session')}")
    return edges


def past_cut(pieces: InPieces, since: int, until: int) -> Cut:
    """Return the past as one piece: windows that begin from `since` on and end before `until`."""
    at = np.arange(pieces.n_sessions)
    windows = np.where((at >= since) & (pieces.ends < until), 0, -1)
    return Cut(windows, np.where((at >= since) & (at < until), 0, -1), 1, known=until)


def choose_on(pieces: InPieces, cut: Cut) -> tuple[Choice | None, Floats]:
    """Choose among the sets with enough events in a past; return the sums of all sets there, too.

    Parameters
    ----------
    pieces : Pieces
        The sets at one horizon.
    cut : Cut
        The past as one piece.
    """
    sums = pieces.sums(cut)[:, 0]
    scores = np.where(sums[:, N] >= ENOUGH, score(pieces.objective, sums), np.nan)
    return choose(scores, pieces.near, two_sided=is_two_sided(pieces.objective)), sums


def _choice(pieces: InPieces, since: int, first: int, last: int, embargo: int) -> tuple[Step, Taken | None]:
    """Return the step, and what the best set by itself would have been."""
    chosen, sums = choose_on(pieces, past_cut(pieces, since, first - embargo))
    if chosen is None:
        return Step(first, last, None), None
    inside = chosen.sign * float(excess(sums[chosen.at]))
    step = Step(first, last, chosen.at, chosen.sign, int(sums[chosen.at, N]), 0, inside)
    return step, (first, last, chosen.best, chosen.best_sign)


def _measured(step: Step, n: int, value: float) -> Step:
    return replace(step, n=n, excess=value)
