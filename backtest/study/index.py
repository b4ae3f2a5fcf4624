"""``reports/index.html``: every recorded run, newest first."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from backtest.errors import BacktestError, RunUnreadable
from backtest.record.find import run_folders
from backtest.record.read import read_summary
from backtest.report.page import index_page


def refresh_index(reports: Path) -> None:
    """Draw the index anew; a run that cannot be read is left out of it, and 'backtest list runs' names it."""
    runs: list[dict[str, Any]] = []
    for folder in run_folders(reports):
        try:
            runs.append(read_summary(folder))
        except RunUnreadable:
            continue
    runs.sort(key=lambda run: str(run["created"]), reverse=True)
    write_page(reports / "index.html", index_page(runs))


def write_page(path: Path, page: str) -> None:
    """Write a page beside its place and move it there, so that a reader never meets half of one."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".unfinished-", suffix=".html", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(page)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise BacktestError(f"cannot write {path}: {error.strerror}.", "Check who may write there.") from error
