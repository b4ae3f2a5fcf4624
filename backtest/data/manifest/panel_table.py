"""The table ``[panel]`` of a manifest: many assets in one long table."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

PriceField = Literal["close", "open", "high", "low"]
Text = Annotated[str, Field(min_length=1)]


class PanelColumns(BaseModel):
    """Which column of the long table holds what; without a name, a field is not read."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    asset: Text = "symbol"
    session: Text = "session"
    close: Text = "close"
    open: Text | None = None
    high: Text | None = None
    low: Text | None = None

    def fields(self) -> dict[PriceField, str]:
        """Return the column of each field that is read."""
        named: dict[PriceField, str | None] = {
            "close": self.close,
            "open": self.open,
            "high": self.high,
            "low": self.low,
        }
        return {name: column for name, column in named.items() if column is not None}

    def read(self) -> list[str]:
        """Return all columns that are read."""
        return [self.asset, self.session, *self.fields().values()]


class PanelTable(BaseModel):
    """Many assets on the calendar of the dataset: one row per asset and session.

    The series of the dataset are what all assets share; a detector reads the asset itself as ``"close"``.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    title: Text
    kind: Literal["price_index", "total_return_index"]
    unit: Text
    source: str = ""
    file: Text | None = None
    """Without it, a generator writes the panel, as that of the embedded sample."""
    columns: PanelColumns = PanelColumns()
    description: str = ""
    """Which assets these are, and which are not: survivors, for example."""

    @field_validator("file")
    @classmethod
    def _inside_the_folder(cls, value: str | None) -> str | None:
        return value if value is None else inside_the_folder(value)


def inside_the_folder(value: str) -> str:
    """Return the path of a delivered file if it lies in the imported folder.

    Raises
    ------
    ValueError
        It is absolute, leads out of the folder, or is written for one system alone.
    """
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or "\\" in value or ":" in value:
        raise ValueError("must be a path inside the imported folder, with '/' between its parts")
    return value
