"""A panel: many assets on one calendar, and the series that all of them share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, get_args

import numpy as np

from backtest.errors import DataRefused
from backtest.model.arrays import Bools, Floats, Ints
from backtest.model.history import Prices
from backtest.model.series import Field, SeriesInfo

OWN: Final = "close"
"""The series by which a detector reads the asset that it is run on."""
Weight = Literal["event", "date"]
"""Whether every event and asset-session counts the same, or every date."""


@dataclass(frozen=True)
class BulkFinding:
    """What one rule found in all assets together.

    Attributes
    ----------
    rule : str
        The rule's name.
    rows, assets : int
        How many rows, and of how many assets.
    worst : tuple of (str, int)
        The assets with most of them, with their numbers.
    set_aside : bool
        Whether these assets are left out of the panel.
    text : str
        What it means, in words.
    """

    rule: str
    rows: int
    assets: int
    worst: tuple[tuple[str, int], ...]
    set_aside: bool
    text: str


@dataclass(frozen=True, eq=False)
class Universe:
    """The assets of a panel without their values, which need not fit into memory; attributes as of `Panel`."""

    assets: tuple[str, ...]
    info: SeriesInfo
    common: Prices
    findings: tuple[BulkFinding, ...] = ()
    simulated: bool = False
    groups: tuple[str, ...] = ()
    description: str = ""

    def __len__(self) -> int:
        return len(self.assets)

    @property
    def group_numbers(self) -> Ints:
        """Number of each asset's group, in the order of their names; -1 for an asset of none."""
        number = {name: place for place, name in enumerate(sorted(set(self.groups) - {""}))}
        return np.array([number.get(name, -1) for name in self.groups or [""] * len(self)], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Panel:
    """Assets on one calendar.

    Attributes
    ----------
    assets : tuple of str
        Their names, in the order of the columns; each once.
    fields : mapping of str to ndarray of shape (n_sessions, n_assets)
        ``"close"``, and ``"open"``, ``"high"``, ``"low"`` where they are known; NaN where an asset has no value.
    info : SeriesInfo
        What every asset's series is.
    common : Prices
        The sessions, and the series that all assets share, such as an index; none of them may be called ``"close"``.
    """

    assets: tuple[str, ...]
    fields: Mapping[Field, Floats]
    info: SeriesInfo
    common: Prices
    findings: tuple[BulkFinding, ...] = ()
    """What did not fit when the panel was read."""
    simulated: bool = False
    """Whether any of it is simulated; every study of it then says so."""
    groups: tuple[str, ...] = ()
    """The group of each asset, such as its sector; empty for an asset of none. Empty altogether without groups."""
    description: str = ""
    """Which assets these are, and which are not, such as survivors alone; every study of it quotes this."""
    member: Bools | None = None
    """Whether each asset belonged to the universe, of shape (n_sessions, n_assets); None: always.

    On other sessions nothing is an event and nothing counts in a base rate, but a detector still sees their closes.
    """

    def __post_init__(self) -> None:
        shape = (len(self.common), len(self.assets))
        for name, values in self.fields.items():
            if name not in get_args(Field) or values.shape != shape:
                raise DataRefused(f"panel: {name} has the shape {values.shape}: must be {shape}, sessions by assets.")
        if self.member is not None and self.member.shape != shape:
            raise DataRefused(f"panel: member has the shape {self.member.shape}: must be {shape}, sessions by assets.")
        if OWN not in self.fields:
            raise DataRefused("panel: it has no close.")
        if len(set(self.assets)) < len(self.assets):
            raise DataRefused("panel: an asset is named twice.")
        if len(self.groups) not in (0, len(self.assets)):
            raise DataRefused(f"panel: {len(self.groups)} groups for {len(self.assets)} assets: each needs one.")
        if OWN in self.common.series or OWN in self.common.roles:
            raise DataRefused(
                f"panel: a common series or role is called '{OWN}', which means each asset's own.", "Rename it."
            )

    def __len__(self) -> int:
        return len(self.assets)

    @property
    def universe(self) -> Universe:
        """The same without any value."""
        return Universe(
            self.assets, self.info, self.common, self.findings, self.simulated, self.groups, self.description
        )

    @property
    def close(self) -> Floats:
        """Closes, of shape (n_sessions, n_assets)."""
        return self.fields[OWN]

    @cached_property
    def spans(self) -> tuple[Ints, Ints]:
        """The first and the last session position of each asset's closes; ``(n_sessions, -1)`` without any."""
        has = np.isfinite(self.close)
        n = len(has)
        first, last = has.argmax(axis=0), n - 1 - has[::-1].argmax(axis=0)
        empty = ~has.any(axis=0)
        return np.where(empty, n, first), np.where(empty, -1, last)

    def prices(self, asset: int) -> Prices:
        """Return the history as a detector on one asset sees it: the asset is ``"close"``, beside what all share."""
        own = {OWN if name == "close" else f"{OWN}.{name}": values[:, asset] for name, values in self.fields.items()}
        return self.common.beside({OWN: self.info}, own)

    def each(self) -> Iterator[Prices]:
        """Yield the history of every asset, in order."""
        return (self.prices(asset) for asset in range(len(self)))
