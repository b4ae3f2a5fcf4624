"""The lock file of a dataset: its data, the origin of each series, and the rows that were left out.

It is written last and replaced at once, so that a dataset is always either the old one or the new one.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from backtest.data.store.locked_panel import LockedPanel
from backtest.errors import DatasetCorrupt, DatasetUnavailable
from backtest.files import MOST_TEXT, read_file, read_text, sha256_of
from backtest.model import Kind, SeriesInfo, Sessions
from backtest.model.finding import Finding
from backtest.model.series import Late
from backtest.spec.validation import explain
from backtest.untyped import read_toml
from backtest.workspace import MANIFEST

LOCK = "lock.json"
PRICES = "prices.parquet"
MOST_BYTES = 256_000_000
"""Largest size of a lock file."""
REPAIRED = "repaired on request: "
EARLIER_REPAIR = re.compile(rf"{REPAIRED}(?P<rule>\w+) = (?P<action>\w+)")
LISTED = 150
"""Up to this many dropped rows are listed by date; more are counted, with the first and last date."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Dropped(_Entry):
    """Rows of a source file that are not in the dataset, or not as delivered."""

    reason: str
    """In words, with all details."""
    rows: int
    first: dt.date
    last: dt.date
    dates: list[dt.date]
    rule: str = ""
    """The repair's rule, such as ``"stale_futures"``; ``"off_session"`` for rows moved to the next session; empty
    for rows left out without a request."""
    action: str = ""
    """What was done: ``"drop"``, ``"sort"``, ``"blank"``, ``"move"``, ...; empty if the rows were left out."""
    group: str = ""
    """The reason without the details of single rows: rows of one group are counted together."""

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_lock(cls, content: Any) -> Any:  # noqa: ANN401  whatever the file holds
        """Fill in what locks from before version 0.2 say only in their reason."""
        if not isinstance(content, dict) or "group" in content or not isinstance(content.get("reason"), str):
            return content
        group = content["reason"].partition(" (contract ")[0]
        found = EARLIER_REPAIR.match(group)
        repair = {} if found is None else {"rule": found["rule"], "action": found["action"]}
        return {**content, "group": group, **repair}

    @property
    def stays(self) -> bool:
        """Whether the rows are in the dataset after all: moved, or with a blanked value."""
        return self.action in ("sort", "blank", "move")

    @classmethod
    def of(cls, reason: str, dates: Sessions, *, detail: str = "", rule: str = "", action: str = "") -> Dropped:
        """Count rows and list their dates; `dates` has one per row, and at least one."""
        days: list[dt.date] = np.unique(dates).astype("datetime64[D]").tolist()
        listed = days if len(days) <= LISTED else []
        return cls(
            reason=f"{reason}{detail}",
            rows=len(dates),
            first=days[0],
            last=days[-1],
            dates=listed,
            rule=rule,
            action=action,
            group=reason,
        )

    @classmethod
    def moved(cls, reason: str, dates: Sessions) -> Dropped:
        """Count rows that are stored at a later session than their own day."""
        return cls.of(reason, dates, rule="off_session", action="move")

    @classmethod
    def repaired(cls, rule: str, action: str, dates: Sessions, *, column: str = "", detail: str = "") -> Dropped:
        """Count rows that a repair changed on request."""
        where = f" ({column})" if column else ""
        return cls.of(f"{REPAIRED}{rule} = {action}{where}", dates, detail=detail, rule=rule, action=action)


class Origin(_Entry):
    """Where one series came from."""

    file: str = ""
    sha256: str = ""
    """Of the file, or of the provider's raw answer."""
    provider: str = ""
    symbol: str = ""
    fetched: dt.datetime | None = None
    derivation: str = ""
    dropped: list[Dropped] = []


class LockedLate(_Entry):
    """Prices that became known after their day, by source; the first and last session at which they are stored."""

    lags: dict[str, int]
    first: dt.date
    last: dt.date


class LockedSeries(Origin):
    """One stored series: `rows` values from `first` to `last`, and `gaps` sessions without a value in between."""

    title: str
    kind: Kind
    unit: str
    source: str
    rows: int
    first: dt.date | None
    last: dt.date | None
    gaps: int
    publication_lag: int = 0
    proxy: bool = False
    late: LockedLate | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_an_earlier_lock(cls, content: Any) -> Any:  # noqa: ANN401  whatever the file holds
        """Fill in what locks from before version 0.2 say only in their derivation."""
        if isinstance(content, dict) and "proxy" not in content:
            return {**content, "proxy": str(content.get("derivation", "")).startswith("proxy, no futures: ")}
        return content

    def info(self, name: str) -> SeriesInfo:
        """Return the series' description for the stages of a study."""
        late = None if self.late is None else Late(tuple(self.late.lags.items()), self.late.first, self.late.last)
        return SeriesInfo(
            name,
            self.title,
            self.kind,
            self.unit,
            self.source,
            self.derivation,
            self.publication_lag,
            self.proxy,
            late,
        )


