"""Find recorded runs: by id, by strategy (its latest), or by path."""

from __future__ import annotations

from pathlib import Path

from backtest.errors import NotFound, did_you_mean


def run_folders(reports: Path) -> list[Path]:
    """Return the folders of all runs under ``reports/``, in order of strategy and run id."""
    return sorted(path.parent for path in reports.glob("*/*/run.json") if not path.parent.name.startswith("."))


def find_run(reports: Path, name: str) -> Path:
    """Return the folder of a run.

    Parameters
    ----------
    reports : Path
        The workspace's reports.
    name : str
        A run id, a ``strategy/id``, a strategy (for its latest run), or the path of a run's folder.

    Raises
    ------
    NotFound
        There is no such run.
    """
    if (Path(name) / "run.json").is_file():
        return Path(name)
    folders = run_folders(reports)
    by_id = [folder for folder in folders if name in (folder.name, f"{folder.parent.name}/{folder.name}")]
    by_strategy = [folder for folder in folders if folder.parent.name == name]
    found = by_id or by_strategy
    if not found:
        known = {folder.name for folder in folders} | {folder.parent.name for folder in folders}
        raise NotFound(f"run '{name}' is not under {reports}.", did_you_mean(name, known) or "Run a strategy first.")
    return found[-1]
