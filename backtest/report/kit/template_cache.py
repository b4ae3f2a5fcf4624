"""A cache of compiled templates: compiling takes longer than everything else that a page needs.

Compiled templates are programs: whoever can write them decides what we do. So they lie where Python keeps our own
compiled modules, below the package itself, which only its owner can write to.
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket

from backtest._version import __version__
from backtest.files import write_file

FOLDER = Path(__file__).parent / "__pycache__"
SALT = f"{__version__} {jinja2.__version__} {sys.implementation.cache_tag}".encode()
"""Another version of any of these compiles its own templates."""
DIGEST = hashlib.sha256().digest_size
OTHERS = 0o022
"""Permissions of others than the owner to write."""


class KeptTemplates(jinja2.BytecodeCache):
    """Compiled templates, each behind the SHA-256 of its content; what is damaged is compiled again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a template, if it is there and as it was stored."""
        with suppress(OSError):
            content = self._path(bucket).read_bytes()
            digest, code = content[:DIGEST], content[DIGEST:]
            if digest == _digest(code):
                bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store a template, if there is room and Python may store what it compiles."""
        if sys.dont_write_bytecode:
            return
        code = bucket.bytecode_to_string()
        with suppress(OSError):
            write_file(self._path(bucket), _digest(code) + code)

    def _path(self, bucket: Bucket) -> Path:
        return self.folder / f"{bucket.key}.template"


def kept_templates(folder: Path = FOLDER) -> KeptTemplates | None:
    """Return the cache; None where the folder is not the user's own.

    Parameters
    ----------
    folder : Path
        Where it is. It is made if the package is the user's own, and belongs to nobody else then.
    """
    with suppress(OSError):
        if _is_own(folder.parent):
            folder.mkdir(exist_ok=True)
            return KeptTemplates(folder) if _is_own(folder) else None
    return None


def _is_own(folder: Path) -> bool:
    """Return whether a folder belongs to this user, who alone may write to it; Windows protects packages itself."""
    if not hasattr(os, "geteuid"):
        return os.access(folder, os.W_OK)
    found = folder.lstat()
    return found.st_uid == os.geteuid() and not found.st_mode & OTHERS and not folder.is_symlink()


def _digest(code: bytes) -> bytes:
    return hashlib.sha256(SALT + code).digest()
