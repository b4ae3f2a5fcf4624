"""Which executor does the work: this machine's processes, or a cluster."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from backtest.errors import ExecutionRefused
from backtest.execution.executor import Executor
from backtest.execution.local_processes import local_executor


@contextmanager
def executor_of(workers: int | None = None, cluster: str | None = None) -> Iterator[Executor]:
    """Open an executor for the work of a command.

    Parameters
    ----------
    workers : int, optional
        Processes of this machine; by default one per core.
    cluster : str, optional
        The address of a Dask scheduler instead.

    Raises
    ------
    ExecutionRefused
        Both are given, there are fewer than one worker, or the cluster cannot be used; see `connected`.
    """
    if cluster is not None:
        if workers is not None:
            raise ExecutionRefused(
                f"cluster {cluster}: its workers are its own, and workers = {workers} cannot be chosen.",
                "Leave one of the two out.",
            )
        from backtest.execution.dask_cluster import connected

        with connected(cluster) as found:
            yield found
        return
    if workers is not None and workers < 1:
        raise ExecutionRefused(f"workers = {workers}: at least 1 is needed.", "Give a larger number.")
    yield local_executor(workers or os.cpu_count() or 1)
