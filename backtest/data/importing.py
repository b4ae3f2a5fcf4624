"""Import: from a folder of delivered files to a dataset, whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from backtest.data import store
from backtest.data.checks import check_contracts, check_dates, check_values
from backtest.data.derive import derive
from backtest.data.lock import LOCK, Dropped, Lock, Origin
from backtest.data.manifest import MANIFEST, TABLES, Manifest, Series, read_manifest
from backtest.data.source import Source, read_source
from backtest.errors import DataRefused
from backtest.model import Contracts, Floats, Sessions
from backtest.workspace import Workspace

NO_SESSION = "not a session"
NO_PRICE = "no price"


@dataclass(frozen=True, eq=False)
class Delivered:
    """One series as delivered: its dates, and its fields by the suffix of their column (``""``, ``".open"`` …)."""

    source: Source
    dates: Sessions
    fields: Mapping[str, Floats]


@dataclass(eq=False)
class Gathered:
    """What an import has put together so far."""

    sessions: Sessions
    columns: dict[str, Floats] = field(default_factory=dict)
    tables: dict[str, Contracts | pa.Table] = field(default_factory=dict)
    origins: dict[str, Origin] = field(default_factory=dict)


def import_dataset(
    name: str,
    source: Path,
    workspace: Workspace | None = None,
    track: Callable[[Iterable[str]], Iterable[str]] = iter,
) -> Lock:
    """Import a dataset's files into the workspace; until all is well, the data that were there stay.

    A blank value is missing and stays missing. Rows on dates that are no sessions are left out, counted and listed
    in the lock file. Nothing is filled.

    Parameters
    ----------
    name : str
        The dataset, by the name of its manifest.
    source : Path
        The folder that the manifest's ``file`` keys are relative to.
    workspace : Workspace, optional
        Where the manifest is looked up and the data are written; default: the one around the current folder.
    track : callable, optional
        Wraps the names of the series while they are read, to show progress.

    Raises
    ------
    NotFound
        There is no such manifest.
    ManifestInvalid
        The manifest breaks a rule.
    DataRefused
        Files are missing, or a value breaks a rule; the message names file, place, value and rule.
    """
    workspace = workspace or Workspace.find()
    folder, own = workspace.dataset(name), workspace.own_dataset(name)
    manifest = read_manifest(folder)
    names, absent = _present(manifest, source)
    files = {series: manifest.series[series].file or "" for series in names}
    opened = {file: read_source(source, file) for file in track(list(dict.fromkeys(files.values())))}
    return assemble(manifest, {series: opened[file] for series, file in files.items()}, absent, folder, own)


def assemble(
    manifest: Manifest,
    sources: Mapping[str, Source],
    absent: Sequence[str],
    folder: Path,
    own: Path,
    *,
    origins: Mapping[str, Origin] | None = None,
    notes: Sequence[str] = (),
) -> Lock:
    """Check, align, derive and store series, however they were delivered: here import and pull meet.

    Parameters
    ----------
    manifest : Manifest
        What the series are.
    sources : mapping of str to Source
        Where each delivered series is read from, by the series' name.
    absent : sequence of str
        The series, also derived ones, that this dataset goes without.
    folder, own : Path
        The folder that the manifest was read from, and the one that is written.
    origins : mapping of str to Origin, optional
        What the lock says of a series in place of its source's name and hash; rows left out here are added to it.
    notes : sequence of str, optional
        What else a reader of any result on these data must know.

    Raises
    ------
    DataRefused
        A value breaks a rule; the message names place, value and rule. The old data stay.
    """
    gathered = _gather(manifest, sources)
    for series, origin in (origins or {}).items():
        dropped = [*origin.dropped, *gathered.origins[series].dropped]
        gathered.origins[series] = origin.model_copy(update={"dropped": dropped})
    for series in manifest.derived_in_order():
        if series not in absent:
            spec = manifest.series[series]
            values, words = derive(series, spec, gathered.sessions, gathered.columns)
            gathered.columns[series] = values
            gathered.origins[series] = Origin(derivation=words)
    if own != folder:
        _copy_manifest(folder, own)
    return store.write(
        own,
        manifest,
        gathered.sessions,
        gathered.columns,
        gathered.tables,
        origins=gathered.origins,
        notes=[*_notes(gathered.origins, absent), *notes],
    )


def _present(manifest: Manifest, source: Path) -> tuple[list[str], list[str]]:
    """Name the delivered series whose files are there, and the optional ones (also derived) that are absent."""
    if not source.is_dir():
        raise DataRefused(f"{source}: is not a folder.", "Give the folder that holds the files: --from DIR")
    delivered = {series: spec for series, spec in manifest.series.items() if not spec.inputs}
    if not any(spec.file for spec in delivered.values()):
        raise DataRefused(f"dataset '{manifest.name}': its manifest names no file to import.")
    missing = {series: spec for series, spec in delivered.items() if not (spec.file and (source / spec.file).is_file())}
    absent = with_derived(manifest, missing)
    needed = list(dict.fromkeys(_wanted(series, manifest) for series in absent if not manifest.series[series].optional))
    if needed:
        raise DataRefused(
            f"{source}: dataset '{manifest.name}' needs what is not there: {', '.join(needed)}.",
            f"Put it there, or mark the series optional = true in {MANIFEST}.",
        )
    return [series for series in delivered if series not in missing], absent


def with_derived(manifest: Manifest, missing: Iterable[str]) -> list[str]:
    """Name the missing series and all that cannot be derived without them."""
    absent = list(missing)
    for series in manifest.derived_in_order():
        if any(other in absent for other in manifest.series[series].inputs):
            absent.append(series)
    return absent


def _wanted(series: str, manifest: Manifest) -> str:
    spec = manifest.series[series]
    return spec.file or (f"{series} ({spec.derivation})" if spec.inputs else f"{series} (its manifest names no file)")


def _gather(manifest: Manifest, sources: Mapping[str, Source]) -> Gathered:
    delivered = {
        name: _delivered(manifest.series[name], source)
        for name, source in sources.items()
        if manifest.series[name].kind not in TABLES
    }
    days = [_days(delivered[name]) for name in manifest.sessions_from() if name in delivered]
    if not days:
        raise DataRefused(f"dataset '{manifest.name}': none of the series that define the sessions is there.")
    gathered = Gathered(np.unique(np.concatenate(days)))
    for name, source in sources.items():
        spec = manifest.series[name]
        if spec.kind == "futures":
            gathered.tables[name], dropped = _futures(spec, source, gathered.sessions)
        elif spec.kind == "decisions":
            gathered.tables[name], dropped = _decisions(spec, source), []
        else:
            columns, dropped = _aligned(delivered[name], gathered.sessions)
            gathered.columns.update({name + suffix: values for suffix, values in columns.items()})
        gathered.origins[name] = Origin(file=source.name, sha256=source.sha256, dropped=dropped)
    return gathered


def _delivered(spec: Series, source: Source) -> Delivered:
    dates = source.dates(spec.columns.date)
    check_dates(source, dates)
    columns = {"": spec.columns.close, ".open": spec.columns.open, ".high": spec.columns.high, ".low": spec.columns.low}
    wanted = {suffix: column for suffix, column in columns.items() if column is not None}
    fields = {suffix: source.numbers(column) for suffix, column in wanted.items()}
    for suffix, column in wanted.items():
        check_values(source, dates, column, fields[suffix], spec.kind)
    return Delivered(source, dates, fields)


def _days(delivered: Delivered) -> Sessions:
    """Return the dates on which the series has a close; a date with a blank is no witness of a session."""
    days: Sessions = delivered.dates[~np.isnan(delivered.fields[""])]
    return days


def _aligned(delivered: Delivered, sessions: Sessions) -> tuple[dict[str, Floats], list[Dropped]]:
    on = np.isin(delivered.dates, sessions)
    position = np.searchsorted(sessions, delivered.dates[on])
    columns = {}
    lost = np.zeros(len(on), dtype=np.bool_)
    for suffix, values in delivered.fields.items():
        columns[suffix] = np.full(len(sessions), np.nan)
        columns[suffix][position] = values[on]
        lost |= ~on & ~np.isnan(values)
    return columns, _dropped({NO_SESSION: delivered.dates[lost]})


def _futures(spec: Series, source: Source, sessions: Sessions) -> tuple[Contracts, list[Dropped]]:
    dates = source.dates(spec.columns.date)
    months = source.months(spec.columns.contract)
    prices = source.numbers(spec.columns.price)
    check_contracts(source, dates, months)
    check_values(source, dates, spec.columns.price, prices, spec.kind)
    on, priced = np.isin(dates, sessions), ~np.isnan(prices)
    keep = on & priced
    position = np.searchsorted(sessions, dates[keep]).astype(np.int64)
    dropped = _dropped({NO_SESSION: dates[~on & priced], NO_PRICE: dates[~priced]})
    return Contracts(position, months[keep], prices[keep]), dropped


def _decisions(spec: Series, source: Source) -> pa.Table:
    columns = spec.columns
    dates = source.dates(columns.date)
    check_dates(source, dates)
    unscheduled = None if columns.unscheduled is None else source.flags(columns.unscheduled)
    return store.decisions_table(dates, source.numbers(columns.before), source.numbers(columns.after), unscheduled)


def _dropped(by_reason: Mapping[str, Sessions]) -> list[Dropped]:
    return [Dropped.of(reason, dates) for reason, dates in by_reason.items() if len(dates)]


def _notes(origins: Mapping[str, Origin], absent: Sequence[str]) -> list[str]:
    notes = []
    for reason in (NO_SESSION, NO_PRICE):
        rows = {name: item.rows for name, origin in origins.items() for item in origin.dropped if item.reason == reason}
        if rows:
            counts = ", ".join(f"{name} {count:,}" for name, count in rows.items())
            notes.append(f"Rows left out ({reason}): {counts}; {LOCK} lists them.")
    if absent:
        notes.append(f"Optional series that were not delivered: {', '.join(absent)}.")
    return notes


def _copy_manifest(folder: Path, own: Path) -> None:
    own.mkdir(parents=True, exist_ok=True)
    new = own / f".{MANIFEST}-{os.getpid()}"
    new.write_bytes((folder / MANIFEST).read_bytes())
    new.replace(own / MANIFEST)
