"""The table ``[panel]`` of a manifest: many assets in one long table."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

PriceField = Literal["close", "open", "high", "low"]
CREDENTIALS = re.compile(r"//[^/]*:.*@|[?&][^=&]*(key|password|secret|token)[^=&]*=", re.IGNORECASE)
"""A password before the host, or an option of a URI that is secret."""
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


class PanelChecks(BaseModel):
    """What the firewall counts on each asset of a panel; 0 switches `stale` off."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    jump_down: Annotated[float, Field(gt=-1, lt=0)] = -0.9
    """A return of one session at or below which it is counted, as a fraction."""
    jump_up: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 9.0
    """A return of one session at or above which it is counted, as a fraction."""
    stale: Annotated[int, Field(ge=0)] = 21
    """Sessions in a row with the same close from which they are counted."""
    set_aside: list[Literal["missing_sessions", "jump", "stale"]] = []
    """Rules whose assets are left out; else they are only counted."""


class MembershipColumns(BaseModel):
    """Which column of the table of members holds what."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True, validate_by_name=True)

    asset: Text = "symbol"
    first: Text = Field(default="from", alias="from")
    last: Text = Field(default="to", alias="to")


class GroupsColumns(BaseModel):
    """Which column of the table of groups holds what."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    asset: Text = "symbol"
    group: Text = "group"


class TableBeside(BaseModel):
    """A table beside that of the panel."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    folder: Text | None = None
    """Where the file is if not in the imported folder, as that of the panel."""
    file: Text
    description: str = ""

    @field_validator("file")
    @classmethod
    def _inside_the_folder(cls, value: str) -> str:
        return inside_the_folder(value)

    @field_validator("folder")
    @classmethod
    def _is_a_uri(cls, value: str | None) -> str | None:
        return address_of_folder(value)


class MembershipTable(TableBeside):
    """When each asset belonged to the universe: one row per asset and interval, both ends included."""

    columns: MembershipColumns = MembershipColumns()


class GroupsTable(TableBeside):
    """The group of each asset, such as its sector: one row per asset."""

    columns: GroupsColumns = GroupsColumns()


class PanelTable(BaseModel):
    """Many assets on the calendar of the dataset: one row per asset and session.

    The series of the dataset are what all assets share; a detector reads the asset itself as ``"close"``.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    title: Text
    kind: Literal["price_index", "total_return_index"]
    unit: Text
    source: str = ""
    folder: Text | None = None
    """Where the files are if not in the imported folder, such as ``"s3://bucket/stocks"``."""
    file: Text | None = None
    """One table, or several: ``*`` stands for any part of a name, ``**`` for any folders, ``{asset}`` and ``{session}``
    for what the path says of all rows, as in ``"daily/{asset}.csv"`` or ``"symbol={asset}/*.parquet"``. Without it, a
    generator writes the panel, as that of the embedded sample."""
    columns: PanelColumns = PanelColumns()
    description: str = ""
    """Which assets these are, and which are not: survivors, for example."""
    symbols: list[Text] = []
    """The assets to read; default: all that are delivered."""
    checks: PanelChecks = PanelChecks()
    membership: MembershipTable | None = None
    """When each asset belonged to the universe; without it, as long as it has closes."""
    groups: GroupsTable | None = None
    """The group of each asset, unless a strategy names a file of its own."""

    @field_validator("file")
    @classmethod
    def _inside_the_folder(cls, value: str | None) -> str | None:
        if value is not None and re.search(r"[{}]", value.replace("{asset}", "", 1).replace("{session}", "", 1)):
            raise ValueError("may name {asset} and {session}, once each, and nothing else in braces")
        return value if value is None else inside_the_folder(value)

    @field_validator("folder")
    @classmethod
    def _is_a_uri(cls, value: str | None) -> str | None:
        return address_of_folder(value)

    @model_validator(mode="after")
    def _keeps_no_secret(self) -> PanelTable:
        """Refuse credentials, for a manifest is shown and passed on; as a rule of the table it does not repeat them."""
        folders = [self.folder, *(one.folder for one in (self.membership, self.groups) if one)]
        if any(CREDENTIALS.search(folder) for folder in folders if folder):
            raise ValueError("folder must hold no credentials: leave them to the environment, as AWS_SECRET_ACCESS_KEY")
        return self

    @model_validator(mode="after")
    def _said_once(self) -> PanelTable:
        for key in ("asset", "session"):
            if f"{{{key}}}" in (self.file or "") and key in self.columns.model_fields_set:
                raise ValueError(f"file says {{{key}}}, and columns.{key} too: leave one of them out")
        return self


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


def address_of_folder(value: str | None) -> str | None:
    """Return the address of a folder that is not the imported one.

    Raises
    ------
    ValueError
        It is no address.
    """
    if value is not None and not re.match(r"[a-z][a-z0-9]*://", value):
        raise ValueError("must be a URI such as s3://bucket/folder")
    return value
