"""The one writer of files: a file is written completely or not at all, and nothing is left behind."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backtest.errors import BacktestError

READABLE = 0o644
"""Permissions of written files: others may read them, although a temporary file starts private."""


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
        os.replace(new, path)  # noqa: PTH105  (one name to break in a test of a killed import)


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
    """Write a page, like `write_file`.

    Raises
    ------
    BacktestError
        It cannot be written.
    """
    try:
        write_file(path, page)
    except OSError as error:
        raise BacktestError(f"cannot write {path}: {error.strerror}.", "Check the path and its permissions.") from error


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


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
