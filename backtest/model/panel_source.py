"""Where the panel of a dataset is read from: all of it, or one block of assets at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from backtest.model.panel import Panel
from backtest.model.series import Field


@dataclass(frozen=True)
class PanelBlock:
    """A block of assets that is stored in one file; it pickles, so that a worker can read it.

    Attributes
    ----------
    first : int
        Column of its first asset in the whole panel.
    assets : tuple of str
        Their names, in the order of the columns.
    path : Path
        The file.
    sha256 : str
        Of the file, as the lock has it.
    rows : int
        Rows of the file: sessions from each asset's first to its last.
    bytes : int
        Size of the file.
    """

    first: int
    assets: tuple[str, ...]
    path: Path
    sha256: str
    rows: int
    bytes: int

    def __len__(self) -> int:
        return len(self.assets)


class PanelSource(Protocol):
    """A panel that is not in memory."""

    @property
    def assets(self) -> tuple[str, ...]:
        """Names of all assets, in the order of the columns."""

    @property
    def blocks(self) -> tuple[PanelBlock, ...]:
        """The blocks, in the order of the columns."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is known of each asset, ``"close"`` first."""

    @property
    def groups(self) -> tuple[str, ...]:
        """The group of each asset, empty for none; empty altogether without groups."""

    def read(self, fields: Sequence[Field] = ("close",)) -> Panel:
        """Read all assets."""

    def read_block(self, block: PanelBlock, fields: Sequence[Field] = ("close",)) -> Panel:
        """Read the assets of one block, with the common series."""


@dataclass(frozen=True)
class EarlierPanel:
    """The first sessions of a panel: what comes later is not there, so nothing can see it.

    Attributes
    ----------
    whole : PanelSource
        With all sessions.
    n : int
        How many sessions there are.
    """

    whole: PanelSource
    n: int

    @property
    def assets(self) -> tuple[str, ...]:
        """Names of all assets, with those whose first close comes later."""
        return self.whole.assets

    @property
    def blocks(self) -> tuple[PanelBlock, ...]:
        """The blocks of the whole."""
        return self.whole.blocks

    @property
    def fields(self) -> tuple[Field, ...]:
        """What is known of each asset."""
        return self.whole.fields

    @property
    def groups(self) -> tuple[str, ...]:
        """The group of each asset."""
        return self.whole.groups

    def read(self, fields: Sequence[Field] = ("close",)) -> Panel:
        """Read all assets."""
        return panel_until(self.whole.read(fields), self.n)

    def read_block(self, block: PanelBlock, fields: Sequence[Field] = ("close",)) -> Panel:
        """Read the assets of one block, with the common series."""
        return panel_until(self.whole.read_block(block, fields), self.n)


def panel_until(panel: Panel, n: int) -> Panel:
    """Return the first `n` sessions of a panel."""
    before = panel.common.until(n)
    common = replace(before, columns=dict(before.columns), tables=dict(before.tables))
    member = None if panel.member is None else panel.member[:n]
    fields = {name: np.asfortranarray(values[:n]) for name, values in panel.fields.items()}
    return replace(panel, fields=fields, common=common, member=member)
