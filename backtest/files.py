"""Write files whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from backtest.errors import BacktestError


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
