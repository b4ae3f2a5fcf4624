"""Where to cut a history: the sessions on which a detector that looks ahead is likeliest to be seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backtest.model import Bools, Condition, Ints, Prices, Sessions


@dataclass(frozen=True)
class Effort:
    """How often a detector is asked; counts, not seconds, so that the same is found on every machine.

    Attributes
    ----------
    truncations : int
        Histories cut off: half of them where the answer or the data change, a quarter at the ends of weeks, months
        and years, the rest anywhere.
    futures : int
        Sessions after which the future is replaced, series by series.
    search : int
        Further truncations that look for an earlier session once a leak is found.
    """

    truncations: int
    futures: int
    search: int


FULL = Effort(truncations=160, futures=16, search=1000)
SAMPLE = Effort(truncations=32, futures=6, search=0)


def choose_cuts(prices: Prices, base: Condition, reads: tuple[str, ...], many: int, rng: np.random.Generator) -> Ints:
    """Choose numbers of first sessions to keep, ascending, each at least 1 and less than the history.

    Parameters
    ----------
    prices : Prices
        The history.
    base : Condition
        The answer over all of it.
    reads : tuple of str
        The series that the detector asks for.
    many : int
        How many at most.
    rng : numpy.random.Generator
        Draws them.
    """
    n = len(prices)
    if n < 2:
        return np.empty(0, dtype=np.int64)
    turns = [_changes(base.met), _changes(base.known)]
    turns += [
        _changes(np.isfinite(prices.close(name))) for name in reads if name in prices.columns and name in prices.series
    ]
    around = np.concatenate([turn + offset for turn in turns for offset in (-1, 0, 1, 2)])
    first = np.unique(around[(around >= 1) & (around < n)])
    half, quarter = many // 2, many // 4
    chosen = [
        first[: half // 4],
        _draw(first[half // 4 :], half - half // 4, rng),
        *(_draw(ends, quarter // 3, rng) for ends in _period_ends(prices.sessions)),
        _draw(np.arange(1, n), many - half - quarter, rng),
    ]
    return np.unique(np.concatenate(chosen))


def _draw(pool: Ints, many: int, rng: np.random.Generator) -> Ints:
    return rng.choice(pool, min(many, len(pool)), replace=False)


def _changes(flags: Bools) -> Ints:
    """Return the positions whose flag differs from the one before."""
    return np.flatnonzero(flags[1:] != flags[:-1]) + 1


def _period_ends(sessions: Sessions) -> Iterator[Ints]:
    """Yield cuts with which a week, a month, a year is just complete, begun by one session, or about to end."""
    weeks = (sessions.astype("datetime64[D]").astype(np.int64) + 3) // 7  # they begin on Mondays
    for period in (weeks, sessions.astype("datetime64[M]"), sessions.astype("datetime64[Y]")):
        ends = np.flatnonzero(period[1:] != period[:-1]) + 1
        around = np.unique(np.concatenate([ends + offset for offset in (-1, 0, 1)]))
        yield around[(around >= 1) & (around < len(sessions))]
