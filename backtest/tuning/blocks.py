"""The joint null of a search in blocks: event sets at one horizon, their sizes under every shift in one file or array.

A block depends on nothing but its circle and its events. So blocks are computed in any order and in any number of
processes, and one that is stored need not be computed again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from backtest.errors import StudyRefused
from backtest.execution.local_processes import local_executor
from backtest.files import write_file
from backtest.inference.circle import Circle
from backtest.inference.neighbouring_sets import looks_along
from backtest.model import Ints

SETS = 256
"""Event sets in a block."""
IN_MEMORY = 64_000_000
"""Sizes that are kept in memory, a quarter of a gigabyte; more of them go into files."""
WORTH_PROCESSES = 4_000
"""Looks that take longer than to start a second process."""
SIZE = np.dtype("<f4")


class Result(NamedTuple):
    """The result of a block, in single precision.

    Attributes
    ----------
    heads : ndarray of shape (n_sets, 2)
        Each set's number of shifts that give at least the size observed, which single precision holds exactly, and that
        size; zeros where it has no event with a complete window.
    rows : ndarray of shape (n_sets, M + 1) or None
        The number and the sizes under every shift; None where they are stored in a file.
    """

    heads: np.ndarray
    rows: np.ndarray | None


@dataclass(frozen=True, eq=False)
class Block:
    """Some event sets at one horizon.

    Attributes
    ----------
    circle : Circle
        The circle, of M sessions.
    column : int
        The horizon.
    sets : list of int
        The numbers of the event sets.
    day0 : list of ndarray
        Their session positions.
    path : Path or None
        Where the result is stored; None keeps it in memory.
    """

    circle: Circle
    column: int
    sets: list[int]
    day0: list[Ints]
    path: Path | None = None

    @property
    def bytes(self) -> int:
        """Of the result: for each set a count and M sizes."""
        return len(self.sets) * (len(self.circle) + 1) * SIZE.itemsize

    @property
    def stored(self) -> bool:
        """Whether the result is stored, and whole."""
        return self.path is not None and self.path.is_file() and self.path.stat().st_size == self.bytes

    def read(self) -> Result:
        """Read a stored result."""
        assert self.path is not None
        rows = np.fromfile(self.path, SIZE).reshape(len(self.sets), -1)
        return Result(rows[:, :2].copy(), None)


class Rows:
    """The results of blocks: for each event set at a horizon its own p, and its sizes under every shift.

    Parameters
    ----------
    blocks : sequence of Block
        All blocks of a search.
    results : dict of int to Result
        The result of each block, by its number.
    """

    def __init__(self, blocks: Sequence[Block], results: Mapping[int, Result]) -> None:
        self._blocks, self._results = blocks, results
        self._where = {
            (number, block.column): (i, row) for i, block in enumerate(blocks) for row, number in enumerate(block.sets)
        }

    def p_value(self, number: int, column: int) -> float:
        """Return its own p; NaN where nothing was tried."""
        i, row = self._where[number, column]
        count = int(self._results[i].heads[row, 0])
        return count / len(self._blocks[i].circle) if count else float("nan")

    def observed(self, number: int, column: int) -> float:
        """Return the size observed; NaN where nothing was tried."""
        i, row = self._where[number, column]
        head = self._results[i].heads[row]  # without a size where the circle is empty: nothing was tried there
        return float(head[1]) if head[0] else float("nan")

    def length(self, number: int, column: int) -> int:
        """Return M."""
        return len(self._blocks[self._where[number, column][0]].circle)

    def sizes(self, number: int, column: int) -> np.ndarray:
        """Return the sizes under every shift, shape (M,)."""
        i, row = self._where[number, column]
        rows, path = self._results[i].rows, self._blocks[i].path
        if rows is not None or path is None:
            return np.zeros(0, SIZE) if rows is None else rows[row, 1:]
        m = len(self._blocks[i].circle)
        return np.fromfile(path, SIZE, m, offset=(row * (m + 1) + 1) * SIZE.itemsize)


def blocks_of(circles: Sequence[Sequence[Circle]], day0: Sequence[Sequence[Ints]], folder: Path | None) -> list[Block]:
    """Divide event sets into blocks.

    Parameters
    ----------
    circles : sequence of sequence of Circle
        The circles of each base rate, one a horizon.
    day0 : sequence of sequence of ndarray
        The event sets of each base rate, neighbours beside one another; they are numbered in this order.
    folder : Path or None
        Where results are stored.
    """
    blocks: list[Block] = []
    begin = 0
    for row, events in zip(circles, day0, strict=True):
        for column, circle in enumerate(row):
            for first in range(0, len(events), SETS):
                last = min(first + SETS, len(events))
                path = None if folder is None else folder / f"{len(blocks):06d}.sizes"
                numbers = list(range(begin + first, begin + last))
                blocks.append(Block(circle, column, numbers, list(events[first:last]), path))
        begin += len(events)
    return blocks


def computed(blocks: Sequence[Block], jobs: int, tell: Callable[[int], None]) -> Rows:
    """Compute every block that is not stored.

    Parameters
    ----------
    blocks : sequence of Block
        As `blocks_of` divides them.
    jobs : int
        Processes; with several, every block has a path.
    tell : callable
        Called with the number of looks computed or found stored, whenever it has grown.
    """
    numbers = {id(block): i for i, block in enumerate(blocks)}
    results = {i: block.read() for i, block in enumerate(blocks) if block.stored}
    left = [block for i, block in enumerate(blocks) if i not in results]
    done = sum(len(blocks[i].sets) for i in results)
    tell(done)
    for block, result in local_executor(min(jobs, len(left))).run(_computed, None, left):
        results[numbers[id(block)]] = result
        done += len(block.sets)
        tell(done)
    return Rows(blocks, results)


def _computed(_shared: None, block: Block) -> Result:
    return compute_block(block)


def compute_block(block: Block) -> Result:
    """Compute a block, and store it whole or not at all, if it has a path."""
    circle, m = replace(block.circle), len(block.circle)  # what a circle keeps for its transforms goes with the block
    rows = np.zeros((len(block.sets), m + 1), dtype=SIZE)
    if m:
        for row, look in zip(rows, looks_along(circle, [circle.ranks(one) for one in block.day0]), strict=True):
            if len(look.sizes):
                row[0], row[1:] = round(look.p_value * m), look.sizes
    if block.path is None:
        return Result(rows[:, :2], rows)
    write_file(block.path, rows.tobytes())
    return Result(rows[:, :2].copy(), None)


@contextmanager
def folder_for(sizes: int, folder: Path | None, jobs: int) -> Iterator[Path | None]:
    """Yield where results are stored: the given folder, a temporary one, or None where memory is enough."""
    if folder is not None or (sizes <= IN_MEMORY and jobs == 1):
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="backtest-tune-") as temporary:
        yield Path(temporary)


def check_room(folder: Path | None, sizes: int) -> None:
    """Refuse a search whose results the disk cannot hold, whatever of them is stored already.

    Raises
    ------
    StudyRefused
        There is less room than they take.
    """
    if folder is None:
        return
    stored = sum(path.stat().st_size for path in folder.glob("*.sizes"))
    needed, free = sizes * SIZE.itemsize - stored, shutil.disk_usage(folder).free
    if needed > free:
        raise StudyRefused(
            f"the sizes under all shifts take {needed / 1e9:,.1f} GB, and {folder} has room for {free / 1e9:,.1f} GB.",
            "Coarsen the grid, or --set measure.horizons to fewer.",
        )
