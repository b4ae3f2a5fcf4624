"""What waits for another machine is done in other threads: Ctrl-C does not wait for an answer that may not come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Event, Thread
from threading import enumerate as threads
from typing import TypeVar

T = TypeVar("T")
AT_A_TIME = 8
"""Threads: they mostly wait, and each may hold some megabytes."""
NAME = "waits for another machine"
"""The name of such a thread."""


def far_away(do: Callable[[], T], within: float | None = None) -> T:
    """Do one thing, and return its result; an interrupt leaves it behind, and so does the end of `within` seconds.

    Raises
    ------
    TimeoutError
        It was not done `within` that time.
    """
    return next(all_far_away([lambda _stopped: do()], within))


def anybody_waits() -> bool:
    """Return whether something still waits that nobody wants any more."""
    return any(one.name == NAME for one in threads())


def all_far_away(tasks: Sequence[Callable[[Event], T]], within: float | None = None) -> Iterator[T]:
    """Do several things at the same time, and yield their results in order; the first error is raised.

    `within` limits the seconds that each result is waited for. Each task is given an event that says whether it is no
    longer wanted. The threads are no pool's, which the process would wait for when it ends.
    """
    stopped, waiting = Event(), SimpleQueue[tuple[Callable[[Event], T], Future[T]]]()
    results = [Future[T]() for _ in tasks]
    for task in zip(tasks, results, strict=True):
        waiting.put(task)
    try:
        for _ in range(min(AT_A_TIME, len(tasks))):
            Thread(target=_work, name=NAME, args=(waiting, stopped), daemon=True).start()
        for result in results:
            yield result.result(within)
    finally:
        stopped.set()


def _work(waiting: SimpleQueue[tuple[Callable[[Event], T], Future[T]]], stopped: Event) -> None:
    while not stopped.is_set():
        try:
            do, result = waiting.get_nowait()
        except Empty:
            return
        try:
            result.set_result(do(stopped))
        except BaseException as error:  # noqa: BLE001  whoever waits for the result raises it
            result.set_exception(error)
