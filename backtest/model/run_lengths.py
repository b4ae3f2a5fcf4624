"""Runs of flags: the one run-length encoder."""

from __future__ import annotations

import numpy as np

from backtest.model.arrays import Bools, Ints


def runs(flags: Bools, begins: Bools | None = None) -> tuple[Ints, Ints]:
    """Return the first and the last position of every run of True, in order.

    Parameters
    ----------
    flags : ndarray of bool
        The flags.
    begins : ndarray of bool, optional
        Positions that begin a new run even after a True; without it, runs are as long as possible.
    """
    no = np.zeros(1, dtype=np.bool_)
    again = np.zeros_like(flags) if begins is None else begins
    first = flags & (~np.concatenate((no, flags[:-1])) | again)
    last = flags & (~np.concatenate((flags[1:], no)) | np.concatenate((again[1:], no)))
    return np.flatnonzero(first), np.flatnonzero(last)
