"""Where to cut a history: the sessions that are most likely to reveal look-ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backtest.model import Bools, Condition, Floats, Ints, Prices, Sessions


@dataclass(frozen=True)
class Effort:
    """How often a detector runs; in counts, not seconds, so that every machine finds the same.

    Attributes
    ----------
    truncations : int
        Number of cuts: half of them where the answer or the data change; a quarter between large moves and where the
        answer is no although the indicator is as high as where it is yes; an eighth at the ends of weeks, months and
        years; the rest anywhere.
    futures : int
        Sessions after which the future is replaced, series by series.
    search : int
        Maximum number of further cuts per round of the search for an earlier session, once a leak is found.
    """

    truncations: int
    futures: int
    search: int


FULL = Effort(truncations=240, futures=16, search=1000)
SAMPLE = Effort(truncations=48, futures=6, search=0)


def choose_cuts(prices: Prices, base: Condition, reads: tuple[str, ...], many: int, rng: np.random.Generator) -> Ints:
    """Choose cuts: numbers of first sessions to keep, ascending, at least 1 and less than the history.

    No cut is before the series that are read begin.

    Parameters
    ----------
    prices : Prices
        The history.
    base : Condition
        The answer on the whole history.
    reads : tuple of str
        The series that the detector reads.
    many : int
        Maximum number of cuts.
    rng : numpy.random.Generator
        Source of the draws.
    """
    n, begin = len(prices), first_value_of(prices, reads)
    if n < 2:
        return np.empty(0, dtype=np.int64)
    turns = [_changes(base.met), _changes(base.known)]
    turns += [_changes(np.isfinite(values)) for values in _read(prices, reads)]
    around = np.concatenate([turn + offset for turn in turns for offset in (-1, 0, 1, 2)])
    first = np.unique(around[(around >= begin) & (around < n)])
    half, quarter, eighth = many // 2, many // 4, many // 8
    rejected = _rejected(base)
    rejected = _draw(rejected[(rejected >= begin) & (rejected < n)], quarter // 2, rng)
    ends = [cuts[cuts >= begin] for cuts in _period_ends(prices.sessions)]
    chosen = [
        first[: half // 4],
        _draw(first[half // 4 :], half - half // 4, rng),
        rejected,
        _between_moves(prices, reads, quarter - len(rejected)),
        *(_draw(cuts, eighth // 3, rng) for cuts in ends),
        _draw(np.arange(begin, n), many - half - quarter - eighth, rng),
    ]
    return np.unique(np.concatenate(chosen))


def search_cuts(prices: Prices, reads: tuple[str, ...], end: int, many: int) -> Ints:
    """Choose cuts up to `end` to search for an earlier leak: all of them, if `many` are enough.

    Otherwise half of them lie between large moves and half at equal distances, from where the series begin.
    """
    begin = first_value_of(prices, reads)
    if end - begin < many:
        return np.arange(begin, end + 1)
    moves = _between_moves(prices.until(end + 1), reads, many // 2)
    return np.unique(np.concatenate([moves, np.linspace(begin, end, many - many // 2).astype(np.int64)]))


def median_event_cut(prices: Prices, base: Condition, reads: tuple[str, ...]) -> int:
    """Return the cut at which the middle event has just begun; without events, the middle of the history."""
    begin, n = first_value_of(prices, reads), len(prices)
    starts = _changes(base.met)
    starts = starts[base.met[starts] & (starts >= begin) & (starts < n - 1)]
    return int(starts[len(starts) // 2]) + 1 if len(starts) else (begin + n) // 2


def first_value_of(prices: Prices, reads: tuple[str, ...]) -> int:
    """Return the first session on which one of the series that are read has a value, at least 1."""
    there = [np.flatnonzero(np.isfinite(values))[:1] for values in _read(prices, reads)]
    there += [prices.tables[name].session[:1] for name in reads if name in prices.tables]
    firsts = np.concatenate([*there, np.empty(0, dtype=np.int64)])
    return min(max(int(firsts.min(initial=len(prices))), 1), len(prices) - 1) if len(firsts) else 1


def _read(prices: Prices, reads: tuple[str, ...]) -> Iterator[Floats]:
    return (prices.columns[name] for name in reads if name in prices.columns)


def _draw(pool: Ints, many: int, rng: np.random.Generator) -> Ints:
    return rng.choice(pool, min(many, len(pool)), replace=False)


def _changes(flags: Bools) -> Ints:
    """Return the positions whose flag differs from the previous one."""
    return np.flatnonzero(flags[1:] != flags[:-1]) + 1


def _rejected(base: Condition) -> Ints:
    """Return cuts after sessions that are not met although the indicator has a value at which others are met."""
    if base.indicator is None or not base.met.any():
        return np.empty(0, dtype=np.int64)
    values = base.indicator.values
    met = values[base.met & np.isfinite(values)]
    low, high = met.min(initial=np.inf), met.max(initial=-np.inf)
    return np.flatnonzero(~base.met & base.known & (values >= low) & (values <= high)) + 1


def _between_moves(prices: Prices, reads: tuple[str, ...], many: int) -> Ints:
    """Return cuts between large moves of the series that are read: one on the last session, one on the next.

    An event that is revoked because of what came after it leaves no trace in the answer; these cuts can find it.
    """
    names = [name for name in reads if name in prices.columns]
    found = [np.empty(0, dtype=np.int64)]
    for name in names:
        values = prices.columns[name]
        moves = np.abs(np.diff(values, prepend=np.nan))
        if prices.series[name].basis is not None:  # levels grow, so use relative changes
            moves = moves / np.abs(values)
        size = np.nan_to_num(moves[:-1] * moves[1:], nan=0.0, posinf=0.0)
        largest = np.argsort(-size, kind="stable")[: many // len(names)]
        found.append(np.sort(largest[size[largest] > 0]) + 1)
    return np.concatenate(found)


def _period_ends(sessions: Sessions) -> Iterator[Ints]:
    """Yield cuts at which a week, a month or a year has just ended, just begun, or is about to end."""
    weeks = (sessions.astype("datetime64[D]").astype(np.int64) + 3) // 7  # they begin on Mondays
    for period in (weeks, sessions.astype("datetime64[M]"), sessions.astype("datetime64[Y]")):
        ends = np.flatnonzero(period[1:] != period[:-1]) + 1
        around = np.unique(np.concatenate([ends + offset for offset in (-1, 0, 1)]))
        yield around[(around >= 1) & (around < len(sessions))]
