"""The p of every look, its own and the one for the whole search, with each distinct set of events computed once."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from backtest.inference.multiple import step_down
from backtest.model import Floats, Ints
from backtest.model.significance import LEVEL
from backtest.tuning.blocks import WORTH_PROCESSES, blocks_of, check_room, computed, folder_for
from backtest.tuning.neighbours import in_neighbourly_order
from backtest.tuning.trials import Trial

SAMPLED = 500
"""Looks whose tails give the effective number of looks."""


@dataclass(frozen=True, eq=False)
class Distinct:
    """The distinct sets of events of a search: sets with the same events on the same sessions are one.

    Attributes
    ----------
    first : list of int
        The first set of each, by position.
    of_set : ndarray of shape (n_sets,)
        Which of them each set is.
    """

    first: list[int]
    of_set: Ints


@dataclass(frozen=True, eq=False)
class Judged:
    """The p of every set and horizon, arrays of shape (n_sets, n_horizons), NaN where a set has no complete window.

    `effective_looks` is as in `Search`.
    """

    p_value: Floats
    p_adjusted: Floats
    effective_looks: float | None


def distinct_of(trials: Sequence[Trial]) -> Distinct:
    """Find the sets that have the same events."""
    number: dict[tuple[int, bytes], int] = {}
    first: list[int] = []
    of_set = np.zeros(len(trials), dtype=np.int64)
    for i, trial in enumerate(trials):
        key = (id(trial.base_rate), trial.day0.tobytes())
        if key not in number:
            number[key] = len(first)
            first.append(i)
        of_set[i] = number[key]
    return Distinct(first, of_set)


def judge_family(
    trials: Sequence[Trial],
    distinct: Distinct,
    tell: Callable[[float], None],
    *,
    jobs: int | None = 1,
    folder: Path | None = None,
) -> Judged:
    """Shift every distinct set of events around its circles, and adjust for all of them.

    Parameters
    ----------
    trials : sequence of Trial
        All sets.
    distinct : Distinct
        Which of them are the same.
    tell : callable
        Called with the share that is done.
    jobs : int, optional
        Processes; None takes one per core if there is enough to do.
    folder : Path, optional
        Where what is done is stored, and found again.
    """
    bases = list({id(trials[i].base_rate): trials[i].base_rate for i in distinct.first}.values())
    order = [
        in_neighbourly_order([(i, trials[i]) for i in distinct.first if trials[i].base_rate is one]) for one in bases
    ]
    sizes = sum(len(row) * sum(map(len, one.circles)) for one, row in zip(bases, order, strict=True))
    looks = sum(len(row) * len(one.circles) for one, row in zip(bases, order, strict=True))
    processes = jobs or (1 if looks < WORTH_PROCESSES else os.cpu_count() or 1)
    with folder_for(sizes, folder, processes) as place:
        check_room(place, sizes)
        blocks = blocks_of([one.circles for one in bases], [[trials[i].day0 for i in row] for row in order], place)
        rows = computed(blocks, processes, lambda done: tell(done / max(looks, 1)))
        number = {i: at for at, i in enumerate(i for row in order for i in row)}
        places = np.array([number[i] for i in distinct.first])[distinct.of_set]
        held = [trials[i].held for row in order for i in row]
        return adjust_looks(rows, held, len(bases[0].circles), places)


class Looked(Protocol):
    """What distinct sets of events gave, each by its number, at a horizon by its position."""

    def p_value(self, number: int, column: int) -> float:
        """Return its own p; NaN where nothing was tried."""

    def observed(self, number: int, column: int) -> float:
        """Return the size observed; NaN where nothing was tried."""

    def length(self, number: int, column: int) -> int:
        """Return the number of shifts."""

    def sizes(self, number: int, column: int) -> np.ndarray:
        """Return the sizes under every shift, the observed one first."""


def adjust_looks(rows: Looked, held: Sequence[Hashable], horizons: int, places: Ints) -> Judged:
    """Adjust the looks of distinct sets.

    Parameters
    ----------
    rows : Looked
        What they gave under every shift.
    held : sequence
        What each of them holds: sets that hold the same have the same history.
    horizons : int
        How many horizons each is judged at.
    places : ndarray of shape (n_sets,)
        Which of them each set of the search is.
    """
    looks = [(number, column) for number in range(len(held)) for column in range(horizons)]
    own = [rows.p_value(*look) for look in looks]
    observed = [rows.observed(*look) for look in looks]
    lengths = [rows.length(*look) for look in looks]
    histories = [held[number] for number, _ in looks]
    family = step_down(lambda i: rows.sizes(*looks[i]), observed, lengths, own, histories)
    shape = (len(held), horizons)
    tried = [look for look, p in zip(looks, own, strict=True) if p == p]
    return Judged(
        np.array(own).reshape(shape)[places],
        np.array(family.adjusted).reshape(shape)[places],
        _effective(rows, tried, family.largest),
    )


def _effective(rows: Looked, tried: Sequence[tuple[int, int]], largest: np.ndarray) -> float | None:
    """Return how many independent looks would have the same chance of a false finding (Dudbridge and Gusnanto 2008).

    The size that the largest of all exceeds under 5% of the shifts is exceeded by single looks under a smaller share a
    of them: 1 - (1 - a)^m is 5%. The share is the mean over looks, or over some, evenly spread.
    """
    if not tried:
        return None
    limit = np.quantile(largest, 1.0 - LEVEL)
    step = max(1, len(tried) // SAMPLED)
    share = float(
        np.mean(
            [np.count_nonzero(sizes >= limit) / len(sizes) for sizes in (rows.sizes(*look) for look in tried[::step])]
        )
    )
    return max(1.0, math.log1p(-LEVEL) / math.log1p(-share)) if 0.0 < share < 1.0 else None
