"""``reports/index.html``: every recorded run, newest first."""

from __future__ import annotations

from pathlib import Path

from backtest.errors import RunUnreadable
from backtest.files import write_page
from backtest.record.find import run_folders
from backtest.record.read import read_summary
from backtest.report.pages.index.page import index_page
from backtest.untyped import Json


def refresh_index(reports: Path) -> None:
    """Redraw the index; a run that cannot be read is left out, and 'backtest list runs' names it."""
    runs: list[Json] = []
    for folder in run_folders(reports):
        try:
            runs.append(read_summary(folder))
        except RunUnreadable:
            continue
    runs.sort(key=lambda run: str(run["created"]), reverse=True)
    write_page(reports / "index.html", index_page(runs))
