"""The one writer of files (completely or not at all, nothing left behind), and the reader that never waits for ever."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backtest.errors import BacktestError

READABLE = 0o644
"""Permissions of written files: others may read them, although a temporary file starts private."""


WAITS_FOR_READERS = os.name == "nt"
"""Whether a file cannot be replaced while somebody reads it."""
READER_WAIT, READER_PAUSE = 2.0, 0.02
"""Seconds that a replacement waits, in all and between two tries."""
STALE_SECONDS = 3600
"""Age after which a temporary file or folder is assumed to be the remains of a killed process."""
GROWTH = 1_000_000
"""Bytes that a file may be longer than it says: it may grow meanwhile, and files of the system say 0."""
NO_FILE = "neither file nor folder (a pipe or device)"
MOST_TEXT = 16_000_000
"""Most bytes of a text that people write: a strategy, a manifest, a marker."""


def read_file(path: Path, most: int) -> bytes:
    """Read a regular file; a pipe or device may never end, and is not read at all.

    Parameters
    ----------
    path : Path
        The file.
    most : int
        Its largest size in bytes.

    Raises
    ------
    OSError
        It cannot be read, is not a regular file, or is larger.
    """
    # Without O_NONBLOCK, opening a pipe waits for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, f"is {NO_FILE}", str(path))
        most = min(most, about.st_size + GROWTH)  # a damaged record may allow more than memory holds
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"is larger than {most:,} bytes", str(path))
    return content


def read_text(path: Path, encoding: str = "utf-8-sig", most: int = MOST_TEXT) -> str:
    """Read a regular file as text, with one kind of line end; errors as `read_file`, and UnicodeDecodeError."""
    return read_file(path, most).decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def why_no_file(path: Path) -> str:
    """Say what a path is that is not a regular file."""
    try:
        kind = path.stat().st_mode
    except (OSError, ValueError):  # also a link without its end, and a name that no file can have
        return "does not exist"
    return "is a folder" if stat.S_ISDIR(kind) else f"is {NO_FILE}"


class NotListed(UserWarning):
    """The home page cannot be written; what it would list is recorded all the same."""


def write_file(path: Path, content: str | bytes) -> None:
    """Replace a file: write a temporary file beside it and move it, so that a reader never sees half a file.

    Parameters
    ----------
    path : Path
        The file; its folder is made if it is missing.
    content : str or bytes
        Text is written as UTF-8, with its line ends unchanged.

    Raises
    ------
    OSError
        It cannot be written; the old file stays, and nothing is left beside it.
    """
    with _beside(path, content) as new:
        _replace(new, path)


def create_file(path: Path, content: str | bytes) -> None:
    """Write a new file, like `write_file`.

    Raises
    ------
    FileExistsError
        The file exists; it is unchanged.
    OSError
        It cannot be written.
    """
    with _beside(path, content) as new:
        os.link(new, path)


def write_page(path: Path, page: str) -> None:
    """Write a page, like `write_file`; what killed commands have left of pages beside it is removed after an hour.

    Raises
    ------
    BacktestError
        It cannot be written.
    """
    try:
        write_file(path, page)
    except OSError as error:
        raise BacktestError(f"cannot write {path}: {error.strerror}.", "Check the path and its permissions.") from error
    for rest in path.parent.glob(".*.html-*"):
        with suppress(OSError):  # another command has removed it
            if rest.is_file() and time.time() - rest.stat().st_mtime > STALE_SECONDS:
                rest.unlink()


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def _replace(new: Path, path: Path) -> None:
    """Move a file over another; on Windows, wait for a reader that holds the old one open."""
    until = time.monotonic() + READER_WAIT
    while True:
        try:
            os.replace(new, path)  # noqa: PTH105  (one name to break in a test of a killed import)
        except PermissionError:
            if not WAITS_FOR_READERS or time.monotonic() > until:
                raise
            time.sleep(READER_PAUSE)
        else:
            return


@contextmanager
def _beside(path: Path, content: str | bytes) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
        new.chmod(READABLE)
        yield new
    finally:
        new.unlink(missing_ok=True)
