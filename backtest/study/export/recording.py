"""Record a study: its tables and summary, its report, and its line in the list of runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from backtest.catalog.runs import refresh_index
from backtest.files import write_file
from backtest.record.read import read_run
from backtest.record.write import in_free_folder, write_run
from backtest.report.pages.run.page import run_page
from backtest.untyped import Json
from backtest.workspace import Workspace


def record_study(strategy: str, summary: Json, tables: Mapping[str, pa.Table], workspace: Workspace) -> Path:
    """Record a study under ``reports/<strategy>/<run-id>``; return that folder."""
    files = {name: f"{name}.parquet" for name in tables} | {"report": "report.html", "run": "run.json"}

    def draw(work: Path) -> None:
        write_file(work / "report.html", run_page(read_run(work)))

    def write(folder: Path) -> None:
        write_run(folder, {**summary, "run_id": folder.name, "files": files}, tables, draw)

    folder = in_free_folder(workspace.reports / strategy / summary["run_id"], write)
    refresh_index(workspace.reports)
    return folder