class LockedFile(_Entry):
    """One file of the dataset."""

    sha256: str
    rows: int
    bytes: int


class Lock(_Entry):
    """The content of a dataset; paths in `files` are relative to the dataset's folder."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True, serialize_by_alias=True)

    schema_: Literal[1] = Field(default=1, alias="schema")
    dataset: str
    title: str
    synthetic: bool
    sha256: str
    created: dt.datetime
    manifest_sha256: str
    files: dict[str, LockedFile]
    series: dict[str, LockedSeries]
    roles: dict[str, str]
    notes: list[str]
    findings: list[Finding] = []
    """The firewall's warnings when the data were written."""
    panel: LockedPanel | None = None

    def path_of(self, file_name: str) -> str:
        """Return the path of one of the dataset's files, relative to the dataset's folder, by its own name."""
        for path in self.files:
            if path.rpartition("/")[2] == file_name:
                return path
        raise DatasetCorrupt(f"dataset '{self.dataset}': {LOCK} does not name {file_name}.", repair(self.dataset))


def read_lock(folder: Path) -> Lock:
    """Read a dataset's lock file.

    Raises
    ------
    DatasetUnavailable
        There is no lock file: the dataset has no data yet.
    DatasetCorrupt
        It cannot be read.
    """
    path = folder / LOCK
    try:
        text = read_file(path, MOST_BYTES)
    except FileNotFoundError:
        raise DatasetUnavailable(
            f"dataset '{folder.name}' has a manifest but no data yet.",
            f"Run: {ways_to_get(folder)}",
        ) from None
    except OSError as error:
        raise DatasetCorrupt(f"{path}: cannot be read: {error}.", repair(folder.name, folder)) from error
    try:
        return Lock.model_validate_json(text)
    except ValidationError as error:
        message, _ = explain(error, Lock)
        raise DatasetCorrupt(f"{path}: {message}", repair(folder.name, folder)) from error


def repair(dataset: str, folder: Path | None = None) -> str:
    """Say how to restore the data; given the dataset's folder, also whether they can be pulled."""
    ways = ways_to_get(folder) if folder else f"backtest data import {dataset} --from DIR"
    return f"Import it again: {ways}; if it came with the package, reinstall the package."


def ways_to_get(folder: Path) -> str:
    """Name the commands that bring a dataset's data: an import, and a pull if its manifest names a provider."""
    ways = f"backtest data import {folder.name} --from DIR"
    try:
        content = read_toml(read_text(folder / MANIFEST))
    except (OSError, ValueError):  # whoever needs the manifest reports what is wrong with it
        return ways
    series = content.get("series", {})
    if not isinstance(series, dict) or "panel" in content:
        return ways
    offered = any(isinstance(one, dict) and one.get("provider") for one in series.values())
    return f"{ways}, or: backtest data pull {folder.name}" if offered else ways


def manifest_change(folder: Path, lock: Lock) -> str:
    """Say that the manifest has changed since the import, and what to do; empty if it has not."""
    if manifest_sha256(folder) == lock.manifest_sha256:
        return ""
    return (
        "The manifest has changed since the data were imported; import them again for it to take effect: "
        f"{ways_to_get(folder)}."
    )


def dataset_sha256(hashes: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 of files' names and hashes, in the order of their names."""
    return sha256_of("".join(f"{name} {sha256}\n" for name, sha256 in sorted(hashes)).encode())


def manifest_sha256(folder: Path) -> str:
    """Return the SHA-256 of the manifest, independent of its line ends; empty if there is none."""
    try:
        return sha256_of(read_file(folder / MANIFEST, MOST_TEXT).replace(b"\r\n", b"\n"))
    except OSError:
        return ""


def present_roles(roles: Mapping[str, str], series: Iterable[str]) -> dict[str, str]:
    """Keep the roles whose series is in the dataset: an optional series may be absent."""
    names = set(series)
    return {role: name for role, name in roles.items() if name in names}
