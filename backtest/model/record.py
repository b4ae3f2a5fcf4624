"""A run as it stands on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backtest.untyped import Json

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Record:
    """A recorded run as it stands on disk: all that a report may know."""

    folder: Path
    run: Json
    """The content of ``run.json``."""
    tables: dict[str, pa.Table]
    """The Parquet tables by name; those that a run may lack only where it has them."""
