"""A chain of lines: each is sealed with its own SHA-256, and holds the seal of the line before it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from backtest.files import sha256_of
from backtest.untyped import Json

START = "0" * 64
"""What the first line holds in place of the seal of a line before it."""
SEAL = b',"sha256":"'
"""What stands before the seal, which is the last value of a line."""
END = b'"}'
DIGITS = 64
CUT = "is not an entry: it was cut or overwritten"
ALTERED = "was altered: its SHA-256 is not that of its content"
UNLINKED = "does not follow the line before it, which was altered or replaced"
NOTES = "notes damage that was found before it was written: {}"
DAMAGE = "damage"
"""The key under which a line holds the damage that was found before it was written."""
SAYS = "says that it is line {}: a line was removed, added or moved"


@dataclass(frozen=True)
class Fault:
    """What is wrong at a line, counted from 1."""

    line: int
    why: str
    lost: bool = False
    """Whether it is known only from what stands beside the chain."""

    def __str__(self) -> str:
        return f"line {self.line} {self.why}"


@dataclass(frozen=True)
class Chain:
    """The lines of a file.

    Attributes
    ----------
    entries : tuple of dict
        The lines that are sealed as they were written, in their order.
    faults : tuple of Fault
        What is not as it was written; empty for an intact chain.
    lines : int
        Complete lines.
    number : int
        The number of the last line, which is that of lines unless some were removed.
    seal : str
        The seal of the last line, which the next one holds.
    whole : int
        Bytes of the complete lines.
    torn : int
        Bytes after them, of a line whose writing was interrupted.
    unended : bool
        Whether the last line is complete but for the end of its line.
    """

    entries: tuple[Json, ...] = ()
    faults: tuple[Fault, ...] = ()
    lines: int = 0
    number: int = 0
    seal: str = START
    whole: int = 0
    torn: int = 0
    unended: bool = False


def sealed(content: Json, after: Chain) -> tuple[bytes, Json]:
    """Return the next line of a chain, and the entry that it holds.

    Parameters
    ----------
    content : dict
        Plain JSON values.
    after : Chain
        The lines so far.
    """
    numbered = {"line": after.number + 1, **content, "previous": after.seal}
    body = json.dumps(numbered, separators=(",", ":"), allow_nan=False)
    seal = sha256_of(body.encode())
    return f'{body[:-1]},"sha256":"{seal}"}}\n'.encode(), {**numbered, "sha256": seal}


def read_chain(data: bytes) -> Chain:
    """Read and check the content of a file; a line that was interrupted in its writing is no fault."""
    lines = data.split(b"\n")
    tail = lines.pop()
    unended = bool(tail) and _is_intact(tail)
    if unended:
        lines.append(tail)
    entries: list[Json] = []
    faults: list[Fault] = []
    number = 1
    seal: str | None = START  # None after a line that cannot be read
    for line, (entry, own, why) in enumerate(map(_read, lines), start=1):
        if why:
            faults.append(Fault(line, why))
        if entry is None:
            number, seal = number + 1, None
            continue
        if entry.get("line") != number:
            faults.append(Fault(line, SAYS.format(entry.get("line"))))
        elif seal is not None and entry.get("previous") != seal and not why:
            faults.append(Fault(line, UNLINKED))
        if entry.get(DAMAGE):
            faults.append(Fault(line, NOTES.format("; ".join(entry[DAMAGE]))))
        if not why:
            entries.append(entry)
        number, seal = _number(entry, line) + 1, own
    torn = 0 if unended else len(tail)
    last = START if not lines else seal or sha256_of(lines[-1])
    return Chain(tuple(entries), tuple(faults), len(lines), number - 1, last, len(data) - torn, torn, unended)


def _number(entry: Json, line: int) -> int:
    number = entry.get("line")
    return number if isinstance(number, int) else line


def _is_intact(line: bytes) -> bool:
    entry, _, why = _read(line)
    return entry is not None and not why


def _read(line: bytes) -> tuple[Json | None, str, str]:
    """Return the entry of a line, its seal, and what is wrong with it."""
    body, mark, rest = line.rpartition(SEAL)
    seal = rest.removesuffix(END).decode(errors="replace")
    if not (mark and rest.endswith(END) and len(seal) == DIGITS):
        return None, "", CUT
    why = "" if sha256_of(body + b"}") == seal else ALTERED
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None, seal, CUT
    return (entry, seal, why) if isinstance(entry, dict) else (None, seal, CUT)
