"""Fetched answers, cached beside the dataset, so that a pull that failed can continue where it stopped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, ValidationError

from backtest.data.pull.providers import Request
from backtest.data.pull.settled import last_settled
from backtest.data.pull.table import Fetched, Table
from backtest.files import sha256_of, write_file

FOLDER = "pulled"


class Record(BaseModel):
    """What a cached answer holds, and the hashes that prove it complete."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str
    symbol: str
    fetched: dt.datetime
    raw: str
    raw_sha256: str
    tidy_sha256: str
    facts: dict[str, str]
    notes: list[str]


@dataclass(frozen=True)
class AnswerCache:
    """The answers under a dataset's ``pulled/``: the raw body, the tidy table, and a record that is written last.

    If the files of an answer do not match its record (a killed process, an edit by hand), it counts as never fetched.
    """

    folder: Path

    def read(self, request: Request) -> tuple[Record, Table] | None:
        """Return a cached answer; None if there is none, or it is not complete."""
        try:
            record = Record.model_validate_json(self._path(request, ".json").read_bytes())
            raw = self._path(request, record.raw).read_bytes()
            tidy = self._path(request, ".parquet").read_bytes()
            if (sha256_of(raw), sha256_of(tidy)) != (record.raw_sha256, record.tidy_sha256):
                return None
            return record, Table.from_parquet(tidy, record.facts, record.notes)
        except (OSError, ValidationError, pa.ArrowException, KeyError):
            return None

    def write(self, request: Request, fetched: Fetched, now: dt.datetime) -> Record:
        """Cache an answer, replacing any older one."""
        tidy = fetched.table.to_parquet()
        record = Record(
            provider=request.provider,
            symbol=request.symbol,
            fetched=now.astimezone(dt.UTC).replace(microsecond=0),
            raw=f".raw{fetched.suffix}",
            raw_sha256=sha256_of(fetched.raw),
            tidy_sha256=sha256_of(tidy),
            facts=fetched.table.facts,
            notes=fetched.table.notes,
        )
        write_file(self._path(request, record.raw), fetched.raw)
        write_file(self._path(request, ".parquet"), tidy)
        write_file(self._path(request, ".json"), record.model_dump_json(indent=1).encode() + b"\n")
        return record

    def _path(self, request: Request, suffix: str) -> Path:
        return self.folder / f"{request.provider}-{quote(request.symbol, safe='')}{suffix}"


def is_current(record: Record, now: dt.datetime) -> bool:
    """Tell whether an answer is current: no session has settled since it was fetched, so a new request is pointless."""
    return last_settled(record.fetched) == last_settled(now)
