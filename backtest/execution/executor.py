"""The interface of all executors, the one that needs no other process, and results in the order of their pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

Shared = TypeVar("Shared")
Piece = TypeVar("Piece")
Result = TypeVar("Result")
MOST_LOSSES = 3
"""Times that the worker of a piece may be lost; whatever is lost more often would be lost again."""


class Executor(Protocol):
    """Computes pieces of work that depend on nothing but themselves and what they share."""

    @property
    def workers(self) -> int:
        """How many pieces are computed at the same time."""

    def run(
        self, work: Callable[[Shared, Piece], Result], shared: Shared, pieces: Iterable[Piece]
    ) -> Iterator[tuple[Piece, Result]]:
        """Yield each piece with what `work` makes of it, as they are finished, in any order.

        Parameters
        ----------
        work : callable
            A function of a module, so that it can be pickled.
        shared : object
            Its first argument, the same for all pieces: sent to each worker once.
        pieces : iterable
            Its second argument, taken one by one as workers become free: an interrupt waits only for what has begun.

        Raises
        ------
        ExecutionRefused
            The worker of one piece was lost too often, or the cluster cannot be reached any more.
        """


class Serial:
    """Computes one piece after another in this process."""

    workers = 1

    def run(
        self, work: Callable[[Shared, Piece], Result], shared: Shared, pieces: Iterable[Piece]
    ) -> Iterator[tuple[Piece, Result]]:
        """Yield each piece with what `work` makes of it, in order."""
        return ((piece, work(shared, piece)) for piece in pieces)


def in_order(
    executor: Executor,
    work: Callable[[Shared, Piece], Result],
    shared: Shared,
    pieces: Sequence[Piece],
    tell: Callable[[], None] | None = None,
) -> Iterator[Result]:
    """Yield what `work` makes of each piece, in the order of the pieces, whichever was finished first.

    Parameters
    ----------
    executor, work, shared, pieces
        As of `Executor.run`.
    tell : callable, optional
        Called whenever a piece is finished.
    """
    waiting: dict[int, Result] = {}
    next_one = 0
    for (number, _), result in executor.run(_of_numbered, (work, shared), enumerate(pieces)):
        waiting[number] = result
        if tell is not None:
            tell()
        while next_one in waiting:
            yield waiting.pop(next_one)
            next_one += 1


def _of_numbered(shared: tuple[Callable[[Shared, Piece], Result], Shared], numbered: tuple[int, Piece]) -> Result:
    work, given = shared
    return work(given, numbered[1])
