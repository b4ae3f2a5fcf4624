"""The panel of a stored dataset, read by field and by block of assets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from backtest.data.panel.delivered_groups import GROUPS, stored_groups
from backtest.data.panel.membership import MEMBERS, stored_membership
from backtest.data.panel.partition_file import read_fields
from backtest.data.store.lock import LOCK, Lock, repair
from backtest.data.store.locked_panel import LockedPanel
from backtest.errors import DataRefused, DatasetCorrupt
from backtest.files import read_file, sha256_of
from backtest.model import Dataset, Field, Floats, Prices
from backtest.model.panel import OWN, Panel
from backtest.model.panel_source import PanelBlock

Stored = TypeVar("Stored")


class StoredPanel:
    """A panel on disk; it pickles as a reference, and another process reads the lock and the common series again.

    Its sessions are those of the dataset from the first to the last with a close of any asset.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    lock : Lock
        What it holds; it has a panel.
    prices : Prices
        The series that all assets share.
    simulated : bool
        Whether any of it is simulated.
    reference : callable
        Loads the dataset again.
    """

    def __init__(
        self, folder: Path, lock: Lock, prices: Prices, simulated: bool, reference: Callable[[], Dataset]
    ) -> None:
        if lock.panel is None:
            raise ValueError("the lock has no panel")
        self._dataset, self._locked, self._reference = lock.dataset, lock.panel, reference
        self._prices, self._simulated = prices, simulated
        self.blocks = _blocks(folder, lock, lock.panel)
        self.assets = tuple(asset for block in self.blocks for asset in block.assets)
        self.fields: tuple[Field, ...] = tuple(lock.panel.fields)
        first, last = (np.datetime64(day, "D") for day in (lock.panel.first, lock.panel.last))
        at = np.searchsorted(prices.sessions, [first, last])
        members, groups = (partial(_beside, folder, lock, name) for name in (MEMBERS, GROUPS))
        self._members = None if lock.panel.members is None else cache(lambda: members(stored_membership))
        self._groups = None if lock.panel.groups is None else cache(lambda: groups(stored_groups))
        self._window = int(at[0]), int(at[1]) + 1

    def __len__(self) -> int:
        return len(self.assets)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._reference,)

    def read(self, fields: Sequence[Field] = (OWN,)) -> Panel:
        """Read all assets.

        Parameters
        ----------
        fields : sequence of str
            Which of `fields`; the closes are always read.

        Raises
        ------
        DataRefused
            The panel does not have a field.
        DatasetCorrupt
            A file does not match the lock file.
        """
        return self._read(self.assets, self.blocks, fields)

    def read_block(self, block: PanelBlock, fields: Sequence[Field] = (OWN,)) -> Panel:
        """Read the assets of one block; parameters and errors as `read`."""
        return self._read(block.assets, [block], fields)

    def _read(self, assets: tuple[str, ...], blocks: Sequence[PanelBlock], fields: Sequence[Field]) -> Panel:
        common, locked = self._prices.between(*self._window), self._locked
        into = {name: np.empty((len(assets), len(common))) for name in self._wanted(fields)}
        for block in blocks:
            at = block.first - blocks[0].first
            self._fill(block, {name: values[at : at + len(block)] for name, values in into.items()})
        for values in into.values():
            values.flags.writeable = False
        read = {name: values.T for name, values in into.items()}
        member = None if self._members is None else self._members().flags(assets, common.sessions)
        groups = self._groups_of(assets)
        found, about = tuple(locked.findings), " ".join(locked.description.split())
        return Panel(assets, read, locked.info(), common, found, self._simulated, groups, about, member)

    @property
    def groups(self) -> tuple[str, ...]:
        """The group of each of `assets`, empty for none; empty altogether without groups."""
        return self._groups_of(self.assets)

    def _groups_of(self, assets: tuple[str, ...]) -> tuple[str, ...]:
        return () if self._groups is None else self._groups().of(assets)

    def _wanted(self, fields: Sequence[Field]) -> tuple[Field, ...]:
        for name in fields:
            if name not in self.fields:
                known = ", ".join(self.fields)
                raise DataRefused(f"dataset '{self._dataset}': its panel has no {name}.", f"It has: {known}.")
        return tuple(dict.fromkeys((OWN, *fields)))

    def _fill(self, block: PanelBlock, into: Mapping[Field, Floats]) -> None:
        try:
            read_fields(_content(block.path, block.bytes, block.sha256), into, self._window[0])
        except (OSError, ValueError, pa.ArrowException) as error:
            raise _corrupt(self._dataset, block.path, error) from error


def _content(path: Path, size: int, sha256: str) -> bytes:
    content = read_file(path, size)
    if (actual := sha256_of(content)) != sha256:
        raise ValueError(f"its sha256 {actual[:12]}… does not match {LOCK} ({sha256[:12]}…)")
    return content


def _corrupt(dataset: str, path: Path, error: Exception) -> DatasetCorrupt:
    reason = " ".join(str(error).split())[:300]
    return DatasetCorrupt(f"{path}: cannot be read: {reason}.", repair(dataset))


def _beside(folder: Path, lock: Lock, name: str, stored: Callable[[bytes], Stored]) -> Stored:
    """Return what a file beside the blocks holds."""
    path = lock.path_of(name)
    try:
        return stored(_content(folder / path, lock.files[path].bytes, lock.files[path].sha256))
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise _corrupt(lock.dataset, folder / path, error) from error


def _blocks(folder: Path, lock: Lock, panel: LockedPanel) -> tuple[PanelBlock, ...]:
    path_of = {path.rpartition("/")[2]: path for path in lock.files}
    blocks, first = [], 0
    for block in panel.blocks:
        relative = path_of.get(block.file)
        if relative is None:
            raise DatasetCorrupt(f"dataset '{lock.dataset}': {LOCK} does not name {block.file}.", repair(lock.dataset))
        file = lock.files[relative]
        blocks.append(PanelBlock(first, tuple(block.assets), folder / relative, file.sha256, file.rows, file.bytes))
        first += len(block.assets)
    return tuple(blocks)


@lru_cache(maxsize=2)
def _again(reference: Callable[[], Dataset]) -> StoredPanel:
    """Load the panel that a reference names; a worker that reads many of its blocks loads it once."""
    panel = reference().panel
    if not isinstance(panel, StoredPanel):
        raise DatasetCorrupt("the dataset no longer has a panel.", "Start again, on what is there now.")
    return panel
