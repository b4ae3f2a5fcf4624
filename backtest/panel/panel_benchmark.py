"""What each asset of a panel is compared with: a common series, or the equal-weighted rest of its panel or group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from backtest.errors import StudyRefused
from backtest.model import Bools, Floats, Ints
from backtest.model.panel import Panel, Universe
from backtest.panel.block_windows import forward_of_block
from backtest.panel.session_changes import daily_changes

REST: Final = "rest"
"""As a benchmark: the equal-weighted other assets of the panel."""
GROUP: Final = "group"
"""As a benchmark: the equal-weighted other assets of the same group."""
BLOCK: Final = 64
"""Assets whose sums are made at a time, to bound memory."""


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
class GroupSums:
    """What the assets of each group earned on each session; sums over blocks of assets can be added.

    Attributes
    ----------
    total, count : ndarray of shape (n_sessions, n_groups)
        Sum of the returns of each group's assets, and how many have one.
    """

    total: Floats
    count: Ints

    @classmethod
    def of(cls, panel: Panel, group: Ints, n_groups: int) -> GroupSums:
        """Sum over the assets of a panel or of a block of one; `group` numbers each asset's, -1 for none."""
        shape = (len(panel.common), n_groups)
        total, count = np.zeros(shape), np.zeros(shape, dtype=np.int64)
        for first in range(0, len(panel), BLOCK):
            block = slice(first, first + BLOCK)
            changes = _counted(panel.close[:, block], None if panel.member is None else panel.member[:, block])
            for number in np.unique(group[block][group[block] >= 0]).tolist():
                these = changes[:, group[block] == number]
                total[:, number] += np.nansum(these, axis=1)
                count[:, number] += np.isfinite(these).sum(axis=1)
        return cls(total, count)

    def add(self, other: GroupSums) -> None:
        """Add the sums over other assets to these."""
        self.total[:] += other.total
        self.count[:] += other.count


@dataclass(frozen=True, eq=False)
class RestBenchmark:
    """The other assets of the same group, in equal parts that are restored every session.

    On each session it earns the mean return of the others that have a close on it and on the session before, on which
    they belonged to the universe. Where there is no other, it has no return, and windows that hold such a session are
    not complete.

    Attributes
    ----------
    close : ndarray of shape (n_sessions, n_assets)
        Closes of all assets or some; NaN where there is none.
    group : ndarray of shape (n_assets,)
        Number of each asset's group; -1 for an asset of none.
    sums : GroupSums
        Over all assets of the panel.
    """

    close: Floats
    group: Ints
    sums: GroupSums
    member: Bools | None = None
    """Whether each asset belonged to the universe, of the shape of `close`; None: always."""

    def of(self, block: slice | Ints) -> Compared:
        """Return the index of the others, for each asset in some columns."""
        member = None if self.member is None else self.member[:, block]
        own, group = _counted(self.close[:, block], member), self.group[block]
        has = np.isfinite(own) & (group >= 0)
        total, count = self.sums.total, self.sums.count
        others = np.where(group >= 0, count[:, group], 0) - has if count.size else np.zeros(own.shape)
        total = total[:, group] - np.where(has, own, 0.0) if total.size else np.zeros(own.shape)
        mean = np.divide(total, others, where=others > 0, out=np.zeros(own.shape))
        missing = others <= 0
        missing[0] = False  # nothing comes before the first session
        return Compared(np.cumprod(1.0 + mean, axis=0), np.cumsum(missing, axis=0))


def benchmark_of(panel: Panel, name: str) -> Benchmark | None:
    """Return what a strategy's ``measure.benchmark`` means on a panel; None for none; errors as `groups_compared`."""
    group = groups_compared(panel.universe, name)
    if group is not None:
        return RestBenchmark(panel.close, group, GroupSums.of(panel, group, many_groups(group)), panel.member)
    return CommonBenchmark(panel.common.close(name)) if name else None


def many_groups(group: Ints) -> int:
    """Return the number of groups that assets are numbered by."""
    return int(group.max(initial=-1)) + 1


def groups_compared(universe: Universe, name: str) -> Ints | None:
    """Return the number of the group in which each asset is compared with the others; None if it is not.

    Parameters
    ----------
    universe : Universe
        The assets.
    name : str
        ``measure.benchmark`` of a strategy.

    Returns
    -------
    ndarray of shape (n_assets,), or None
        -1 for an asset of no group; None where the benchmark is a common series, or there is none.

    Raises
    ------
    StudyRefused
        A common series has one of the two reserved names, or no asset has a group.
    """
    if name not in (REST, GROUP):
        return None
    if universe.common.knows(name):
        raise StudyRefused(
            f'measure.benchmark = "{name}": is a common series, and means the other assets of the {_WHOLE[name]}, too.',
            "Rename the series.",
        )
    if name == REST:
        return np.zeros(len(universe), dtype=np.int64)
    if not any(universe.groups):
        raise StudyRefused(
            'measure.benchmark = "group": no asset of the panel has a group.',
            'Write groups = "sectors.csv" in [study], a file of asset and group; or [panel.groups] in the manifest; or '
            'panel_of_frame(…, group="sector").',
        )
    return universe.group_numbers


_WHOLE = {REST: "panel", GROUP: "same group"}


def _counted(close: Floats, member: Bools | None) -> Floats:
    """Return the changes that the others earn: NaN where an asset did not belong on the session before."""
    changes = daily_changes(close)
    if member is not None:
        changes[1:][~member[:-1]] = np.nan
    return changes
