"""One process at a time: an operating system lock on a file, which the system releases when its holder is killed."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAUSE = 0.05
"""Seconds between two attempts."""
HELD = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)
"""What Windows says of a lock that another holds; anything else: this file system has no locks."""


@contextmanager
def locked(path: Path, wait: float, pause: float = PAUSE) -> Iterator[int]:
    """Lock a file, which is made if it is missing and stays; yield its descriptor.

    A file system without locks lets everybody in.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.
    wait : float
        Seconds to wait for another process or thread.
    pause : float
        Seconds between two attempts.

    Raises
    ------
    TimeoutError
        Another process or thread holds the lock for the whole wait.
    OSError
        The file cannot be opened for writing, or is a pipe or device.
    """
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError(errno.EINVAL, "is no regular file (a pipe or device)", str(path))
        until = time.monotonic() + wait
        while not _try_lock(file):
            if time.monotonic() >= until:
                raise TimeoutError(f"{path} is locked by another process")
            time.sleep(pause)
        try:
            yield file
        finally:
            os.lseek(file, 0, os.SEEK_SET)  # Windows locks a byte at the current position
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
