"""A cache of compiled templates: compiling takes longer than everything else that a page needs."""

from __future__ import annotations

from contextlib import suppress

import jinja2
from jinja2.bccache import Bucket

from backtest._version import __version__


class KeptTemplates(jinja2.FileSystemBytecodeCache):
    """Compiled templates in a private folder, by content; a template that cannot be stored is compiled again."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a template, if it can be read."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store a template, if there is room."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def kept_templates(folder: str | None = None) -> KeptTemplates | None:
    """Return the cache in `folder`, or in Jinja's default place: a temporary folder that only this user can open.

    None if there is no such folder. Each version of the package has its own templates.
    """
    try:
        return KeptTemplates(folder, f"episode-backtest-{__version__}-%s.cache")
    except (OSError, RuntimeError):  # there is no temporary folder, or it belongs to another user
        return None
