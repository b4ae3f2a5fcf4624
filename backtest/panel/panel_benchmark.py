"""What each asset of a panel is compared with: a common series, or the equal-weighted rest of its panel or group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from backtest.errors import StudyRefused
from backtest.model import Bools, Floats, Ints
from backtest.model.panel import Panel

REST: Final = "rest"
"""As a benchmark: the equal-weighted other assets of the panel."""
GROUP: Final = "group"
"""As a benchmark: the equal-weighted other assets of the same group."""
EVERY: Final = slice(None)


@dataclass(frozen=True, eq=False)
class Compared:
    """What a block of assets is compared with.

    Attributes
    ----------
    level : ndarray of shape (n_sessions, 1) or (n_sessions, n_assets)
        Above zero; NaN where it is not known.
    gaps : ndarray of the same shape, optional
        Sessions so far without a change; no window may hold one.
    """

    level: Floats
    gaps: Ints | None = None

    def forward(self, leave: Ints) -> Floats:
        """Return what came until `leave`, as `forward_of_block` does; NaN also where the window holds a gap."""
        returns = forward_of_block(self.level, leave)
        if self.gaps is not None:
            ends = np.minimum(leave, len(self.gaps) - 1)
            returns[self.gaps[ends] != self.gaps] = np.nan
        return returns

    @property
    def changes(self) -> Floats:
        """Return of every session; NaN where there is none."""
        changes = daily_changes(self.level)
        if self.gaps is not None:
            changes[1:][np.diff(self.gaps, axis=0) > 0] = np.nan
        return changes


class Benchmark(Protocol):
    """What the assets of a panel are compared with."""

    def of(self, block: slice | Ints) -> Compared:
        """Return what the assets in some columns are compared with."""


@dataclass(frozen=True, eq=False)
class CommonBenchmark:
    """One series for all assets; `level` has the shape (n_sessions,)."""

    level: Floats

    def of(self, block: slice | Ints) -> Compared:  # noqa: ARG002  the same for all blocks
        """Return the series, whatever the block."""
        return Compared(self.level[:, None])


@dataclass(frozen=True, eq=False)
class RestBenchmark:
    """The other assets of the same group, in equal parts that are restored every session.

    On each session it earns the mean return of the others that have a close on it and on the session before, on which
    they belonged to the universe. Where there is no other, it has no return, and windows that hold such a session are
    not complete.

    Attributes
    ----------
    close : ndarray of shape (n_sessions, n_assets)
        Closes; NaN where there is none.
    group : ndarray of shape (n_assets,)
        Number of each asset's group; -1 for an asset of none.
    total, count : ndarray of shape (n_sessions, n_groups)
        Sum of the returns of each group's assets, and how many have one; both are sums over blocks of assets.
    """

    close: Floats
    group: Ints
    total: Floats
    count: Ints
    member: Bools | None = None
    """Whether each asset belonged to the universe, of the shape of `close`; None: always."""

    @classmethod
    def made(cls, close: Floats, group: Ints, member: Bools | None = None) -> RestBenchmark:
        """Sum the returns of each group."""
        shape = (len(close), int(group.max(initial=-1)) + 1)
        total, count = np.zeros(shape), np.zeros(shape, dtype=np.int64)
        changes = _counted(close, member)
        for number in range(shape[1]):
            these = changes[:, group == number]
            total[:, number], count[:, number] = np.nansum(these, axis=1), np.isfinite(these).sum(axis=1)
        return cls(close, group, total, count, member)

    def of(self, block: slice | Ints) -> Compared:
        """Return the index of the others, for each asset in some columns."""
        member = None if self.member is None else self.member[:, block]
        own, group = _counted(self.close[:, block], member), self.group[block]
        has = np.isfinite(own) & (group >= 0)
        others = np.where(group >= 0, self.count[:, group], 0) - has if self.count.size else np.zeros(own.shape)
        total = self.total[:, group] - np.where(has, own, 0.0) if self.total.size else np.zeros(own.shape)
        mean = np.divide(total, others, where=others > 0, out=np.zeros(own.shape))
        missing = others <= 0
        missing[0] = False  # nothing comes before the first session
        return Compared(np.cumprod(1.0 + mean, axis=0), np.cumsum(missing, axis=0))


def benchmark_of(panel: Panel, name: str) -> Benchmark | None:
    """Return what a strategy's ``measure.benchmark`` means on a panel; None for none.

    Raises
    ------
    StudyRefused
        A common series has one of the two reserved names, or no asset has a group.
    NotFound
        There is no such series.
    """
    if not name:
        return None
    if name not in (REST, GROUP):
        return CommonBenchmark(panel.common.close(name))
    if panel.common.knows(name):
        raise StudyRefused(
            f'measure.benchmark = "{name}": is a common series, and means the other assets of the {_WHOLE[name]}, too.',
            "Rename the series.",
        )
    if name == REST:
        return RestBenchmark.made(panel.close, np.zeros(len(panel), dtype=np.int64), panel.member)
    if not any(panel.groups):
        raise StudyRefused(
            'measure.benchmark = "group": no asset of the panel has a group.',
            'Write groups = "sectors.csv" in [study], a file of asset and group; or panel_of_frame(…, group="sector").',
        )
    return RestBenchmark.made(panel.close, panel.group_numbers, panel.member)


_WHOLE = {REST: "panel", GROUP: "same group"}


def _counted(close: Floats, member: Bools | None) -> Floats:
    """Return the changes that the others earn: NaN where an asset did not belong on the session before."""
    changes = daily_changes(close)
    if member is not None:
        changes[1:][~member[:-1]] = np.nan
    return changes


def daily_changes(level: Floats) -> Floats:
    """Return the return of every session from the one before, of the shape of `level`; NaN where either is missing."""
    changes = np.full(level.shape, np.nan)
    changes[1:] = level[1:] / level[:-1] - 1.0
    return changes


def changes_over_gaps(level: Floats) -> Floats:
    """Return the change on each session, a change over missing closes on the session that ends the gap.

    So the realised variance of an asset that trades rarely holds all of its moves.

    Returns
    -------
    ndarray of shape (n_sessions, n_assets)
        Zero on a session without a close; NaN up to the first close, and after the last.
    """
    has = np.isfinite(level)
    before = np.maximum.accumulate(np.where(has, np.arange(len(level))[:, None], -1), axis=0)
    alive = (before[:-1] >= 0) & np.logical_or.accumulate(has[::-1], axis=0)[::-1][1:]
    filled = np.take_along_axis(level, np.maximum(before, 0), axis=0)
    changes = np.full(level.shape, np.nan)
    changes[1:] = np.where(alive, filled[1:] / filled[:-1] - 1.0, np.nan)
    return changes


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows that a history completes; made once, for as many assets as there are.

    Attributes
    ----------
    since, until : slice or ndarray
        Session positions at which they begin and end. A slice copies nothing.
    first, stop : int
        No window begins before `first`, or at `stop` or later.
    """

    since: slice | Ints
    until: slice | Ints
    first: int
    stop: int

    @classmethod
    def of(cls, leave: Ints) -> Windows:
        """Find the windows of a horizon; `leave` is as `window_ends` gives it."""
        inside = np.flatnonzero((leave < len(leave)) & (leave > np.arange(len(leave))))
        if not len(inside):
            return cls(slice(0, 0), slice(0, 0), 0, 0)
        return cls(_run(inside), _run(leave[inside]), int(inside[0]), int(inside[-1]) + 1)

    def returns(self, level: Floats, entry: Floats | None = None, out: Floats | None = None) -> Floats:
        """Return what several assets gave, as `forward_of_block` does.

        Parameters
        ----------
        level : ndarray of shape (n_sessions, n_assets)
            Closes; NaN where there is none.
        entry : ndarray of shape (n_sessions, n_assets), optional
            Closes at which windows begin, NaN where none may; by default, `level`.
        out : ndarray of shape (n_sessions, n_assets), optional
            Is filled and returned.
        """
        result = np.empty_like(level) if out is None else out
        result[: self.first] = result[self.stop :] = np.nan
        begun = level if entry is None else entry
        if isinstance(self.since, slice):
            into = result[self.since]
            np.divide(level[self.until], begun[self.since], out=into)
            into -= 1.0
        else:
            result[self.first : self.stop] = np.nan
            result[self.since] = level[self.until] / begun[self.since] - 1.0
        return result


def forward_of_block(level: Floats, leave: Ints) -> Floats:
    """Return ``level[leave[t]] / level[t] - 1`` of several assets.

    Parameters
    ----------
    level : ndarray of shape (n_sessions, n_assets)
        Closes; NaN where there is none.
    leave : ndarray of shape (n_sessions,)
        Session position at which each window ends, as `window_ends` gives it.

    Returns
    -------
    ndarray of shape (n_sessions, n_assets)
        NaN where the window leaves the history, or either end has no close.
    """
    return Windows.of(leave).returns(level)


def _run(at: Ints) -> slice | Ints:
    """Return positions as a slice, if they follow one another."""
    whole = at[-1] - at[0] + 1 == len(at) and bool((np.diff(at) == 1).all())
    return slice(int(at[0]), int(at[-1]) + 1) if whole else at
