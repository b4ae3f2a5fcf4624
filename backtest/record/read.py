"""Read a recorded run: all that a report may know."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from backtest.errors import RunUnreadable
from backtest.model import Record, measured_by
from backtest.record.schema import OPTIONAL, SCHEMA, schemas
from backtest.untyped import Json

SHAPE: dict[str, type] = {
    **dict.fromkeys(("run_id", "created", "version", "strategy", "title", "question", "verdict"), str),
    **dict.fromkeys(("dataset", "parameters", "sample", "legs", "files"), dict),
    **dict.fromkeys(("events", "horizons", "notes"), list),
    "n_events": int,
}
"""What every run.json of this schema has."""


def read_run(folder: Path) -> Record:
    """Read a run from its folder.

    Raises
    ------
    RunUnreadable
        A file is missing or damaged, or the run was written by a version that this one cannot read.
    """
    run = read_summary(folder)
    tables: dict[str, pa.Table] = {}
    for name, schema in schemas(measured_by(run["legs"])).items():
        path = folder / f"{name}.parquet"
        if name in OPTIONAL and not path.exists():
            continue
        try:
            table = pq.ParquetFile(path).read(use_threads=False)  # a small file; read_table() would import pandas
        except (OSError, pa.ArrowException) as error:
            raise RunUnreadable(f"{path}: cannot be read: {error}.", "Run the study again.") from error
        if not table.schema.equals(schema):
            raise RunUnreadable(f"{path}: its columns are not those of the table '{name}'.", "Run the study again.")
        tables[name] = table
    return Record(folder, run, tables)


def read_summary(folder: Path) -> Json:
    """Read ``run.json`` alone.

    Raises
    ------
    RunUnreadable
        As `read_run`.
    """
    path = folder / "run.json"
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RunUnreadable(f"{folder}: no run.json here.", "'backtest list runs' shows the recorded runs.") from error
    except (OSError, ValueError) as error:
        raise RunUnreadable(f"{path}: cannot be read: {error}.", "Run the study again.") from error
    found = run.get("schema") if isinstance(run, dict) else None
    if isinstance(found, bool) or found != SCHEMA:
        raise RunUnreadable(
            f"{path}: schema {found!r}; this version reads schema {SCHEMA}.",
            "Run the study again, or install the version that wrote it.",
        )
    wrong = next((key for key, kind in SHAPE.items() if not isinstance(run.get(key), kind)), None)
    if wrong is not None:
        raise RunUnreadable(f"{path}: '{wrong}' is missing or of another type.", "Run the study again.")
    return dict(run)
