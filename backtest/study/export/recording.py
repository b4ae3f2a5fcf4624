"""Record a study: its tables and summary, its report, and what the user says of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from backtest.files import write_file
from backtest.model.labels import Labels
from backtest.record.read import read_run
from backtest.record.sidecar import write_labels
from backtest.record.write import in_free_folder, write_run
from backtest.report.pages.record_page import record_page
from backtest.untyped import Json


def record_study(
    strategy: str,
    summary: Json,
    tables: Mapping[str, pa.Table],
    reports: Path,
    labels: Labels = Labels(),  # noqa: B008  immutable
) -> Path:
    """Record a study under ``<reports>/<strategy>/<run-id>``; return that folder.

    Parameters
    ----------
    strategy : str
        Its name.
    summary, tables
        What is recorded.
    reports : Path
        The reports of a workspace, or another folder.
    labels : Labels
        Written beside the record.
    """
    files = {name: f"{name}.parquet" for name in tables} | {"report": "report.html", "run": "run.json"}

    def finish(work: Path) -> None:
        write_file(work / "report.html", record_page(read_run(work)))
        write_labels(work, labels)

    def write(folder: Path) -> None:
        write_run(folder, {**summary, "run_id": folder.name, "files": files}, tables, finish)

    return in_free_folder(reports / strategy / summary["run_id"], write)
