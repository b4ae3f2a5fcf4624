"""Write a run to disk completely or not at all."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from backtest.errors import BacktestError
from backtest.files import sha256_of, write_file
from backtest.record.unfinished import unfinished

CHECKSUMS = "sha256"
"""The key of the summary that holds the SHA-256 of each table's file."""


def write_run(
    folder: Path,
    run: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    finish: Callable[[Path], None] | None = None,
    summary_name: str = "run.json",
) -> None:
    """Record a run in `folder`, which must not exist yet.

    Parameters
    ----------
    folder : Path
        ``reports/<strategy>/<run-id>``.
    run : mapping
        The content of ``run.json``; plain JSON values, no NaN. The SHA-256 of each table's file is added.
    tables : mapping of str to pyarrow.Table
        One Parquet file each.
    finish : callable, optional
        Called with the temporary folder after run.json and the tables are written and before the run is moved into
        place; it draws the report from the record.
    summary_name : str
        The file name of the summary.

    Raises
    ------
    BacktestError
        The folder cannot be written; nothing is left behind.
    FileExistsError
        The folder already exists: another run came first.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BacktestError(
            f"cannot write to {folder.parent}: {error.strerror}.", "Run from a folder you may write to."
        ) from error
    try:
        with unfinished(folder.parent) as work:
            work.chmod(0o755)
            checksums = {f"{name}.parquet": _write_table(work, name, _marked(t, run)) for name, t in tables.items()}
            text = json.dumps({**run, CHECKSUMS: checksums}, indent=2, ensure_ascii=False, allow_nan=False)
            write_file(work / summary_name, text + "\n")
            if finish is not None:
                finish(work)
            work.rename(folder)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise FileExistsError(folder) from error
        raise BacktestError(
            f"cannot record the run in {folder}: {error.strerror}.",
            "Nothing was left behind. Run from a folder you may write to, with space on its disk.",
        ) from error


def _write_table(folder: Path, name: str, table: pa.Table) -> str:
    """Write a table; return the SHA-256 of its file."""
    path = folder / f"{name}.parquet"
    pq.write_table(table, path, compression="zstd")
    return sha256_of(path.read_bytes())


def _marked(table: pa.Table, run: Mapping[str, Any]) -> pa.Table:
    """Mark the table itself with what must stay attached: its subject, and whether its data are simulated.

    It contains neither the id of the run nor the time: the same study of the same data gives the same bytes.
    """
    data = run["dataset"]
    mark = {
        "strategy": run["strategy"],
        "dataset": data["name"],
        "sha256": data["sha256"],
        "synthetic": json.dumps(data["synthetic"]),
    }
    return table.replace_schema_metadata(mark)


def in_free_folder(folder: Path, write: Callable[[Path], None]) -> Path:
    """Write to `folder`, or to the first free name with a number appended; return the folder used."""
    number, free = 1, folder
    while True:
        if not free.exists():
            try:
                write(free)
            except FileExistsError:  # taken in the meantime by another process
                pass
            else:
                return free
        number += 1
        free = folder.with_name(f"{folder.name}-{number}")
