"""Memory that was let go, given back to the system."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Give back to the system what was let go, where the C library keeps it for later, as that of Linux does.

    The text of a long file lies in many small pieces, of which not one is large enough to go back by itself.
    """
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # another C library, which needs no word
        return
    trim(0)
