"""Standard output and standard error that cannot stop a command: it does its work, and then says what was lost.

A reader that has gone (``backtest run streak5 | head``) is no fault. A full disk or a closed stream is one: the command
still records what it computes, then ends with status 1 and names the stream.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, TextIO

from backtest.errors import one_line

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

NAMES = {1: "standard output", 2: "standard error"}
GONE = (errno.EPIPE, errno.EINVAL)
"""What writing to a pipe without a reader gives; on Windows EINVAL."""


class Forgiving(io.FileIO):
    """A stream that takes what cannot be written, and keeps the first reason."""

    def __init__(self, number: int, lost: OSError | None = None) -> None:
        super().__init__(number, "w", closefd=False)
        self.lost = lost

    def write(self, content: ReadableBuffer, /) -> int:
        """Write, or drop what cannot be written; all that follows is dropped, too."""
        if self.lost is None:
            try:
                return super().write(content)
            except OSError as error:
                self.lost = error
        return memoryview(content).nbytes


class Streams:
    """The two streams of this process.

    Attributes
    ----------
    raw : dict of int to Forgiving
        Each stream that was replaced, by its number. A console of Windows and a stream that a test has put in place
        stay as they are.
    """

    def __init__(self) -> None:
        self.raw: dict[int, Forgiving] = {}

    def forgive(self) -> None:
        """Replace both streams; a closed one gets a number of its own, which no file that is opened later can take."""
        closed = _occupied()
        for number, name in ((1, "stdout"), (2, "stderr")):
            stream: TextIO | None = getattr(sys, name)
            if stream is not getattr(sys, f"__{name}__") or not (stream is None or _is_file(stream)):
                continue
            if stream is None and number not in closed:
                continue  # a process without a console
            lost = OSError(errno.EBADF, "it is closed") if number in closed else None
            self.raw[number] = Forgiving(number, lost)
            setattr(sys, name, _text(self.raw[number], stream))

    def lost(self, number: int) -> str:
        """Return why output was lost; empty if it was not, or if only its reader has gone."""
        error = self.raw[number].lost if number in self.raw else None
        return "" if error is None or error.errno in GONE else str(error.strerror or error)

    def failed(self, number: int) -> bool:
        """Return whether what was printed so far is lost."""
        stream: TextIO = sys.stdout if number == 1 else sys.stderr
        stream.flush()
        return bool(self.lost(number))

    def refusal(self) -> str:
        """Return the line that says what was lost; empty if all was written."""
        why = [f"{NAMES[number]}: {self.lost(number)}" for number in NAMES if self.failed(number)]
        if not why:
            return ""
        return one_line(f"{'; '.join(why)}. What was to be printed there is lost; the command itself has ended.")


streams = Streams()


def _occupied() -> list[int]:
    """Give each closed stream to the null device; return the numbers of those that were closed."""
    closed = []
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            closed.append(number)
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one
    return closed


def _is_file(stream: TextIO) -> bool:
    buffer = getattr(stream, "buffer", None)
    return type(getattr(buffer, "raw", buffer)) is io.FileIO  # unbuffered (python -u), there is no buffer between


def _text(raw: Forgiving, old: TextIO | None) -> TextIO:
    buffer = io.BufferedWriter(raw)
    if not isinstance(old, io.TextIOWrapper):
        return io.TextIOWrapper(buffer, encoding="utf-8", errors="backslashreplace")
    old.flush()
    return io.TextIOWrapper(
        buffer,
        encoding=old.encoding,
        errors=old.errors,
        line_buffering=old.line_buffering,
        write_through=old.write_through,
    )
