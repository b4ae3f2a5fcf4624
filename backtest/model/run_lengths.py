"""Runs of flags: the one run-length encoder."""

from __future__ import annotations

import numpy as np

from backtest.model.arrays import Bools, Ints


def runs(flags: Bools) -> tuple[Ints, Ints]:
    """Return the first and the last position of every longest run of True, in order."""
    edges = np.diff(np.concatenate(([False], flags, [False])).astype(np.int8))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
