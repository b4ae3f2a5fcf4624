"""Return freed memory to the system."""

from __future__ import annotations

import ctypes


def free_memory() -> None:
    """Return freed memory to the system; the C library of Linux keeps it otherwise.

    The text of a long file consists of many small pieces, none of which is large enough to be returned by itself.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, which does this without being told
        return
    trim(0)
