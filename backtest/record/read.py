"""Read a recorded run: everything that a report may use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from backtest._version import __version__
from backtest.errors import RunUnreadable
from backtest.files import read_file, read_text, sha256_of
from backtest.format import joined
from backtest.model import Record, measured_by
from backtest.model.by_asset import asset_runs
from backtest.model.record import is_panel
from backtest.record.panel_schema import PANEL_OPTIONAL, panel_schemas
from backtest.record.panel_shape import damage_in_panel
from backtest.record.run_shape import damage_in
from backtest.record.schema import LATER, OPTIONAL, PANEL, SCHEMA, SEVERAL, schemas
from backtest.record.write import CHECKSUMS
from backtest.untyped import Json

READ = (SCHEMA, SEVERAL, PANEL)
"""The versions of records that are read."""
RESTORE = "Restore the file, or run the study again."
MOST_BYTES = 1_000_000_000
"""Largest size of a file of a record."""


def read_run(folder: Path) -> Record:
    """Read a run from its folder.

    Raises
    ------
    RunUnreadable
        A file is missing or damaged, or the run was written by a version that this one cannot read.
    """
    run = read_summary(folder)
    tables: dict[str, pa.Table] = {}
    checksums = run.get(CHECKSUMS)
    optional = PANEL_OPTIONAL if is_panel(run) else OPTIONAL
    for name, schema in _schemas(run).items():
        path = folder / f"{name}.parquet"
        recorded = checksums is not None and path.name in checksums
        if name in optional and not recorded and not path.exists():
            continue
        table = read_table(path, checksums)
        older = pa.schema([field for field in schema if field.name not in LATER.get(name, ())])
        if not (table.schema.equals(schema) or table.schema.equals(older)):
            raise RunUnreadable(
                f"{path}: its columns are not those of the table '{name}'.",
                f"Run the study again, or install the version that wrote it: backtest {run['version']}.",
            )
        tables[name] = table
    if len(tables["horizons"]) != sum(len(block["horizons"]) for block in asset_runs(run)):
        raise RunUnreadable(
            f"{folder / 'run.json'}: 'horizons' are not those of horizons.parquet.", "Run the study again."
        )
    return Record(folder, run, tables)


def _schemas(run: Json) -> dict[str, pa.Schema]:
    """Return the schema of each table that a record may have."""
    several = run["schema"] == SEVERAL
    legs = run["assets"][0]["legs"] if several else run["legs"]
    calendar = any(isinstance(row.get("horizon"), str) for row in asset_runs(run)[0]["horizons"])
    if is_panel(run):
        return panel_schemas(measured_by(legs), calendar=calendar)
    return schemas(measured_by(legs), several=several, calendar=calendar)


def read_table(path: Path, checksums: Mapping[str, str] | None) -> pa.Table:
    """Read a table of a record.

    Parameters
    ----------
    path : Path
        Its file.
    checksums : mapping of str to str or None
        The SHA-256 of each file, as the record has it; None for a record of an earlier version, which has none.

    Raises
    ------
    RunUnreadable
        The file is missing, is not Parquet, or is not what was recorded.
    """
    try:
        content = read_file(path, MOST_BYTES)
        if checksums is not None:
            _refuse_damage(path, content, checksums)
        # a small file; read_table() of pyarrow would import pandas
        table = pq.ParquetFile(pa.BufferReader(content)).read(use_threads=False)
        table.validate(full=True)  # that its texts are UTF-8
        return table
    except FileNotFoundError as error:
        raise RunUnreadable(f"{path}: is missing from the record.", RESTORE) from error
    except (OSError, ValueError, pa.ArrowException) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise RunUnreadable(f"{path}: cannot be read: {why}.", RESTORE) from error


def _refuse_damage(path: Path, content: bytes, checksums: Mapping[str, str]) -> None:
    actual, expected = sha256_of(content), checksums.get(path.name)
    if actual != expected:
        then = f"sha256 {str(expected)[:12]}…" if expected else "the record has no such file"
        raise RunUnreadable(
            f"{path}: is not as it was recorded (sha256 {actual[:12]}…, then {then}).",
            RESTORE,
        )


def read_summary(folder: Path) -> Json:
    """Read ``run.json`` alone.

    Raises
    ------
    RunUnreadable
        As `read_run`.
    """
    path = folder / "run.json"
    try:
        run = json.loads(read_text(path, "utf-8", MOST_BYTES))
    except FileNotFoundError as error:
        raise RunUnreadable(f"{folder}: no run.json here.", "'backtest list runs' shows the recorded runs.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise RunUnreadable(f"{path}: cannot be read: {error}.", "Run the study again.") from error
    found = run.get("schema") if isinstance(run, dict) else None
    if isinstance(found, bool) or found not in READ:
        raise RunUnreadable(
            f"{path}: schema {found!r}; this version, {__version__}, reads schema {joined(list(map(str, READ)))}.",
            f"Run the study again, or install the version that wrote it{_writer(run)}.",
        )
    wrong = damage_in_panel(run) if found == PANEL else damage_in(run, several=found == SEVERAL)
    if wrong is not None:
        raise RunUnreadable(f"{path}: '{wrong}' is missing, or not as a run has it.", "Run the study again.")
    return dict(run)


def _writer(run: object) -> str:
    version = run.get("version") if isinstance(run, dict) else None
    return f": backtest {version}" if isinstance(version, str) else ""
