"""Write a dataset's files: tidy Parquet first, then the lock file that makes them the dataset."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from backtest import arrow
from backtest.data.manifest.kinds import TABLES
from backtest.data.manifest.manifest import Manifest
from backtest.data.store.leftovers import named_content, remove_leftovers
from backtest.data.store.lock import (
    LISTED,
    LOCK,
    PRICES,
    Lock,
    LockedFile,
    LockedLate,
    LockedSeries,
    Origin,
    dataset_sha256,
    manifest_sha256,
    present_roles,
)
from backtest.data.store.locked_panel import LockedPanel
from backtest.data.store.publication import lag_of, late_prices
from backtest.data.store.read_back import read_back
from backtest.files import sha256_of, write_file
from backtest.model import Contracts, Floats, Sessions
from backtest.model.finding import Finding

WrittenPanel = tuple[LockedPanel, dict[str, LockedFile]]
PanelWriter = Callable[..., WrittenPanel]
"""Takes a folder and ``sessions``, and writes a panel's files there."""


def write(
    folder: Path,
    manifest: Manifest,
    sessions: Sessions,
    columns: Mapping[str, Floats],
    tables: Mapping[str, Contracts | pa.Table] | None = None,
    *,
    origins: Mapping[str, Origin] | None = None,
    notes: Sequence[str] = (),
    findings: Sequence[Finding] = (),
    created: dt.datetime | None = None,
    keep_previous: bool = True,
    panel: PanelWriter | None = None,
) -> Lock:
    """Write a dataset completely or not at all: the old data stay in place until the new lock file is written.

    What was written is read back before it becomes the dataset. Equal input gives equal bytes, except for `created` in
    the lock file. Two calls must not overlap: see `writing`.

    Parameters
    ----------
    folder : Path
        The dataset's folder; its ``manifest.toml`` should already exist.
    manifest : Manifest
        What the series are.
    sessions : ndarray of shape (n_sessions,), datetime64[D]
        Strictly increasing.
    columns : mapping of str to ndarray of shape (n_sessions,)
        ``"RUT"`` for the close or value, ``"RUT.open"`` and so on; NaN where there is no value.
    tables : mapping of str to Contracts or pyarrow.Table, optional
        Futures (as contracts) and decisions (see `decisions_table`), by series name.
    origins : mapping of str to Origin, optional
        Source file, derivation and dropped rows, by series name.
    notes : sequence of str, optional
        What the reader of a result on these data must know.
    findings : sequence of Finding, optional
        The firewall's warnings.
    created : datetime, optional
        The time of writing; default: now.
    keep_previous : bool
        Keep the files that the current lock file names, for readers that have already opened them.
    panel : callable, optional
        Writes the blocks of a panel on the given sessions into a folder.

    Raises
    ------
    DataRefused
        What was written reads back differently.
    """
    tables = tables or {}
    _check_shape(manifest, sessions, columns, tables)
    parquet = {f"{name}.parquet": _table(name, table, manifest, sessions) for name, table in tables.items()}
    parquet[PRICES] = _prices(manifest, sessions, columns)
    final, files, locked = _write_files(folder / "data", parquet, panel and partial(panel, sessions=sessions))
    series = {
        name: _locked_series(
            name,
            manifest,
            sessions,
            columns,
            parquet.get(f"{name}.parquet"),
            (origins or {}).get(name),
            late_prices(manifest, name, sessions, tables),
        )
        for name in manifest.series
        if name in columns or name in tables
    }
    paths = {f"data/{final.name}/{name}": file for name, file in files.items()}
    said = {"notes": [*notes, *_licence(manifest)], "findings": [_for_the_lock(one) for one in findings]}
    lock = _describe(folder, manifest, paths, series, created).model_copy(update={**said, "panel": locked})
    read_back(folder, lock, sessions, columns, tables)
    named = named_content(folder) if keep_previous else frozenset()
    _commit(folder, lock)
    remove_leftovers(folder, final, named)
    return lock


def _for_the_lock(finding: Finding) -> Finding:
    """Keep the part of a finding that a lock file lists."""
    return replace(finding, days=finding.days[:LISTED], hint="")


def _describe(
    folder: Path,
    manifest: Manifest,
    files: dict[str, LockedFile],
    series: dict[str, LockedSeries],
    created: dt.datetime | None,
) -> Lock:
    return Lock(
        dataset=manifest.name,
        title=manifest.title,
        synthetic=manifest.synthetic,
        sha256=_sha256_of({Path(path).name: file for path, file in files.items()}),
        created=created or dt.datetime.now(dt.UTC).replace(microsecond=0),
        manifest_sha256=manifest_sha256(folder),
        files=files,
        series=series,
        roles=present_roles(manifest.roles, series),
        notes=[],
    )


def decisions_table(date: Sessions, before: Floats, after: Floats, unscheduled: Sequence[bool] | None) -> pa.Table:
    """Lay out policy decisions: their own dates, sessions or not, and the target rate before and after in percent."""
    flags = pa.nulls(len(date), pa.bool_()) if unscheduled is None else arrow.flags(unscheduled)
    columns = [arrow.days(date), arrow.floats(before), arrow.floats(after), flags]
    return pa.table(columns, names=["date", "before", "after", "unscheduled"])


