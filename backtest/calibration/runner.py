"""Many histories in many processes: the totals do not depend on their number, and stopping loses nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from backtest.calibration.tally import Tally, added, tally_of_json
from backtest.errors import BacktestError
from backtest.execution.choose import executor_of
from backtest.files import write_page

Progress = Callable[[int, int], None]


class Task(Protocol):
    """Something that is counted in numbered histories; it can be pickled."""

    @property
    def chunk(self) -> int:
        """Histories that are counted and stored together: a few seconds' work, and the same number in every call."""

    def tally(self, number: int) -> Tally:
        """Count one history, given only its number."""


def run_histories(
    task: Task,
    histories: int,
    *,
    jobs: int | None = None,
    cluster: str | None = None,
    folder: Path | None = None,
    progress: Progress | None = None,
) -> Tally:
    """Count the given number of histories.

    Parameters
    ----------
    task : Task
        What is counted.
    histories : int
        Numbered from 0; at least 1.
    jobs : int, optional
        Number of processes; default: one per core.
    cluster : str, optional
        The address of a Dask scheduler, whose workers count instead.
    folder : Path, optional
        Where finished chunks are stored and found again: it must belong to this task alone.
    progress : callable, optional
        Called with the number of finished histories and their total.

    Returns
    -------
    Tally
        Added up in the order of the histories, independent of which process counted them.

    Raises
    ------
    BacktestError
        The number of histories or of processes is below 1, or the cluster cannot be used.
    """
    for name, value in (("histories", histories), ("jobs", jobs)):
        if value is not None and value < 1:
            raise BacktestError(f"{name} = {value}: at least 1 is needed.", f"Give a larger --{name}.")
    chunks = [(first, min(first + task.chunk, histories)) for first in range(0, histories, task.chunk)]
    tell = progress or (lambda _done, _total: None)
    found = {chunk: kept for chunk in chunks if (kept := _kept(folder, chunk)) is not None}
    done = sum(stop - first for first, stop in found)
    tell(done, histories)
    for chunk, one in _counted(task, [chunk for chunk in chunks if chunk not in found], jobs, cluster):
        found[chunk] = one
        _keep(folder, chunk, one)
        done += chunk[1] - chunk[0]
        tell(done, histories)
    return added(found[chunk] for chunk in chunks)


def count_chunk(task: Task, first: int, stop: int) -> Tally:
    """Count the histories from `first` up to, but not including, `stop`."""
    return added(task.tally(number) for number in range(first, stop))


def _counted(
    task: Task, chunks: list[tuple[int, int]], jobs: int | None, cluster: str | None = None
) -> Iterator[tuple[tuple[int, int], Tally]]:
    """Yield chunks as they are finished. The task is sent only once: loading its data may take longer than counting."""
    if not chunks:
        return
    workers = jobs if cluster is not None else min(jobs or os.cpu_count() or 1, len(chunks))
    with executor_of(workers, cluster) as executor:
        yield from executor.run(_count, task, chunks)


def _count(task: Task, chunk: tuple[int, int]) -> Tally:
    return count_chunk(task, *chunk)


def _path(folder: Path, chunk: tuple[int, int]) -> Path:
    return folder / f"{chunk[0]:06d}-{chunk[1]:06d}.json"


def _kept(folder: Path | None, chunk: tuple[int, int]) -> Tally | None:
    """Read a stored chunk; a damaged one counts as missing."""
    if folder is None:
        return None
    try:
        return tally_of_json(json.loads(_path(folder, chunk).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _keep(folder: Path | None, chunk: tuple[int, int], one: Tally) -> None:
    if folder is not None:
        with suppress(BacktestError):  # if it cannot be stored, the next call counts again
            write_page(_path(folder, chunk), json.dumps(one.to_json()) + "\n")
