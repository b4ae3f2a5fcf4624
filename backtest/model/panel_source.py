"""Where the panel of a dataset is read from: all of it, or one block of assets at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

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

    def read(self, fields: Sequence[Field] = ("close",)) -> Panel:
        """Read all assets."""

    def read_block(self, block: PanelBlock, fields: Sequence[Field] = ("close",)) -> Panel:
        """Read the assets of one block, with the common series."""
