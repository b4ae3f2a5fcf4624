"""One writer at a time: an operating system lock on a file beside the dataset's lock file."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backtest.errors import DataRefused

FILE = ".writing"
"""The file stays, empty: only its holder counts, and the system releases the lock of a killed process."""
WAIT = 10.0
"""Seconds that a second writer waits for the first."""
PAUSE = 0.05
HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
"""What Windows says of a lock that another holds; anything else: this file system has no locks."""


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
    file = os.open(folder / FILE, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        until = time.monotonic() + (WAIT if wait is None else wait)
        while not _try_lock(file):
            if time.monotonic() >= until:
                raise DataRefused(
                    f"dataset '{folder.name}': another import or pull is writing it.", "Try again when it has finished."
                )
            time.sleep(PAUSE)
        try:
            yield
        finally:
            _unlock(file)  # closing alone would leave the lock with a process forked in the meantime
    finally:
        os.close(file)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            return error.errno not in HELD
        return True

    def _unlock(file: int) -> None:
        try:
            msvcrt.locking(file, msvcrt.LK_UNLCK, 1)
        except OSError:  # this file system has no locks
            return

else:
    import fcntl

    def _try_lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # this file system has no locks
            return True
        return True

    def _unlock(file: int) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_UN)
        except OSError:  # see above
            return
