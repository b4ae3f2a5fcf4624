"""Folders in which a run is being written: locked meanwhile, and removed by a later run if nobody writes any more.

A run that is killed leaves its folder behind. The process that writes it holds a lock on it, which the system gives up
with the process, however it ends.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".unfinished-"
JUST_MADE = 600.0
"""Seconds for which a folder without a lock may be another machine's, or not be locked yet."""
IN_USE = 3600.0
"""Seconds for which a folder may be in use where there are no locks."""


@contextmanager
def unfinished(parent: Path) -> Iterator[Path]:
    """Make a folder to write a run in, and lock it; whatever is still there at the end is removed.

    Orphans beside it, left by commands that were killed, are removed first.
    """
    for orphan in orphans(parent):
        shutil.rmtree(orphan, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    lock = _locked(work)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)
        if lock:
            os.close(lock)


def orphans(parent: Path) -> list[Path]:
    """Return the unfinished folders in a strategy's folder that no command is writing."""
    return sorted(path for path in parent.glob(f"{PREFIX}*") if not path.is_symlink() and _is_orphan(path))


def _is_orphan(folder: Path) -> bool:
    with suppress(OSError):  # somebody else has removed it, or may not be looked at
        if not folder.is_dir():
            return False
        newest = max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
        lock = _locked(folder)
        if lock:
            os.close(lock)
        return time.time() - newest > (IN_USE if lock is None else JUST_MADE) and lock != HELD
    return False


HELD = 0
"""What `_locked` returns for a folder that another process has locked."""


def _locked(folder: Path) -> int | None:
    """Lock a folder; return the number that holds the lock, `HELD` if another has it, None where that is unknown."""
    try:
        import fcntl
    except ImportError:  # Windows: only the age tells
        return None
    try:
        number = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(number)
        return HELD if isinstance(error, BlockingIOError) else None
    return number
