"""What an earlier import leaves in a dataset's folder: unnamed data, and remains of killed processes."""

from __future__ import annotations

import re
import shutil
import time
from pathlib import Path

from backtest.data.store.lock import LOCK, read_lock
from backtest.errors import BacktestError
from backtest.files import STALE_SECONDS
from backtest.workspace import MANIFEST

CONTENT = re.compile(r"[0-9a-f]{12}")


def named_content(folder: Path) -> frozenset[str]:
    """Name the content folder of the current lock file; nothing if there is none that can be read."""
    try:
        return frozenset(Path(path).parent.name for path in read_lock(folder).files)
    except BacktestError:
        return frozenset()


def remove_leftovers(folder: Path, final: Path, previous: frozenset[str]) -> None:
    """Remove data older than the previous ones, and the remains of killed processes.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    final : Path
        The folder of its present data.
    previous : frozenset of str
        Names of the folders that readers may still have open.
    """
    for path in final.parent.iterdir():
        old = CONTENT.fullmatch(path.name) and path != final and path.name not in previous
        if old or (path.name.startswith(".new-") and _is_stale(path)):
            shutil.rmtree(path, ignore_errors=True)
    for name in (LOCK, MANIFEST):  # as `files.write_file` calls them until they are complete
        for path in folder.glob(f".{name}-*"):
            if path.is_file() and _is_stale(path):
                path.unlink(missing_ok=True)


def _is_stale(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > STALE_SECONDS
