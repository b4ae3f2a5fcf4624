"""Pieces of work in several processes: whichever is finished comes first, and stopping loses none that was begun."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, TypeVar

Piece = TypeVar("Piece")
Result = TypeVar("Result")
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""One thread per process: there is one process per core."""


def in_processes(
    work: Callable[[Piece], Result],
    pieces: Iterable[Piece],
    jobs: int,
    begin: Callable[..., None] | None = None,
    given: tuple[Any, ...] = (),
) -> Iterator[tuple[Piece, Result]]:
    """Yield each piece with what `work` makes of it, as they are finished.

    Parameters
    ----------
    work : callable
        A function of a module, so that it can be pickled.
    pieces : iterable
        Taken one by one, only as many as can run at once: stopping waits for no others. They can be pickled.
    jobs : int
        Processes; at least 1.
    begin, given
        Called once in each process, and with what: data that all pieces need are sent only once.
    """
    left = iter(pieces)
    # A forked process would inherit threads' locks; a new one imports what it needs. All start with their first piece.
    with _one_thread_each(), _interrupts_left_to_the_parent():
        pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), begin, given)
        begun = _submitted(pool, work, itertools.islice(left, jobs))
    try:
        while begun:
            # Not `as_completed`: its generator ends here unfinished, and Ctrl-C while it is cleaned up would be lost.
            future = next(iter(wait(begun, return_when=FIRST_COMPLETED).done))
            yield begun.pop(future), future.result()
            begun |= _submitted(pool, work, itertools.islice(left, 1))
    except KeyboardInterrupt:
        for future, piece in begun.items():
            yield piece, future.result()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _submitted(
    pool: ProcessPoolExecutor, work: Callable[[Piece], Result], pieces: Iterable[Piece]
) -> dict[Future[Result], Piece]:
    return {pool.submit(work, piece): piece for piece in pieces}


@contextmanager
def _interrupts_left_to_the_parent() -> Iterator[None]:
    """Make processes that start now ignore Ctrl-C: the parent receives it, and lets what was begun finish."""
    if threading.current_thread() is not threading.main_thread():  # signals can only be set in the main thread
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