def _check_shape(
    manifest: Manifest,
    sessions: Sessions,
    columns: Mapping[str, Floats],
    tables: Mapping[str, Contracts | pa.Table],
) -> None:
    if not (np.diff(sessions) > np.timedelta64(0, "D")).all():
        raise ValueError("sessions must strictly increase")
    for key, values in columns.items():
        if key.partition(".")[0] not in manifest.series or values.shape != sessions.shape:
            raise ValueError(f"column {key}: not a series of the manifest, or not one value per session")
    for name in tables:
        if name not in manifest.series or manifest.series[name].kind not in TABLES:
            raise ValueError(f"table {name}: not futures or decisions of the manifest")


def _prices(manifest: Manifest, sessions: Sessions, columns: Mapping[str, Floats]) -> pa.Table:
    fields = [pa.field("session", pa.date32(), nullable=False)]
    arrays = [arrow.days(sessions)]
    for name in manifest.series:
        for key in (name, f"{name}.open", f"{name}.high", f"{name}.low"):
            if key in columns:
                fields.append(pa.field(key, pa.float64(), metadata=_metadata(manifest, name)))
                arrays.append(arrow.floats(columns[key]))
    # Roles are part of the meaning of the data: inside the file, a different role gives a different hash.
    roles = json.dumps(dict(sorted(manifest.roles.items())))
    return pa.table(arrays, schema=pa.schema(fields, metadata={"roles": roles}))


def _table(name: str, table: Contracts | pa.Table, manifest: Manifest, sessions: Sessions) -> pa.Table:
    if isinstance(table, Contracts):
        order = np.lexsort((table.month, table.session))
        month = table.month[order].astype("datetime64[M]").astype("datetime64[D]")
        columns = {
            "session": arrow.days(sessions[table.session[order]]),
            "contract": arrow.days(month),
            "price": arrow.floats(table.price[order]),
        }
        if table.quoted is not None:
            columns["quoted"] = arrow.days(table.quoted[order])
        if table.source is not None:
            columns["source"] = pa.array(table.source[order], pa.string())
        table = pa.table(columns)
    return table.replace_schema_metadata(_metadata(manifest, name))


def _metadata(manifest: Manifest, name: str) -> dict[str, str]:
    spec = manifest.series[name]
    return {"kind": spec.kind, "source": spec.source, "title": spec.title, "unit": spec.unit}


def _write_files(
    data: Path, tables: Mapping[str, pa.Table], panel: Callable[[Path], WrittenPanel] | None
) -> tuple[Path, dict[str, LockedFile], LockedPanel | None]:
    """Write all files to a temporary folder, then rename it to the folder named by their content."""
    new = data / f".new-{os.getpid()}"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        locked, files = panel(new) if panel else (None, {})
        files |= {name: _write_table(new / name, tables[name]) for name in sorted(tables)}
        final = data / _sha256_of(files)[:12]
        if final.exists() and not all(_matches(final / name, file) for name, file in files.items()):
            shutil.rmtree(final)  # damaged: none of it can be loaded
        if not final.exists():
            new.replace(final)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return final, files, locked


def _sha256_of(files: Mapping[str, LockedFile]) -> str:
    return dataset_sha256((name, file.sha256) for name, file in files.items())


def _write_table(path: Path, table: pa.Table) -> LockedFile:
    # Prices rarely repeat: splitting their bytes compresses better than a dictionary, and reads faster.
    floats = [field.name for field in table.schema if pa.types.is_floating(field.type)]
    encoding = dict.fromkeys(floats, "BYTE_STREAM_SPLIT") if path.name == PRICES else None
    pq.write_table(
        table,
        path,
        compression="zstd",
        row_group_size=max(1, len(table)),
        use_dictionary=encoding is None,
        column_encoding=encoding,
    )
    content = path.read_bytes()
    return LockedFile(sha256=sha256_of(content), rows=len(table), bytes=len(content))


def _locked_series(
    name: str,
    manifest: Manifest,
    sessions: Sessions,
    columns: Mapping[str, Floats],
    table: pa.Table | None,
    origin: Origin | None,
    late: LockedLate | None,
) -> LockedSeries:
    spec = manifest.series[name]
    if table is not None:
        dates = np.unique(arrow.to_days(table.column(0)))
        rows, gaps = len(table), 0
    else:
        present = np.flatnonzero(~np.isnan(columns[name]))
        dates, rows = sessions[present], len(present)
        gaps = int(present[-1] - present[0] + 1 - rows) if rows else 0
    span: list[dt.date] = dates[[0, -1]].astype("datetime64[D]").tolist() if len(dates) else []
    origin = origin or Origin(derivation=spec.derivation)
    return LockedSeries(
        **dict(origin),
        title=spec.title,
        kind=spec.kind,
        unit=spec.unit,
        source=spec.source,
        rows=rows,
        first=span[0] if span else None,
        last=span[1] if span else None,
        gaps=gaps,
        publication_lag=lag_of(manifest, name),
        late=late,
        proxy=spec.expects is not None and spec.expects.is_proxy,
    )


def _licence(manifest: Manifest) -> list[str]:
    licence = manifest.licence.rstrip(".")
    return [] if manifest.redistributable else [f"The data may not be passed on (licence: {licence})."]


def _matches(path: Path, file: LockedFile) -> bool:
    return path.is_file() and sha256_of(path.read_bytes()) == file.sha256


def _commit(folder: Path, lock: Lock) -> None:
    write_file(folder / LOCK, lock.model_dump_json(indent=1, exclude=None if lock.panel else {"panel"}) + "\n")
