"""Old runs and unfinished folders: which may go, and their removal."""

from __future__ import annotations

import fnmatch
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from backtest.errors import BacktestError, RunUnreadable
from backtest.record.find import made, run_folders
from backtest.record.read import read_summary
from backtest.record.sidecar import FILE, read_labels
from backtest.record.unfinished import orphans
from backtest.untyped import Json

RUN_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}(-\d+)?")
LABELLED = "it has labels"
"""The reason why a run stays that the user has named, tagged or annotated."""


@dataclass(frozen=True)
class Removable:
    """A folder that may go: a run, or what was left of one.

    Attributes
    ----------
    folder : Path
        The folder.
    bytes : int
        The size of its files.
    run : bool
        Whether it is a recorded run; otherwise it is an unfinished folder.
    """

    folder: Path
    bytes: int
    run: bool


@dataclass(frozen=True)
class Kept:
    """A folder that stays although it is old, and why."""

    folder: Path
    reason: str


@dataclass(frozen=True)
class CleanUp:
    """What may go, and what stays although it is old."""

    removable: Sequence[Removable]
    kept: Sequence[Kept]


def find_removable(reports: Path, keep: int, strategy: str | None = None, *, labelled: bool = False) -> CleanUp:
    """Look for runs that are not among the newest of their strategy, and for orphaned unfinished folders.

    Runs that have a name, tags or a note stay, and do not count among the newest. So does whatever is not plainly a run
    as it was recorded: a folder whose record cannot be read or is of another name, a link, or one with files of
    somebody else.

    Parameters
    ----------
    reports : Path
        The workspace's reports.
    keep : int
        How many of the newest runs of each strategy stay.
    strategy : str, optional
        Only strategies that match this pattern.
    labelled : bool
        Whether runs with labels count and go as the others.
    """
    of: dict[Path, list[Path]] = {}
    kept = []
    for folder in run_folders(reports):
        if strategy is not None and not fnmatch.fnmatchcase(folder.parent.name, strategy):
            continue
        reason = _reason_to_keep(folder, labelled)
        if reason:
            kept.append(Kept(folder, reason))
        else:
            of.setdefault(folder.parent, []).append(folder)
    old = [folder for runs in of.values() for folder in sorted(runs, key=made)[: max(len(runs) - keep, 0)]]
    runs = [Removable(folder, _bytes(folder), run=True) for folder in old]
    unfinished = [Removable(folder, _bytes(folder), run=False) for folder in _orphans(reports)]
    return CleanUp([*runs, *unfinished], kept)


def remove(found: Sequence[Removable]) -> None:
    """Remove folders: a run is first moved aside, so that none is ever half there.

    Raises
    ------
    BacktestError
        A folder cannot be removed; those before it are gone.
    """
    for one in found:
        gone = one.folder.with_name(f".unfinished-{one.folder.name.lstrip('.')}")
        try:
            if one.run:
                one.folder.rename(gone)
            shutil.rmtree(gone if one.run else one.folder)
        except OSError as error:
            raise BacktestError(
                f"{one.folder}: cannot be removed: {error.strerror}.", "Check its permissions, and run this again."
            ) from error


def _reason_to_keep(folder: Path, labelled: bool) -> str:
    """Say why a run stays, however old it is; empty if it may go."""
    if folder.is_symlink() or folder.parent.is_symlink():
        return "it is a link"
    try:
        labels = read_labels(folder)
        run = read_summary(folder)
    except RunUnreadable:
        return "its record or its labels cannot be read; 'backtest list runs' says why"
    if not RUN_ID.fullmatch(folder.name) or (run["run_id"], run["strategy"]) != (folder.name, folder.parent.name):
        return "its folder is not called as its record says"
    if labels and not labelled:
        return LABELLED
    foreign = _foreign(folder, run)
    return f"it holds files that no run writes: {', '.join(foreign)}" if foreign else ""


def _foreign(folder: Path, run: Json) -> list[str]:
    """Return the files beside a record that no run writes."""
    own = {FILE, "run.json", *(str(name) for name in run["files"].values())}
    return sorted(path.name for path in folder.iterdir() if path.name not in own or path.is_dir())


def _orphans(reports: Path) -> Iterator[Path]:
    """Return unfinished folders that no command is writing."""
    for strategy in sorted(reports.glob("*/")):
        yield from orphans(strategy)


def _bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_symlink() or path.is_file())
