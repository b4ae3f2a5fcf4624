"""A run as recorded on disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backtest.untyped import Json

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class Record:
    """A recorded run as on disk: everything that a report may use."""

    folder: Path
    run: Json
    """The content of ``run.json``."""
    tables: dict[str, pa.Table]
    """The Parquet tables by name; optional tables only if the run has them."""


def is_panel(run: Json) -> bool:
    """Return whether a record is of a study on a panel, by the content of its ``run.json``."""
    return "panel" in run
