"""Pieces of work in several processes of this machine: a process that is lost costs time, and no result."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.queues import Queue
from types import FrameType
from typing import Any, Generic

from backtest.errors import ExecutionRefused
from backtest.execution.executor import MOST_LOSSES, Executor, Piece, Result, Serial, Shared

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""One thread per process: there is one process per core."""


@dataclass(eq=False)
class _Begun(Generic[Piece]):
    piece: Piece
    losses: int = 0


class LocalProcesses:
    """Computes pieces in processes of this machine.

    The system may kill a process, for lack of memory for one. Then all of them are replaced, and whatever they were
    computing is computed again.

    Parameters
    ----------
    workers : int
        Processes; at least 1.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(
        self, work: Callable[[Shared, Piece], Result], shared: Shared, pieces: Iterable[Piece]
    ) -> Iterator[tuple[Piece, Result]]:
        """Yield each piece with what `work` makes of it, as they are finished; see `Executor.run`."""
        waiting = (_Begun(piece) for piece in pieces)
        processes = _Processes(self.workers, work, shared)
        begun: dict[Future[Any], _Begun[Piece]] = {}
        try:
            processes.begin(itertools.islice(waiting, self.workers), begun)
            while begun:
                # Not `as_completed`: its generator ends here unfinished, and Ctrl-C while it is cleaned up is lost.
                future = next(iter(wait(begun, return_when=FIRST_COMPLETED).done))
                if isinstance(future.exception(), BrokenProcessPool):
                    processes.replace(begun)
                    continue
                yield begun.pop(future).piece, future.result()
                processes.begin(itertools.islice(waiting, 1), begun)
        except KeyboardInterrupt:
            for future, one in begun.items():
                if not isinstance(future.exception(), BrokenProcessPool):
                    yield one.piece, future.result()
            raise
        finally:
            processes.end()


class _Processes(Generic[Shared, Piece]):
    """A pool that is replaced when it breaks."""

    def __init__(self, workers: int, work: Callable[[Shared, Piece], Any], shared: Shared) -> None:
        self._workers, self._given = workers, pickle.dumps((work, shared))
        self._context = multiprocessing.get_context("spawn")
        self._start()

    def begin(self, pieces: Iterable[_Begun[Piece]], begun: dict[Future[Any], _Begun[Piece]]) -> None:
        # A forked process would inherit threads' locks; a new one imports what it needs. Each starts with its piece.
        with _one_thread_each(), _interrupts_left_to_the_parent():
            for one in pieces:
                try:
                    begun[self._pool.submit(_of_given, one.piece)] = one
                except BrokenProcessPool as error:
                    failed: Future[Any] = Future()
                    failed.set_exception(error)
                    begun[failed] = one

    def replace(self, begun: dict[Future[Any], _Begun[Piece]]) -> None:
        """Compute again what was lost with the pool; what it had finished stays.

        Raises
        ------
        ExecutionRefused
            The process of one piece was lost too often.
        """
        lost = [future for future in begun if future.done() and isinstance(future.exception(), BrokenProcessPool)]
        again = [begun.pop(future) for future in lost]
        for one in again:
            one.losses += 1
        if any(one.losses > MOST_LOSSES for one in again):
            raise ExecutionRefused(
                f"a worker process was lost {MOST_LOSSES + 1} times in the same piece of work: it was killed, most "
                "likely for lack of memory, or could not start.",
                "Use fewer workers, or a machine with more memory; a program that starts workers must be a file with "
                'if __name__ == "__main__": around its call.',
            )
        self.end()
        self._start()
        self.begin(again, begun)

    def end(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._sent.close()

    def _start(self) -> None:
        # Not as the arguments of the processes: where one dies before it reads them, its parent would write for ever.
        self._sent: Queue[bytes] = self._context.Queue()
        self._sent.cancel_join_thread()
        for _ in range(self._workers):
            self._sent.put(self._given)
        self._pool = ProcessPoolExecutor(self._workers, self._context, _take, (self._sent,))


_GIVEN: list[Any] = []
"""In a worker: the function and what all pieces share, sent only once because it may be large; bytes at first."""


def _take(sent: Queue[bytes]) -> None:
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _GIVEN[:] = [sent.get()]


def _end_with_the_parent() -> None:
    """End this process when its parent does, however that ends: it would wait for work, or for a reader, for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _of_given(piece: Piece) -> Any:  # noqa: ANN401  whatever the function returns
    if len(_GIVEN) == 1:
        # Not as the process starts: what cannot be loaded is an error of the piece, not a lost process.
        _GIVEN[:] = pickle.loads(_GIVEN[0])
    work, shared = _GIVEN
    return work(shared, piece)


def local_executor(workers: int) -> Executor:
    """Return an executor of this machine; with one worker it needs no other process."""
    return LocalProcesses(workers) if workers > 1 else Serial()


@contextmanager
def _interrupts_left_to_the_parent() -> Iterator[None]:
    """Make processes that start now pass over Ctrl-C: the parent receives it, and lets what was begun finish.

    One that comes meanwhile comes again at the end. Processes inherit what is blocked, but no handler.
    """
    if threading.current_thread() is not threading.main_thread():  # signals can only be set in the main thread
        yield
        return
    came = False

    def later(_number: int, _frame: FrameType | None) -> None:
        nonlocal came
        came = True

    before = signal.signal(signal.SIGINT, later)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if sys.platform != "win32" else set()
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)


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
