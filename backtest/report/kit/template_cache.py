"""Compiled templates are kept between runs: compiling them takes longer than all else that a page needs."""

from __future__ import annotations

from contextlib import suppress

import jinja2
from jinja2.bccache import Bucket

from backtest._version import __version__


class KeptTemplates(jinja2.FileSystemBytecodeCache):
    """Compiled templates in a folder of the user's own, by their content; what cannot be kept is compiled again."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a template, unless it cannot be read."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template, unless there is no room."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def kept_templates(folder: str | None = None) -> KeptTemplates | None:
    """Return the cache in `folder`, or where Jinja keeps its own: a temporary folder that only this user may open.

    None where there is no such folder. Another version of the package keeps templates of its own.
    """
    try:
        return KeptTemplates(folder, f"episode-backtest-{__version__}-%s.cache")
    except (OSError, RuntimeError):  # no temporary folder, or one that belongs to somebody else
        return None
