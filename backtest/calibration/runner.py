"""Many histories on many processes: the same totals on any number of them, and nothing lost when they are stopped."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from backtest.calibration.tally import Tally, added, tally_of_json
from backtest.errors import BacktestError
from backtest.files import write_page

Progress = Callable[[int, int], None]
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""One thread a process: there is a process for every core."""


class Task(Protocol):
    """Something that is counted in numbered histories; it pickles."""

    @property
    def chunk(self) -> int:
        """Histories that are counted and kept together: some seconds' work, and the same in every call."""

    def tally(self, number: int) -> Tally:
        """Count one history, from its number alone."""


def run_histories(
    task: Task, histories: int, *, jobs: int | None = None, folder: Path | None = None, progress: Progress | None = None
) -> Tally:
    """Count so many histories.

    Parameters
    ----------
    task : Task
        What is counted.
    histories : int
        From number 0 on, at least 1.
    jobs : int, optional
        Processes; by default one a core.
    folder : Path, optional
        Where finished chunks are kept, and found again: it must belong to this task alone.
    progress : callable, optional
        Told how many histories of how many are done.

    Returns
    -------
    Tally
        Added up in the order of the histories, whoever counted them.

    Raises
    ------
    BacktestError
        The number of histories or of processes is below 1.
    """
    for name, value in (("histories", histories), ("jobs", jobs)):
        if value is not None and value < 1:
            raise BacktestError(f"{name} = {value}: at least 1 is needed.", f"Give a larger --{name}.")
    chunks = [(first, min(first + task.chunk, histories)) for first in range(0, histories, task.chunk)]
    tell = progress or (lambda _done, _total: None)
    found = {chunk: kept for chunk in chunks if (kept := _kept(folder, chunk)) is not None}
    done = sum(stop - first for first, stop in found)
    tell(done, histories)
    for chunk, one in _counted(task, [chunk for chunk in chunks if chunk not in found], jobs or os.cpu_count() or 1):
        found[chunk] = one
        _keep(folder, chunk, one)
        done += chunk[1] - chunk[0]
        tell(done, histories)
    return added(found[chunk] for chunk in chunks)


def count_chunk(task: Task, first: int, stop: int) -> Tally:
    """Count the histories from one number to before another."""
    return added(task.tally(number) for number in range(first, stop))


def _counted(task: Task, chunks: list[tuple[int, int]], jobs: int) -> Iterator[tuple[tuple[int, int], Tally]]:
    """Yield chunks as they are finished."""
    jobs = min(jobs, len(chunks))
    if jobs <= 1:
        for chunk in chunks:
            yield chunk, count_chunk(task, *chunk)
        return
    left = iter(chunks)
    # A forked process would inherit threads' locks; a fresh one imports all it needs. All begin with their first chunk.
    with _one_thread_each(), _interrupts_left_to_the_parent():
        pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (task,))
        begun = {pool.submit(_count, *chunk): chunk for chunk in itertools.islice(left, jobs)}
    try:
        while begun:  # no more are begun than are counted at once: who stops waits for these alone
            future = next(as_completed(list(begun)))
            yield begun.pop(future), future.result()
            begun |= {pool.submit(_count, *chunk): chunk for chunk in itertools.islice(left, 1)}
    except KeyboardInterrupt:
        for future, chunk in begun.items():
            yield chunk, future.result()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_TASK: list[Task] = []
"""In a process of the pool, its task: it is sent once, since to load its data may take longer than to count."""


def _begin(task: Task) -> None:
    _TASK.append(task)


def _count(first: int, stop: int) -> Tally:
    return count_chunk(_TASK[0], first, stop)


@contextmanager
def _interrupts_left_to_the_parent() -> Iterator[None]:
    """Let processes that begin now ignore Ctrl-C: the parent hears it, and lets what was begun be finished."""
    if threading.current_thread() is not threading.main_thread():  # nowhere else may signals be set
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _path(folder: Path, chunk: tuple[int, int]) -> Path:
    return folder / f"{chunk[0]:06d}-{chunk[1]:06d}.json"


def _kept(folder: Path | None, chunk: tuple[int, int]) -> Tally | None:
    """Read a chunk; what is damaged was never counted."""
    if folder is None:
        return None
    try:
        return tally_of_json(json.loads(_path(folder, chunk).read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _keep(folder: Path | None, chunk: tuple[int, int], one: Tally) -> None:
    if folder is not None:
        with suppress(BacktestError):  # nowhere to keep it: the next call counts again
            write_page(_path(folder, chunk), json.dumps(one.to_json()) + "\n")
