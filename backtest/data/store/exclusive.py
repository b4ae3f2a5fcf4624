"""One writer at a time: a lock on a file beside the dataset's lock file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from backtest.errors import DataRefused
from backtest.locks import locked

FILE = ".writing"
"""The file stays, empty: only its holder counts."""
WAIT = 10.0
"""Seconds that a second writer waits for the first."""


@contextmanager
def writing(folder: Path, wait: float | None = None) -> Iterator[None]:
    """Lock a dataset's folder for writing; create it if necessary.

    A file system without locks lets every writer in.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    wait : float, optional
        Seconds to wait for another writer; default: `WAIT`.

    Raises
    ------
    DataRefused
        Another process or thread holds the lock for the whole wait.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        try:
            held.enter_context(locked(folder / FILE, WAIT if wait is None else wait))
        except TimeoutError as error:
            raise DataRefused(
                f"dataset '{folder.name}': another import or pull is writing it.", "Try again when it has finished."
            ) from error
        yield
