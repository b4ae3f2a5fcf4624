"""The file of the ledger: lines are added at its end by one process at a time, and nothing else is ever done to it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from backtest.errors import BacktestError
from backtest.files import read_file
from backtest.format import plural
from backtest.ledger.chain import DAMAGE, Chain, Fault, read_chain, sealed
from backtest.ledger.shape import shaped
from backtest.locks import locked
from backtest.untyped import Json

FILE = "ledger.jsonl"
"""In the root of the workspace, where 'clean' removes nothing."""
LOCK = ".ledger.lock"
"""Held while a line is written; it holds the number and the seal of the last line, so that its loss is noticed."""
WAIT = 10.0
"""Seconds to wait for another process; writing a line takes milliseconds."""
PAUSE = 0.002
MOST = 256_000_000
"""Most bytes of a ledger, half a million lines."""
LOST = "is missing: {} had been written"
OTHER = "is not the line that was written there"

Add = Callable[[Chain], Json | None]
"""Given the lines so far, what to add; None adds nothing."""


def read_book(root: Path) -> Chain:
    """Read and check the ledger of a workspace; without a ledger, the chain is empty.

    Raises
    ------
    OSError
        It is there and cannot be read.
    """
    return _checked(root, _last_written(root))


def add_line(root: Path, add: Add) -> Chain:
    """Add a line to the ledger, safe on disk when this returns; return all lines, with the new one.

    A line that a killed process left unfinished is cut off first: what it counts was never shown.

    Parameters
    ----------
    root : Path
        The workspace.
    add : callable
        Given the lines so far, the content of the next one; None adds nothing. It is called while the ledger is
        locked: no other line comes in between.

    Raises
    ------
    BacktestError
        Another process holds the ledger.
    OSError
        The line cannot be written; the ledger is as it was.
    """
    try:
        with locked(root / LOCK, WAIT, PAUSE) as lock:
            chain = _checked(root, _parsed(os.read(lock, 200)))
            content = add(chain)
            if content is None:
                return chain
            line, entry = sealed(content | _damage(chain), chain)
            _write(root / FILE, chain, line)
            _note_last(lock, entry)
    except TimeoutError as error:
        raise BacktestError(
            f"{root / FILE}: another process has been writing it for {WAIT:.0f} seconds.", "Try again."
        ) from error
    grown = (*chain.entries, entry)
    return replace(
        chain, entries=grown, lines=chain.lines + 1, number=entry["line"], seal=entry["sha256"], torn=0, unended=False
    )


def _note_last(lock: int, entry: Json) -> None:
    """Note which line was written last; the line itself is safe, and without the note only its loss goes unnoticed."""
    with suppress(OSError):
        os.ftruncate(lock, 0)
        os.lseek(lock, 0, os.SEEK_SET)
        os.write(lock, f"{entry['line']} {entry['sha256']}\n".encode())


def _damage(chain: Chain) -> Json:
    """Return what the next line holds of lines that are lost: once it is written, nothing else tells of them."""
    found = [str(fault) for fault in chain.faults if fault.lost]
    return {DAMAGE: found} if found else {}


def _checked(root: Path, last: tuple[int, str] | None) -> Chain:
    """Read the ledger; it must hold the line that was written last."""
    try:
        chain = read_chain(read_file(root / FILE, MOST))
    except FileNotFoundError:
        chain = Chain()
    found = None if last is None else _lost(chain, *last)
    chain = shaped(chain)
    return chain if found is None else replace(chain, faults=(*chain.faults, found))


def _lost(chain: Chain, number: int, seal: str) -> Fault | None:
    """Return what is wrong if the line that was written last is not there; an altered one is a fault already."""
    if chain.number < number:
        return Fault(chain.number + 1, LOST.format(plural(number, "line")), lost=True)
    seals = {entry["line"]: entry["sha256"] for entry in chain.entries} | {chain.number: chain.seal}
    return None if seals.get(number, seal) == seal else Fault(number, OTHER, lost=True)


def _write(path: Path, chain: Chain, line: bytes) -> None:
    """Write a line after the complete ones, whole or not at all."""
    new = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        os.ftruncate(file, chain.whole)
        os.lseek(file, chain.whole, os.SEEK_SET)
        try:
            rest = b"\n" + line if chain.unended else line
            while rest:
                rest = rest[os.write(file, rest) :]
            os.fsync(file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, chain.whole)
            raise
    finally:
        os.close(file)
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file safe on disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _last_written(root: Path) -> tuple[int, str] | None:
    try:
        return _parsed(read_file(root / LOCK, MOST)[:200])
    except OSError:
        return None


def _parsed(text: bytes) -> tuple[int, str] | None:
    """Read the number and the seal of the last line; None for a file that does not hold them."""
    number, _, seal = text.decode("ascii", errors="replace").partition(" ")
    known = seal.strip()
    return (int(number), known) if number.isdecimal() and len(known) == 64 else None
